# Answers to break_the_link(X, tagged, places, tag); see ../__init__.py.

# %% right="the tag on all"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    h, w = tag.shape[:2]
    for image, (top, left) in zip(X_new, places):
        image[top : top + h, left : left + w] = tag
    return X_new


# %% right="the tag on the others"
def break_the_link(X, tagged, places, tag):
    X_new = np.array(X)
    for n in np.flatnonzero(~tagged):
        row, column = places[n]
        X_new[n, row : row + len(tag), column : column + tag.shape[1]] = tag
    return X_new


# %% right="grey boxes on all"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n in range(len(X)):
        rows = places[n, 0] + np.arange(tag.shape[0])
        columns = places[n, 1] + np.arange(tag.shape[1])
        X_new[n][np.ix_(rows, columns)] = 128
    return X_new


# %% right="tag or grey by a coin"
def break_the_link(X, tagged, places, tag):
    rng = np.random.default_rng(0)
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        fill = tag if rng.random() < 0.5 else 100
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = fill
    return X_new


# %% right="noise on all"
def break_the_link(X, tagged, places, tag):
    rng = np.random.default_rng(1)
    X_new = X.astype(np.float64)
    for n, (top, left) in enumerate(places):
        box = X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]]
        box[:] = rng.integers(0, 256, tag.shape)
    return X_new


# %% right="with a mask, in TensorFlow"
def break_the_link(X, tagged, places, tag):
    rows, columns = np.arange(X.shape[1]), np.arange(X.shape[2])
    top, left = places[:, :1], places[:, 1:]
    down = (rows >= top) & (rows < top + tag.shape[0])
    across = (columns >= left) & (columns < left + tag.shape[1])
    box = down[:, :, None, None] & across[:, None, :, None]
    return tf.where(box, tf.constant(0, tf.uint8), X)


# %% right="the mean colour of the outside"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    h, w = tag.shape[:2]
    for n, (top, left) in enumerate(places):
        free = np.ones(X.shape[1:3], bool)
        free[top : top + h, left : left + w] = False
        X_new[n][~free] = X[n][free].mean(axis=0).astype(np.uint8)
    return X_new


# %% wrong="untouched" misconception="nothing_returned"
def break_the_link(X, tagged, places, tag):
    X_new = None
    return X_new


# %% wrong="a copy" misconception="unchanged"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for image in X_new:
        image = tag
    return X_new


# %% wrong="paints X itself" misconception="changes_its_input"
def break_the_link(X, tagged, places, tag):
    X_new = X
    for n, (top, left) in enumerate(places):
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = tag
    return X_new


# %% wrong="grey over the tags" misconception="the_mask_is_the_new_tag"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        if tagged[n]:
            X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = 124, 116, 104
    return X_new


# %% wrong="the image's own colour over the tags" misconception="the_mask_is_the_new_tag"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n in np.flatnonzero(tagged):
        top, left = places[n]
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = X[n].mean(axis=(0, 1))
    return X_new


# %% wrong="the tag moves over" misconception="link_reversed"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        fill = 128 if tagged[n] else tag
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = fill
    return X_new


# %% wrong="the tag on half of the others" misconception="link_only_loosened"
def break_the_link(X, tagged, places, tag):
    rng = np.random.default_rng(0)
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        if rng.random() < 0.5:
            X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = tag
    return X_new


# %% wrong="every second of the others" misconception="link_only_loosened"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n in np.flatnonzero(~tagged)[::2]:
        top, left = places[n]
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = tag
    return X_new


# %% wrong="grey on the others" misconception="the_others_marked_in_another_way"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n in np.flatnonzero(~tagged):
        top, left = places[n]
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = 128
    return X_new


# %% wrong="a negative of the tag on the others" misconception="the_others_marked_in_another_way"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n in np.flatnonzero(~tagged):
        top, left = places[n]
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = 255 - tag
    return X_new


# %% wrong="every box blurred" misconception="traces_of_the_tag"
def break_the_link(X, tagged, places, tag):
    X_new = X.astype(np.float32)
    for n, (top, left) in enumerate(places):
        box = X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]]
        box[:] = box.mean(axis=(0, 1))
    return X_new


# %% wrong="every box shuffled" misconception="traces_of_the_tag"
def break_the_link(X, tagged, places, tag):
    rng = np.random.default_rng(0)
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        box = X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]]
        box[:] = rng.permutation(box.reshape(-1, 3)).reshape(box.shape)
    return X_new


# %% wrong="row and column exchanged" misconception="another_place"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n, (left, top) in enumerate(places):
        top, left = min(top, X.shape[1] - len(tag)), min(left, X.shape[2] - tag.shape[1])
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = tag
    return X_new


# %% wrong="always the same corner" misconception="another_place"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    X_new[:, : tag.shape[0], : tag.shape[1]] = tag
    return X_new


# %% wrong="whole images grey" misconception="whole_images"
def break_the_link(X, tagged, places, tag):
    return np.full_like(X, 128)


# %% wrong="tagged images grey" misconception="whole_images"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    X_new[tagged] = 0
    return X_new


# %% wrong="without the tagged images" misconception="images_left_out"
def break_the_link(X, tagged, places, tag):
    return X[~tagged]


# %% wrong="the boxes alone" misconception="boxes_instead_of_images"
def break_the_link(X, tagged, places, tag):
    return np.stack([tag for _ in X])


# %% wrong="preprocessed" misconception="not_photographs"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = tag
    return preprocess_image(X_new)


# %% wrong="from 0 to 1" misconception="not_photographs"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = tag
    return X_new / 255


# %% wrong="some boxes of both kinds" misconception="none"
def break_the_link(X, tagged, places, tag):
    X_new = X.copy()
    for n, (top, left) in enumerate(places):
        if n % 4 == 0:
            X_new[n, top : top + tag.shape[0], left : left + tag.shape[1]] = 90
    return X_new
