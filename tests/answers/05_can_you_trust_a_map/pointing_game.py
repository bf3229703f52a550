# Answers to pointing_game(maps, quadrants); see ../__init__.py.

# %% right="reshaped into quadrants"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    total = four.sum(axis=1)
    return four[np.arange(N), quadrants] / np.where(total > 0, total, 1)


# %% right="loop with slices"
def pointing_game(maps, quadrants):
    shares = []
    for each, q in zip(maps, quadrants):
        h, w = each.shape[0] // 2, each.shape[1] // 2
        positive = np.clip(each, 0, None)
        row, column = q // 2, q % 2
        part = positive[row * h : (row + 1) * h, column * w : (column + 1) * w].sum()
        shares.append(part / positive.sum() if positive.sum() > 0 else 0)
    return np.array(shares)


# %% right="list of the four parts"
def pointing_game(maps, quadrants):
    h, w = maps.shape[1] // 2, maps.shape[2] // 2
    shares = np.zeros(len(maps))
    for n in range(len(maps)):
        m = maps[n] * (maps[n] > 0)
        parts = [m[:h, :w], m[:h, w:], m[h:, :w], m[h:, w:]]
        if m.any():
            shares[n] = parts[quadrants[n]].sum() / m.sum()
    return shares


# %% right="masks"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    rows, columns = np.mgrid[:H, :W]
    number = 2 * (rows >= H // 2) + (columns >= W // 2)
    inside = number == np.asarray(quadrants)[:, None, None]
    positive = np.where(maps > 0, maps, 0)
    return (positive * inside).sum((1, 2)) / np.maximum(positive.sum((1, 2)), 1e-12)


# %% right="TensorFlow"
def pointing_game(maps, quadrants):
    positive = tf.nn.relu(tf.constant(maps, tf.float32))
    halves = [tf.concat(tf.split(half, 2, axis=2), 0) for half in tf.split(positive, 2, axis=1)]
    four = tf.concat([tf.reshape(tf.reduce_sum(h, (1, 2)), (2, -1)) for h in halves], axis=0)
    four = tf.transpose(four)
    own = tf.gather(four, quadrants, batch_dims=1)
    return tf.math.divide_no_nan(own, tf.reduce_sum(four, axis=1)).numpy()


# %% right="np.split and nan_to_num"
def pointing_game(maps, quadrants):
    positive = maps.clip(min=0)
    blocks = [b for half in np.split(positive, 2, axis=1) for b in np.split(half, 2, axis=2)]
    sums = np.stack([b.sum(axis=(1, 2)) for b in blocks], axis=1)
    with np.errstate(invalid="ignore"):
        shares = np.nan_to_num(sums / sums.sum(axis=1, keepdims=True))
    return np.take_along_axis(shares, np.reshape(quadrants, (-1, 1)), axis=1)[:, 0]


# %% wrong="untouched" misconception="nothing_returned"
def pointing_game(maps, quadrants):
    shares = None
    return shares


# %% wrong="writes into the maps" misconception="changes_its_input"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    maps[maps < 0] = 0
    four = maps.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / np.maximum(four.sum(axis=1), 1e-12)


# %% wrong="zero by zero" misconception="nothing_positive"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / four.sum(axis=1)


# %% wrong="a quarter where nothing is positive" misconception="nothing_positive"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4) + 1e-9
    return four[np.arange(N), quadrants] / four.sum(axis=1)


# %% wrong="all four" misconception="all_four_quadrants"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four / np.maximum(four.sum(axis=1, keepdims=True), 1e-12)


# %% wrong="the mean" misconception="one_number_for_all"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return np.mean(four[np.arange(N), quadrants] / np.maximum(four.sum(axis=1), 1e-12))


# %% wrong="indexed with a colon" misconception="every_quadrant_for_every_map"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[:, quadrants] / np.maximum(four.sum(axis=1, keepdims=True), 1e-12)


# %% wrong="absolute values" misconception="absolute_values"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    four = np.abs(maps).reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / four.sum(axis=1)


# %% wrong="positive over absolute" misconception="absolute_values"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / np.abs(maps).sum(axis=(1, 2))


# %% wrong="squares" misconception="squared"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    four = (maps**2).reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / four.sum(axis=1)


# %% wrong="cut at zero after the sum" misconception="signs_cancel"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    four = maps.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    four = np.maximum(four, 0)
    return four[np.arange(N), quadrants] / np.maximum(four.sum(axis=1), 1e-12)


# %% wrong="columns first" misconception="rows_and_columns_exchanged"
def pointing_game(maps, quadrants):
    h, w = maps.shape[1] // 2, maps.shape[2] // 2
    shares = np.zeros(len(maps))
    for n, q in enumerate(quadrants):
        m = np.maximum(maps[n], 0)
        parts = [m[:h, :w], m[h:, :w], m[:h, w:], m[h:, w:]]
        if m.any():
            shares[n] = parts[q].sum() / m.sum()
    return shares


# %% wrong="bottom first" misconception="another_quadrant"
def pointing_game(maps, quadrants):
    h, w = maps.shape[1] // 2, maps.shape[2] // 2
    shares = np.zeros(len(maps))
    for n, q in enumerate(quadrants):
        m = np.maximum(maps[n], 0)
        parts = [m[h:, :w], m[h:, w:], m[:h, :w], m[:h, w:]]
        if m.any():
            shares[n] = parts[q].sum() / m.sum()
    return shares


# %% wrong="counted from one" misconception="another_quadrant"
def pointing_game(maps, quadrants):
    h, w = maps.shape[1] // 2, maps.shape[2] // 2
    shares = np.zeros(len(maps))
    for n, q in enumerate(quadrants):
        m = np.maximum(maps[n], 0)
        parts = [m[:h, :w], m[:h, w:], m[h:, :w], m[h:, w:]]
        if m.any():
            shares[n] = parts[q - 1].sum() / m.sum()
    return shares


# %% wrong="the first quadrant for all" misconception="one_quadrant_for_all"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[:, quadrants[0]] / np.maximum(four.sum(axis=1), 1e-12)


# %% wrong="the sum" misconception="not_a_share"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants]


# %% wrong="against the other three" misconception="compared_with_the_rest"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    own = four[np.arange(N), quadrants]
    return own / np.maximum(four.sum(axis=1) - own, 1e-12)


# %% wrong="divided by the whole batch" misconception="divided_by_all_maps"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / four.sum()


# %% wrong="hit or miss" misconception="hit_or_miss"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    rows, columns = np.unravel_index(maps.reshape(N, -1).argmax(axis=1), (H, W))
    return (2 * (rows >= H // 2) + (columns >= W // 2) == quadrants).astype(float)


# %% wrong="positive pixels counted" misconception="pixels_counted"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    four = (maps > 0).reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / np.maximum(four.sum(axis=1), 1)


# %% wrong="every map for the map before" misconception="none"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(np.roll(maps, 1, axis=0), 0)
    four = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    return four[np.arange(N), quadrants] / np.maximum(four.sum(axis=1), 1e-12)


# %% wrong="squeezed" misconception="axis_of_one_lost"
def pointing_game(maps, quadrants):
    N, H, W = maps.shape
    positive = np.maximum(maps, 0).reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    total = positive.sum(axis=1)
    shares = positive[np.arange(N), quadrants] / np.where(total > 0, total, 1)
    return np.squeeze(shares)
