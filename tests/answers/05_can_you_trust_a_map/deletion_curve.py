# Answers to deletion_curve(X, y, maps, model, baseline, counts); see ../__init__.py.

# %% right="a batch in each step"
def deletion_curve(X, y, maps, model, baseline, counts):
    N, H, W, C = X.shape
    order = np.argsort(-maps.reshape(N, -1), axis=1)
    changed, new = X.reshape(N, -1, C).copy(), baseline.reshape(N, -1, C)
    probabilities = np.zeros((N, len(counts)))
    for s, count in enumerate(counts):
        for n in range(N):
            changed[n, order[n, :count]] = new[n, order[n, :count]]
        scores = model(changed.reshape(X.shape))
        probabilities[:, s] = tf.nn.softmax(scores).numpy()[np.arange(N), y]
    return probabilities


# %% right="thresholds from the sorted values"
def deletion_curve(X, y, maps, model, baseline, counts):
    curves = []
    ascending = np.sort(maps.reshape(len(X), -1))
    for count in counts:
        limit = ascending[:, -count] if count else np.full(len(X), np.inf)
        keep = maps < limit[:, None, None]
        images = np.where(keep[..., None], X, baseline).astype("float32")
        scores = model(images)
        curves.append(tf.gather(tf.nn.softmax(scores), y, batch_dims=1))
    return tf.stack(curves, axis=1)


# %% right="ranks, and all points of an image as one batch"
def deletion_curve(X, y, maps, model, baseline, counts):
    out = []
    for image, label, each, new in zip(X, y, maps, baseline):
        rank = np.empty(each.size, int)
        rank[np.argsort(each.ravel())[::-1]] = np.arange(each.size)
        rank = rank.reshape(each.shape)
        batch = np.stack([np.where((rank < k)[..., None], new, image) for k in counts])
        out.append(tf.nn.softmax(model(batch), axis=1)[:, label].numpy())
    return np.array(out)


# %% right="masks multiplied"
def deletion_curve(X, y, maps, model, baseline, counts):
    N, H, W, _ = X.shape
    order = maps.reshape(N, -1).argsort(1)[:, ::-1]
    mask = np.ones((N, H * W), np.float32)
    result = np.empty((N, len(counts)), np.float32)
    for s, count in enumerate(counts):
        mask[np.arange(N)[:, None], order[:, :count]] = 0
        m = mask.reshape(N, H, W, 1)
        scores = model(m * X + (1 - m) * baseline).numpy()
        powers = np.exp(scores - scores.max(1, keepdims=True))
        result[:, s] = (powers / powers.sum(1, keepdims=True))[range(N), y]
    return result


# %% right="one image at a time, piece by piece"
def deletion_curve(X, y, maps, model, baseline, counts):
    N, H, W, C = X.shape
    X, baseline = np.copy(X), np.asarray(baseline)
    probabilities = []
    for n in range(N):
        rows, columns = np.unravel_index(np.argsort(-maps[n], axis=None), (H, W))
        pieces = zip(np.split(rows, counts[1:-1]), np.split(columns, counts[1:-1]))
        curve = [tf.nn.softmax(model(X[n : n + 1]))[0, y[n]]]
        for i, j in pieces:
            X[n, i, j] = baseline[n, i, j]
            curve.append(tf.nn.softmax(model(X[n : n + 1]))[0, y[n]])
        probabilities.append(curve)
    return np.array(probabilities)


# %% right="compiled, stable sort, by log softmax"
def deletion_curve(X, y, maps, model, baseline, counts):
    @tf.function
    def probability(images):
        return tf.exp(tf.nn.log_softmax(model(images)))

    order = np.argsort(-maps.reshape(len(X), -1), axis=1, kind="stable")
    ranks = np.argsort(order, axis=1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        images = tf.where(gone[..., None], baseline, X)
        curves.append(probability(images).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="untouched" misconception="nothing_returned"
def deletion_curve(X, y, maps, model, baseline, counts):
    probabilities = None
    return probabilities


# %% wrong="writes into the images" misconception="changes_its_input"
def deletion_curve(X, y, maps, model, baseline, counts):
    N, H, W, C = X.shape
    order = np.argsort(-maps.reshape(N, -1), axis=1)
    flat, new = X.reshape(N, -1, C), baseline.reshape(N, -1, C)
    probabilities = np.zeros((N, len(counts)))
    for s, count in enumerate(counts):
        for n in range(N):
            gone = order[n, :count]
            flat[n, gone] = new[n, gone]
        probabilities[:, s] = tf.nn.softmax(model(X)).numpy()[np.arange(N), y]
    return probabilities


# %% wrong="steps first" misconception="transposed"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.array(curves)


# %% wrong="begins with the first step" misconception="a_point_missing"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts[1:]:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="the mean curve" misconception="one_curve_for_all"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.mean(curves, axis=1)


# %% wrong="area" misconception="area_returned"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.mean(curves, axis=0)


# %% wrong="all classes" misconception="every_class"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        curves.append(tf.nn.softmax(model(np.where(gone[..., None], baseline, X))))
    return np.stack(curves, axis=1)


# %% wrong="the untouched image goes in" misconception="nothing_is_replaced"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        changed = np.where((ranks < count)[..., None], baseline, X)
        curves.append(tf.nn.softmax(model(X)).numpy()[np.arange(len(changed)), y])
    return np.transpose(curves)


# %% wrong="scores" misconception="scores_instead_of_probabilities"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(scores.numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="scores divided by their sum" misconception="scores_instead_of_probabilities"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X)).numpy()
        curves.append(scores[np.arange(len(X)), y] / scores.sum(axis=1))
    return np.transpose(curves)


# %% wrong="softmax over the images" misconception="softmax_over_the_wrong_axis"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores, axis=0).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="the best class of each step" misconception="best_class"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy().max(axis=1))
    return np.transpose(curves)


# %% wrong="the first label for all" misconception="first_label_for_all"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[:, y[0]])
    return np.transpose(curves)


# %% wrong="ascending order" misconception="least_important_first"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = maps.reshape(len(X), -1).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="keeps what should go" misconception="image_and_baseline_exchanged"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], X, baseline))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="backwards" misconception="reversed_curves"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts[::-1]:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="each step from the untouched image" misconception="not_cumulative"
def deletion_curve(X, y, maps, model, baseline, counts):
    N, H, W, C = X.shape
    order = np.argsort(-maps.reshape(N, -1), axis=1)
    new = baseline.reshape(N, -1, C)
    probabilities = np.zeros((N, len(counts)))
    for s, count in enumerate(counts):
        changed = X.reshape(N, -1, C).copy()
        for n in range(N):
            gone = order[n, counts[max(s - 1, 0)] : count]
            changed[n, gone] = new[n, gone]
        scores = model(changed.reshape(X.shape))
        probabilities[:, s] = tf.nn.softmax(scores).numpy()[np.arange(N), y]
    return probabilities


# %% wrong="the first step is taken at once" misconception="a_point_early_or_late"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in [*counts[1:], counts[-1]]:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="parts of the maximum" misconception="by_value_instead_of_rank"
def deletion_curve(X, y, maps, model, baseline, counts):
    curves = []
    for count in counts:
        gone = maps > (1 - count / maps[0].size) * maps.max(axis=(1, 2), keepdims=True)
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="argsort used as ranks" misconception="order_taken_for_ranks"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="argsort, ascending, used as ranks" misconception="order_taken_for_ranks"
def deletion_curve(X, y, maps, model, baseline, counts):
    order = np.argsort(maps.reshape(len(X), -1), axis=1).reshape(maps.shape)
    curves = np.zeros((len(X), len(counts)))
    for s, count in enumerate(counts):
        kept = order < order[0].size - count
        probabilities = tf.nn.softmax(model(np.where(kept[..., None], X, baseline)))
        curves[:, s] = probabilities.numpy()[np.arange(len(X)), y]
    return curves


# %% wrong="grey whatever the baseline" misconception="baseline_ignored"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        keep = ranks >= count
        scores = model(X * keep[..., None])
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="the order of the first map" misconception="first_image_for_all"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps[0].ravel()).argsort().argsort().reshape(maps[0].shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="one pixel a step" misconception="points_counted_instead_of_pixels"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for s in range(len(counts)):
        scores = model(np.where((ranks < s)[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="numbers instead of pixels" misconception="colours_ranked_separately"
def deletion_curve(X, y, maps, model, baseline, counts):
    N, H, W, C = X.shape
    spread = np.repeat(maps[..., None], C, axis=3).reshape(N, -1)
    order = np.argsort(-spread, axis=1)
    changed, new = X.reshape(N, -1).copy(), baseline.reshape(N, -1)
    probabilities = np.zeros((N, len(counts)))
    for s, count in enumerate(counts):
        for n in range(N):
            gone = order[n, :count]
            changed[n, gone] = new[n, gone]
        scores = model(changed.reshape(X.shape))
        probabilities[:, s] = tf.nn.softmax(scores).numpy()[np.arange(N), y]
    return probabilities


# %% wrong="divided by the first" misconception="scaled_curves"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    curves = np.transpose(curves)
    return curves / curves[:, :1]


# %% wrong="softmax twice" misconception="none"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves = []
    for count in counts:
        gone = ranks < count
        scores = tf.nn.softmax(tf.nn.softmax(model(np.where(gone[..., None], baseline, X))))
        curves.append(scores.numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="as many in each step" misconception="points_counted_instead_of_pixels"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    steps, curves = len(counts) - 1, []
    for s in range(steps + 1):
        gone = ranks < round(s * maps[0].size / steps)
        scores = model(np.where(gone[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)


# %% wrong="so many more each time" misconception="counts_added_up"
def deletion_curve(X, y, maps, model, baseline, counts):
    ranks = (-maps.reshape(len(X), -1)).argsort(1).argsort(1).reshape(maps.shape)
    curves, total = [], 0
    for count in counts:
        total += count
        scores = model(np.where((ranks < total)[..., None], baseline, X))
        curves.append(tf.nn.softmax(scores).numpy()[np.arange(len(X)), y])
    return np.transpose(curves)
