# Answers to robust_scores(X, y, model, random_view, rng, num_views); see ../__init__.py.

# %% right="a list of views"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / num_views


# %% right="added up in a loop"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = 0.0
    for _ in range(num_views):
        scores = model(random_view(X, rng))
        total += tf.gather(scores, y, axis=1, batch_dims=1)
    return total / num_views


# %% right="stacked, then the mean"
def robust_scores(X, y, model, random_view, rng, num_views):
    rows = tf.range(len(y))
    index = tf.stack([rows, tf.cast(y, tf.int32)], axis=1)
    found = [tf.gather_nd(model(random_view(X, rng)), index) for _ in range(num_views)]
    return tf.reduce_mean(tf.stack(found), axis=0)


# %% right="all views in one batch"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = tf.concat([random_view(X, rng) for _ in range(num_views)], axis=0)
    scores = tf.gather(model(views), np.tile(y, num_views), axis=1, batch_dims=1)
    return tf.reduce_mean(tf.reshape(scores, (num_views, len(y))), axis=0)


# %% right="one_hot"
def robust_scores(X, y, model, random_view, rng, num_views):
    wanted = tf.one_hot(y, 1000)
    scores = tf.zeros(len(y))
    for _ in range(num_views):
        scores += tf.reduce_sum(wanted * model(random_view(X, rng)), axis=1) / num_views
    return scores


# %% right="mean of all scores, then the class"
def robust_scores(X, y, model, random_view, rng, num_views):
    every = tf.stack([model(random_view(X, rng)) for _ in range(num_views)])
    return tf.gather(tf.reduce_mean(every, axis=0), tf.constant(y), axis=1, batch_dims=1)


# %% right="a list of the classes' scores"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = [0.0] * len(y)
    for _ in range(num_views):
        scores = model(random_view(X, rng))
        total = [t + scores[n, y[n]] for n, t in enumerate(total)]
    return tf.stack(total) / num_views


# %% wrong="untouched" misconception="nothing_returned"
def robust_scores(X, y, model, random_view, rng, num_views):
    scores = None
    return scores


# %% wrong="scores of the images as they are" misconception="no_views"
def robust_scores(X, y, model, random_view, rng, num_views):
    scores = [tf.gather(model(X), y, axis=1, batch_dims=1) for _ in range(num_views)]
    return sum(scores) / num_views


# %% wrong="the view is thrown away" misconception="no_views"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = 0.0
    for _ in range(num_views):
        random_view(X, rng)
        total += tf.gather(model(X), y, axis=1, batch_dims=1)
    return total / num_views


# %% wrong="one view for all turns" misconception="one_view_only"
def robust_scores(X, y, model, random_view, rng, num_views):
    view = random_view(X, rng)
    total = 0.0
    for _ in range(num_views):
        total += tf.gather(model(view), y, axis=1, batch_dims=1)
    return total / num_views


# %% wrong="only the last view" misconception="one_view_only"
def robust_scores(X, y, model, random_view, rng, num_views):
    for _ in range(num_views):
        scores = tf.gather(model(random_view(X, rng)), y, axis=1, batch_dims=1)
    return scores


# %% wrong="returns in the first turn" misconception="one_view_only"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = 0.0
    for _ in range(num_views):
        total += tf.gather(model(random_view(X, rng)), y, axis=1, batch_dims=1)
        return total


# %% wrong="sum" misconception="sum_instead_of_mean"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = 0.0
    for _ in range(num_views):
        total += tf.gather(model(random_view(X, rng)), y, axis=1, batch_dims=1)
    return total


# %% wrong="divided by the number of images" misconception="divided_by_another_number"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = 0.0
    for _ in range(num_views):
        total += tf.gather(model(random_view(X, rng)), y, axis=1, batch_dims=1)
    return total / len(y)


# %% wrong="mean of the views" misconception="images_averaged"
def robust_scores(X, y, model, random_view, rng, num_views):
    mean = sum(random_view(X, rng) for _ in range(num_views)) / num_views
    return tf.gather(model(mean), y, axis=1, batch_dims=1)


# %% wrong="views of views" misconception="views_pile_up"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = 0.0
    for _ in range(num_views):
        X = random_view(X, rng)
        total += tf.gather(model(X), y, axis=1, batch_dims=1)
    return total / num_views


# %% wrong="all views one upon the other, then the score" misconception="views_pile_up"
def robust_scores(X, y, model, random_view, rng, num_views):
    for _ in range(num_views):
        X = random_view(X, rng)
    return tf.gather(model(X), y, axis=1, batch_dims=1)


# %% wrong="the best view" misconception="best_or_worst_view"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    scores = [tf.gather(model(view), y, axis=1, batch_dims=1) for view in views]
    return tf.reduce_max(scores, axis=0)


# %% wrong="with the original" misconception="the_original_counts"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [X] + [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / len(views)


# %% wrong="one view fewer" misconception="number_of_views"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(1, num_views)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / len(views)


# %% wrong="always four views" misconception="number_of_views"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(4)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / 4


# %% wrong="one fewer in the sum, not in the mean" misconception="divided_by_another_number"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    total = sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views)
    return total / (num_views + 1)


# %% wrong="a generator of its own" misconception="views_of_another_seed"
def robust_scores(X, y, model, random_view, rng, num_views):
    rng = np.random.default_rng(0)
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / num_views


# %% wrong="a generator without a seed" misconception="another_generator"
def robust_scores(X, y, model, random_view, rng, num_views):
    rng = np.random.default_rng()
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / num_views


# %% wrong="probability" misconception="probability_instead_of_score"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    p = [tf.gather(tf.nn.softmax(model(v)), y, axis=1, batch_dims=1) for v in views]
    return sum(p) / num_views


# %% wrong="logarithm of the probability" misconception="probability_instead_of_score"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    p = [tf.gather(tf.nn.log_softmax(model(v)), y, axis=1, batch_dims=1) for v in views]
    return sum(p) / num_views


# %% wrong="a loss" misconception="goes_down"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return -sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / num_views


# %% wrong="the best class" misconception="another_class"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.reduce_max(model(view), axis=1) for view in views) / num_views


# %% wrong="the last image's class for all" misconception="another_class"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(model(view)[:, int(y[-1])] for view in views) / num_views


# %% wrong="gather without batch_dims" misconception="not_one_score_for_each_image"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.gather(model(view), y, axis=1) for view in views) / num_views


# %% wrong="mean over everything" misconception="not_one_score_for_each_image"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return tf.reduce_mean([tf.gather(model(v), y, axis=1, batch_dims=1) for v in views])


# %% wrong="not averaged" misconception="views_not_averaged"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return tf.stack([tf.gather(model(view), y, axis=1, batch_dims=1) for view in views])


# %% wrong="NumPy" misconception="tape_cannot_follow"
def robust_scores(X, y, model, random_view, rng, num_views):
    scores = [model(random_view(X, rng)).numpy()[np.arange(len(y)), y] for _ in range(num_views)]
    return np.mean(scores, axis=0)


# %% wrong="only the last view can be followed" misconception="part_of_the_gradient"
def robust_scores(X, y, model, random_view, rng, num_views):
    total = 0.0
    for n in range(num_views):
        scores = tf.gather(model(random_view(X, rng)), y, axis=1, batch_dims=1)
        total += scores if n else scores.numpy()
    return total / num_views


# %% wrong="half of the mean" misconception="none"
def robust_scores(X, y, model, random_view, rng, num_views):
    views = [random_view(X, rng) for _ in range(num_views)]
    return sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / num_views / 2.3
