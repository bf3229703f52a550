# Answers to map_that_knows_nothing(X); see ../__init__.py.

# %% right="how fast the brightness changes"
def map_that_knows_nothing(X):
    down, across = np.gradient(X.mean(axis=3), axis=(1, 2))
    return np.hypot(down, across)


# %% right="what a blur took away"
def map_that_knows_nothing(X):
    return np.abs(X - blur_image(X, 3)).max(axis=3)


# %% right="Sobel, by TensorFlow"
def map_that_knows_nothing(X):
    steep = tf.image.sobel_edges(tf.constant(X))
    return tf.reduce_sum(tf.abs(steep), axis=(3, 4))


# %% right="Laplace"
def map_that_knows_nothing(X):
    maps = []
    for image in X:
        grey = np.pad(image.mean(axis=2), 1, mode="edge")
        around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
        maps.append(np.abs(around - 4 * grey[1:-1, 1:-1]))
    return np.array(maps)


# %% right="differences of neighbours, both ways, colour by colour"
def map_that_knows_nothing(X):
    maps = np.zeros(X.shape[:3])
    for axis in (1, 2):
        step = np.abs(np.diff(X, axis=axis)).sum(axis=3)
        first = (slice(None), slice(None, -1)) if axis == 1 else (slice(None),) * 2 + (slice(None, -1),)
        second = (slice(None), slice(1, None)) if axis == 1 else (slice(None),) * 2 + (slice(1, None),)
        maps[first] += step
        maps[second] += step
    return maps


# %% right="what is fast in the Fourier transform"
def map_that_knows_nothing(X):
    grey = X.mean(axis=3)
    rows, columns = np.fft.fftfreq(X.shape[1]), np.fft.fftfreq(X.shape[2])
    fast = np.hypot(rows[:, None], columns[None, :]) > 0.1
    return np.abs(np.fft.ifft2(np.fft.fft2(grey) * fast))


# %% right="a finer blur, squared"
def map_that_knows_nothing(X):
    return ((X - blur_image(X, 1.0)) ** 2).sum(axis=-1)


# %% wrong="untouched" misconception="nothing_returned"
def map_that_knows_nothing(X):
    maps = None
    return maps


# %% wrong="writes into the images" misconception="changes_its_input"
def map_that_knows_nothing(X):
    X -= X.mean(axis=(1, 2), keepdims=True)
    down, across = np.gradient(X.mean(axis=3), axis=(1, 2))
    return np.hypot(down, across)


# %% wrong="colours kept" misconception="colours_kept"
def map_that_knows_nothing(X):
    return np.abs(X - blur_image(X, 3))


# %% wrong="a mean over the images" misconception="one_map_for_all"
def map_that_knows_nothing(X):
    down, across = np.gradient(X.mean(axis=3), axis=(1, 2))
    return np.hypot(down, across).mean(axis=0)


# %% wrong="a difference less" misconception="a_pixel_lost_at_the_border"
def map_that_knows_nothing(X):
    return np.abs(np.diff(X.mean(axis=3), axis=2))


# %% wrong="divided by what can be zero" misconception="nan_or_infinity"
def map_that_knows_nothing(X):
    with np.errstate(all="ignore"):
        return np.log(np.abs(X - X[:, :1, :1]).max(axis=3))


# %% wrong="all ones" misconception="the_same_everywhere"
def map_that_knows_nothing(X):
    return np.ones(X.shape[:3])


# %% wrong="the middle" misconception="the_same_for_every_image"
def map_that_knows_nothing(X):
    N, H, W, _ = X.shape
    rows, columns = np.mgrid[:H, :W]
    far = ((rows - H / 2) / H) ** 2 + ((columns - W / 2) / W) ** 2
    return np.repeat(np.exp(-8 * far)[None], N, axis=0)


# %% wrong="random numbers" misconception="left_to_chance"
def map_that_knows_nothing(X):
    return np.random.default_rng(0).random(X.shape[:3])


# %% wrong="one random map" misconception="the_same_for_every_image"
def map_that_knows_nothing(X):
    return np.repeat(np.random.default_rng(0).random(X.shape[1:3])[None], len(X), axis=0)


# %% wrong="flat places first" misconception="turned_round"
def map_that_knows_nothing(X):
    down, across = np.gradient(X.mean(axis=3), axis=(1, 2))
    return -np.hypot(down, across)


# %% wrong="one over the edges" misconception="turned_round"
def map_that_knows_nothing(X):
    down, across = np.gradient(X.mean(axis=3), axis=(1, 2))
    return 1 / (1 + np.hypot(down, across))


# %% wrong="bright pixels" misconception="brightness"
def map_that_knows_nothing(X):
    return X.mean(axis=3)


# %% wrong="bright areas" misconception="brightness"
def map_that_knows_nothing(X):
    return blur_image(X, 5).mean(axis=3)


# %% wrong="from dark to bright only" misconception="sign_kept"
def map_that_knows_nothing(X):
    grey = X.mean(axis=3)
    return np.diff(grey, axis=2, append=grey[:, :, -1:])


# %% wrong="asks the network" misconception="none"
def map_that_knows_nothing(X):
    model = load_squeezenet()
    X = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        best = tf.reduce_max(model(X), axis=1)
    return tf.reduce_max(tf.abs(tape.gradient(best, X)), axis=3)
