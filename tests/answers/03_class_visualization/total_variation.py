# Answers to total_variation(X); see ../__init__.py.

# %% right="slices"
def total_variation(X):
    down = X[:, 1:, :, :] - X[:, :-1, :, :]
    across = X[:, :, 1:, :] - X[:, :, :-1, :]
    return tf.reduce_sum(tf.square(down)) + tf.reduce_sum(tf.square(across))


# %% right="image by image"
def total_variation(X):
    total = 0.0
    for n in range(X.shape[0]):
        total += tf.reduce_sum((X[n, 1:] - X[n, :-1]) ** 2)
        total += tf.reduce_sum((X[n, :, 1:] - X[n, :, :-1]) ** 2)
    return total


# %% right="rolled, without the seam"
def total_variation(X):
    down = (tf.roll(X, -1, axis=1) - X)[:, :-1]
    across = (tf.roll(X, -1, axis=2) - X)[:, :, :-1]
    return tf.reduce_sum(down * down) + tf.reduce_sum(across * across)


# %% right="a convolution"
def total_variation(X):
    planes = tf.transpose(X, (0, 3, 1, 2))
    planes = tf.reshape(planes, (-1, X.shape[1], X.shape[2], 1))
    step = tf.constant([-1.0, 1.0])
    down = tf.nn.conv2d(planes, tf.reshape(step, (2, 1, 1, 1)), 1, "VALID")
    across = tf.nn.conv2d(planes, tf.reshape(step, (1, 2, 1, 1)), 1, "VALID")
    return tf.reduce_sum(down**2) + tf.reduce_sum(across**2)


# %% right="twice tf.nn.l2_loss"
def total_variation(X):
    return 2 * (tf.nn.l2_loss(X[:, 1:] - X[:, :-1]) + tf.nn.l2_loss(X[:, :, 1:] - X[:, :, :-1]))


# %% right="tf.image.image_gradients"
def total_variation(X):
    down, across = tf.image.image_gradients(X)  # the last row and column are 0
    return tf.reduce_sum(tf.square(tf.stack([down, across])))


# %% right="squared norms"
def total_variation(X):
    differences = [X[:, 1:] - X[:, :-1], X[:, :, 1:] - X[:, :, :-1]]
    return tf.add_n([tf.norm(d) ** 2 for d in differences])


# %% wrong="untouched" misconception="nothing_returned"
def total_variation(X):
    variation = None
    return variation


# %% wrong="sizes" misconception="not_squared"
def total_variation(X):
    return tf.reduce_sum(tf.abs(X[:, 1:] - X[:, :-1])) + tf.reduce_sum(
        tf.abs(X[:, :, 1:] - X[:, :, :-1])
    )


# %% wrong="tf.image.total_variation" misconception="more_than_one_number"
def total_variation(X):
    return tf.image.total_variation(X)


# %% wrong="tf.image.total_variation, added up" misconception="not_squared"
def total_variation(X):
    return tf.reduce_sum(tf.image.total_variation(X))


# %% wrong="neither square nor size" misconception="not_squared"
def total_variation(X):
    return tf.reduce_sum(X[:, 1:] - X[:, :-1]) + tf.reduce_sum(X[:, :, 1:] - X[:, :, :-1])


# %% wrong="sum, then square" misconception="square_of_the_sum"
def total_variation(X):
    return (
        tf.reduce_sum(X[:, 1:] - X[:, :-1]) ** 2 + tf.reduce_sum(X[:, :, 1:] - X[:, :, :-1]) ** 2
    )


# %% wrong="norm" misconception="square_root"
def total_variation(X):
    return tf.norm(X[:, 1:] - X[:, :-1]) + tf.norm(X[:, :, 1:] - X[:, :, :-1])


# %% wrong="isotropic, with a root" misconception="square_root"
def total_variation(X):
    down, across = X[:, 1:, :-1] - X[:, :-1, :-1], X[:, :-1, 1:] - X[:, :-1, :-1]
    return tf.reduce_sum(tf.sqrt(down**2 + across**2))


# %% wrong="mean" misconception="mean_instead_of_sum"
def total_variation(X):
    return tf.reduce_mean((X[:, 1:] - X[:, :-1]) ** 2) + tf.reduce_mean(
        (X[:, :, 1:] - X[:, :, :-1]) ** 2
    )


# %% wrong="over the number of images" misconception="mean_instead_of_sum"
def total_variation(X):
    total = tf.reduce_sum((X[:, 1:] - X[:, :-1]) ** 2)
    total += tf.reduce_sum((X[:, :, 1:] - X[:, :, :-1]) ** 2)
    return total / X.shape[0]


# %% wrong="tf.nn.l2_loss" misconception="half_or_twice"
def total_variation(X):
    return tf.nn.l2_loss(X[:, 1:] - X[:, :-1]) + tf.nn.l2_loss(X[:, :, 1:] - X[:, :, :-1])


# %% wrong="both neighbours of each pixel" misconception="half_or_twice"
def total_variation(X):
    down, across = X[:, 1:] - X[:, :-1], X[:, :, 1:] - X[:, :, :-1]
    up, back = X[:, :-1] - X[:, 1:], X[:, :, :-1] - X[:, :, 1:]
    return sum(tf.reduce_sum(each**2) for each in (up, down, back, across))


# %% wrong="down only" misconception="one_direction_only"
def total_variation(X):
    return tf.reduce_sum((X[:, 1:] - X[:, :-1]) ** 2)


# %% wrong="down twice" misconception="one_direction_only"
def total_variation(X):
    down = X[:, 1:] - X[:, :-1]
    across = X[:, 1:] - X[:, :-1]
    return tf.reduce_sum(down**2) + tf.reduce_sum(across**2)


# %% wrong="pixels with two neighbours only" misconception="border_left_out"
def total_variation(X):
    down, across = X[:, 1:, :-1] - X[:, :-1, :-1], X[:, :-1, 1:] - X[:, :-1, :-1]
    return tf.reduce_sum(down**2 + across**2)


# %% wrong="the last meets the first" misconception="last_meets_first"
def total_variation(X):
    return tf.reduce_sum((tf.roll(X, 1, 1) - X) ** 2) + tf.reduce_sum((tf.roll(X, 1, 2) - X) ** 2)


# %% wrong="first image only" misconception="one_image_only"
def total_variation(X):
    X = X[0]
    return tf.reduce_sum((X[1:] - X[:-1]) ** 2) + tf.reduce_sum((X[:, 1:] - X[:, :-1]) ** 2)


# %% wrong="axes one too early" misconception="wrong_axes"
def total_variation(X):
    return tf.reduce_sum((X[1:] - X[:-1]) ** 2) + tf.reduce_sum((X[:, 1:] - X[:, :-1]) ** 2)


# %% wrong="axes one too late" misconception="wrong_axes"
def total_variation(X):
    down, across = X[:, :, 1:] - X[:, :, :-1], X[:, :, :, 1:] - X[:, :, :, :-1]
    return tf.reduce_sum(down**2) + tf.reduce_sum(across**2)


# %% wrong="NumPy" misconception="tape_cannot_follow"
def total_variation(X):
    X = np.asarray(X)
    return np.sum(np.diff(X, axis=1) ** 2) + np.sum(np.diff(X, axis=2) ** 2)


# %% wrong="a Python number" misconception="tape_cannot_follow"
def total_variation(X):
    down, across = X[:, 1:] - X[:, :-1], X[:, :, 1:] - X[:, :, :-1]
    return float(tf.reduce_sum(down**2) + tf.reduce_sum(across**2))


# %% wrong="one number for each image" misconception="more_than_one_number"
def total_variation(X):
    down, across = X[:, 1:] - X[:, :-1], X[:, :, 1:] - X[:, :, :-1]
    return tf.reduce_sum(down**2, axis=(1, 2, 3)) + tf.reduce_sum(across**2, axis=(1, 2, 3))


# %% wrong="two pixels apart" misconception="pixels_two_apart"
def total_variation(X):
    down, across = X[:, 2:] - X[:, :-2], X[:, :, 2:] - X[:, :, :-2]
    return tf.reduce_sum(down**2) + tf.reduce_sum(across**2)


# %% wrong="product of the two directions" misconception="none"
def total_variation(X):
    down, across = X[:, 1:] - X[:, :-1], X[:, :, 1:] - X[:, :, :-1]
    return tf.reduce_sum(down**2) * tf.reduce_sum(across**2)


# %% wrong="as in Keras's style transfer" misconception="another_power"
def total_variation(X):
    a = tf.square(X[:, :-1, :-1] - X[:, 1:, :-1])
    b = tf.square(X[:, :-1, :-1] - X[:, :-1, 1:])
    return tf.reduce_sum(tf.pow(a + b, 1.25))


# %% wrong="fourth powers" misconception="another_power"
def total_variation(X):
    down = X[:, 1:] - X[:, :-1]
    across = X[:, :, 1:] - X[:, :, :-1]
    return tf.reduce_sum(down**4) + tf.reduce_sum(across**4)


# %% wrong="over height, width and colours" misconception="mean_instead_of_sum"
def total_variation(X):
    N, H, W, C = X.shape
    down = X[:, 1:] - X[:, :-1]
    across = X[:, :, 1:] - X[:, :, :-1]
    return (tf.reduce_sum(down**2) + tf.reduce_sum(across**2)) / (H * W * C)
