# Answers to create_class_visualization(X, target_y, model, update_step, rng, ...); see
# ../__init__.py.

# %% right="np.roll"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X


# %% right="in the order of CS231n"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    for t in range(num_iterations):
        ox, oy = rng.integers(0, max_jitter + 1), rng.integers(0, max_jitter + 1)
        X = np.roll(np.roll(X, ox, 1), oy, 2)
        X = np.array(update_step(X, model, target_y, l2_reg, learning_rate))
        X = np.roll(np.roll(X, -ox, 1), -oy, 2)
        for c in range(3):
            lowest = -SQUEEZENET_MEAN[c] / SQUEEZENET_STD[c]
            highest = (1.0 - SQUEEZENET_MEAN[c]) / SQUEEZENET_STD[c]
            X[..., c] = np.clip(X[..., c], lowest, highest)
        if t % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X


# %% right="CS231n's loop, with a variable"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    X = tf.Variable(X)
    for t in range(num_iterations):
        ox, oy = rng.integers(0, max_jitter + 1, 2)
        X = tf.roll(tf.roll(X, ox, 1), oy, 2)
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = tf.roll(tf.roll(X, -ox, 1), -oy, 2)
        X = tf.clip_by_value(X, -SQUEEZENET_MEAN / SQUEEZENET_STD, (1.0 - SQUEEZENET_MEAN) / SQUEEZENET_STD)
        if t % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X


# %% right="TensorFlow"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    X = tf.convert_to_tensor(X)
    black, white = -SQUEEZENET_MEAN / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(1, num_iterations + 1):
        down, across = (int(n) for n in rng.integers(0, max_jitter + 1, 2))
        X = tf.roll(X, (down, across), axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = tf.roll(X, (-down, -across), axis=(1, 2))
        X = tf.clip_by_value(X, black, white)
        if t % blur_every == 0:
            X = tf.constant(blur_image(X, 0.5))
    return X


# %% right="shifts to both sides, drawn beforehand"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    image = X.copy()
    black = preprocess_image(np.zeros((1, 1, 3)))
    white = preprocess_image(np.full((1, 1, 3), 255))
    shifts = rng.integers(-max_jitter, max_jitter, size=(num_iterations, 2), endpoint=True)
    for t, (a, b) in enumerate(shifts):
        moved = np.roll(image, (a, b), (1, 2))
        moved = update_step(moved, model, target_y, l2_reg, learning_rate).numpy()
        image = np.minimum(np.maximum(np.roll(moved, (-a, -b), (1, 2)), black), white)
        if t % blur_every == blur_every - 1:
            image = blur_image(image, 0.5)
    return image


# %% right="slices instead of roll"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    def shifted(X, down, across):
        H, W = X.shape[1:3]
        X = np.concatenate([X[:, H - down :], X[:, : H - down]], axis=1)
        return np.concatenate([X[:, :, W - across :], X[:, :, : W - across]], axis=2)

    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    H, W = X.shape[1:3]
    t = 0
    while t < num_iterations:
        down, across = rng.integers(max_jitter + 1), rng.integers(max_jitter + 1)
        X = shifted(X, down, across)
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = shifted(X, (H - down) % H, (W - across) % W)
        X = np.clip(X, black, white)
        t += 1
        if not t % blur_every:
            X = blur_image(X, sigma=0.5)
    return X


# %% right="blurs, then clips"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    for t in range(num_iterations):
        dy = int(rng.integers(0, max_jitter + 1))
        dx = int(rng.integers(0, max_jitter + 1))
        X = update_step(np.roll(X, (dy, dx), (1, 2)), model, target_y, l2_reg, learning_rate)
        X = np.roll(X, (-dy, -dx), (1, 2))
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
        X = X * SQUEEZENET_STD + SQUEEZENET_MEAN
        X = (np.clip(X, 0, 1) - SQUEEZENET_MEAN) / SQUEEZENET_STD
    return X


# %% right="blurs before the step"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        if t % blur_every == 0:
            X = blur_image(X, sigma=0.5)
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.clip(np.roll(X, -shift, axis=(1, 2)), black, white)
    return X


# %% wrong="untouched" misconception="nothing_returned"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    X_new = None
    return X_new


# %% wrong="X comes back" misconception="no_step_taken"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    return X


# %% wrong="returns in the first turn" misconception="number_of_iterations"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
        return X

# %% wrong="one step too many" misconception="number_of_iterations"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations + 1):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="a hundred steps in any case" misconception="number_of_iterations"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(100):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="starts from noise of its own" misconception="starts_from_another_image"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    X = rng.standard_normal(X.shape).astype(np.float32)
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="starts from zero" misconception="starts_from_another_image"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    X = np.zeros_like(X)
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="no jitter" misconception="no_jitter"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="the step is given the image before the shift" misconception="no_jitter"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        shifted = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="one shift for all" misconception="same_jitter_for_every_step"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    shift = rng.integers(0, max_jitter + 1, size=2)
    for t in range(num_iterations):
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="not shifted back" misconception="jitter_not_undone"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="shifted back in height only" misconception="jitter_not_undone"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift[0], axis=1)
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="shifted on instead of back" misconception="jitter_undone_wrongly"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="shifted back by another amount" misconception="jitter_undone_wrongly"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -rng.integers(0, max_jitter + 1, size=2), axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="height and width mixed up on the way back" misconception="jitter_undone_wrongly"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(2, 1))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="axes one too late" misconception="colours_shifted"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(2, 3))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(2, 3))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="axes one too early" misconception="jitter_in_one_direction"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(0, 1))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(0, 1))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="sixteen pixels in any case" misconception="jitter_too_far"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, 17, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="never clipped" misconception="not_clipped"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="clipped at the end only" misconception="not_clipped"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return np.clip(X, black, white)

# %% wrong="clipped to 0..1" misconception="range_of_pixels"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, 0, 1)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="clipped to -1..1" misconception="range_of_pixels"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, -1, 1)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="clipped to 0..255" misconception="range_of_pixels"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, 0, 255)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="the same range for every colour" misconception="range_of_pixels"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black.min(), white.max())
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="never blurred" misconception="never_blurred"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
    return X

# %% wrong="blurred image thrown away" misconception="never_blurred"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            blur_image(X, sigma=0.5)
    return X

# %% wrong="blur of sigma 1" misconception="width_of_the_blur"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X)
    return X

# %% wrong="blurred every time" misconception="rhythm_of_the_blur"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        X = blur_image(X, sigma=0.5)
    return X

# %% wrong="blurred in all other iterations" misconception="rhythm_of_the_blur"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="NumPy's global generator, as in CS231n" misconception="another_generator"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        ox, oy = np.random.randint(0, max_jitter + 1, 2)
        X = np.roll(X, (ox, oy), axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, (-ox, -oy), axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="a generator of its own" misconception="another_generator"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    chance = np.random.default_rng(0)
    for t in range(num_iterations):
        ox, oy = chance.integers(0, max_jitter + 1, 2)
        X = np.roll(X, (ox, oy), axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, (-ox, -oy), axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="the generator for the height alone" misconception="another_generator"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        ox, oy = rng.integers(0, max_jitter + 1), np.random.randint(0, max_jitter + 1)
        X = np.roll(X, (ox, oy), axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, (-ox, -oy), axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="blurred at the end only" misconception="rhythm_of_the_blur"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
    return blur_image(X, sigma=0.5)

# %% wrong="the step is thrown away" misconception="step_thrown_away"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        step = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X

# %% wrong="without the axis of the batch" misconception="image_of_another_shape"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X[0]

# %% wrong="a picture of bytes" misconception="none"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, model, target_y, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return deprocess_image(X)

# %% wrong="arguments in another order" misconception="none"
def create_class_visualization(
    X, target_y, model, update_step, rng, num_iterations=100, l2_reg=1e-3, learning_rate=25,
    max_jitter=16, blur_every=10,
):
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X = np.roll(X, shift, axis=(1, 2))
        X = update_step(X, target_y, model, l2_reg, learning_rate)
        X = np.roll(X, -shift, axis=(1, 2))
        X = np.clip(X, black, white)
        if (t + 1) % blur_every == 0:
            X = blur_image(X, sigma=0.5)
    return X
