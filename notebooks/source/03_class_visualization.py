# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Class visualisation
#
# What does a network think that a tarantula looks like? It cannot draw. But it can say, of any
# image, how the score for *tarantula* would change if a pixel changed a little. So start from
# noise, change every pixel in the direction that raises the score, and do it again, a hundred
# times. What comes out is a picture of what the network looks for.
#
# You will
#
# 1. implement one step of **gradient ascent** on an image (Simonyan, Vedaldi and Zisserman, 2014);
# 2. make a hundred steps give a picture that people can recognise too, with two simple tricks,
#    **jitter** and **blur**;
# 3. implement the **total variation**, which tells smooth images from noisy ones;
# 4. measure what each of them does to the score, and see how far a better basis than pixels goes.
#
# You fill in three cells, marked **TODO**; all others run as they are (until your answer is right,
# "Run all" stops at its check). Allow about an hour and a half. You need assignment 1, or at least
# the gradient of a score with respect to an image.

# %% [markdown]
# ## Set-up

# %%
import numpy as np

from cs231n_vis import (
    SQUEEZENET_MEAN,
    SQUEEZENET_STD,
    blur_image,
    check,
    deprocess_image,
    freeze,
    load_image,
    load_imagenet_val,
    load_squeezenet,
    preprocess_image,
    show_figure,
    tf,  # TensorFlow, without its start-up messages
)
from cs231n_vis.plots import images_figure

# %% [markdown]
# The network is that of assignment 1, from images (N, H, W, 3) to unnormalised scores (N, 1000).
# You will call it hundreds of times, so the next cell compiles it (`freeze`): the same layers and
# scores, but no gradients of the weights, which stay as they are; a step then takes a third of the
# time. The network takes images of other sizes than 224 × 224, too. Here they have 192 × 192
# pixels, which saves a quarter of the rest.

# %%
squeezenet = load_squeezenet()
model = freeze(squeezenet)

X_raw, y, class_names = load_imagenet_val()
scores = model(preprocess_image(X_raw)).numpy()[np.arange(len(y)), y]
print(f"scores of 20 photographs for their own classes: {scores.min():.0f} to {scores.max():.0f}")

# %% [markdown]
# ## One step
#
# Write $I$ for the image, $s_y(I)$ for the score of the class $y$ that we want to see. The picture
# we look for is
#
# $$I^* = \arg\max_I \; \bigl( s_y(I) - \lambda \lVert I \rVert_2^2 \bigr),
# \qquad \lVert I \rVert_2^2 = \sum_{i,j,k} I_{ijk}^2 .$$
#
# This is the definition in section 2 of
# [Simonyan et al. (2014)](https://arxiv.org/abs/1312.6034). The second term, an *L2
# regularisation*, keeps pixels from growing without end; after preprocessing, zero is a middle
# grey. Nobody can solve this in one go, but it can be climbed. One step of **gradient ascent** with
# a *normalised* gradient is
#
# $$I \;\leftarrow\; I + \alpha \, \frac{g}{\lVert g \rVert_2}
# \qquad\text{with}\qquad
# g = \frac{\partial}{\partial I} \Bigl( s_y(I) - \lambda \lVert I \rVert_2^2 \Bigr).$$
#
# The length of $g$ changes much on the way; thus normalised, every step has the same length, the
# learning rate $\alpha$.
#
# Some advice:
#
# * Mind the signs. In training you go *down* a loss; here you go *up*.
# * Both terms belong inside the tape, so that both are differentiated. What is computed with NumPy
#   the tape cannot see.
# * There are several ways to write $\lVert I \rVert_2^2$ in TensorFlow, and not all functions with
#   L2 in their name are it. Read what the one you take computes.
# * $\lVert g \rVert_2$ is one number for the whole image.


# %% answer="class_visualization_update_step"
def class_visualization_update_step(X, model, target_y, l2_reg, learning_rate):
    """
    Take one step of gradient ascent that raises the score of a class.

    Inputs:
    - X: a preprocessed image, float32 tensor of shape (1, H, W, 3)
    - model: a Keras model (or function) from images to unnormalised scores, shape (1, 1000); it
      stays as it is
    - target_y: the class whose score is to rise, an integer
    - l2_reg: strength of the L2 regularisation, lambda in the formula
    - learning_rate: length of the step, alpha in the formula

    Returns:
    - X_new: the image after the step, array or tensor of shape (1, H, W, 3)
    """
    X_new = None
    ###########################################################################
    # TODO: Compute the gradient of the objective with respect to the image,  #
    # normalise it, and make a step. Be careful about the signs.              #
    ###########################################################################
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        tape.watch(X)
        objective = model(X)[0, target_y] - l2_reg * tf.reduce_sum(X**2)
    gradient = tape.gradient(objective, X)
    X_new = (X + learning_rate * gradient / tf.norm(gradient)).numpy()
    ### END SOLUTION
    return X_new


# %% check="class_visualization_update_step" points=10
check.class_visualization_update_step(class_visualization_update_step)

# %% [markdown]
# ## A hundred steps
#
# Before you write the loop, look at what comes out of steps alone. We start from faint grey noise.

# %%
SIZE = 192


def noise(seed):
    """Faint noise around grey, preprocessed, shape (1, SIZE, SIZE, 3)."""
    random = np.random.default_rng(seed)
    return (0.3 * random.standard_normal((1, SIZE, SIZE, 3))).astype(np.float32)


def take_step(X, model, target_y, l2_reg, learning_rate):
    """Your step, from an image of any kind to an array; None while it is missing."""
    X = tf.constant(np.asarray(X, np.float32))
    X_new = class_visualization_update_step(X, model, target_y, l2_reg, learning_rate)
    return None if X_new is None else np.asarray(X_new, np.float32)


def score(X, target_y):
    return float(model(X)[0, target_y])


def name_seen(X):
    """What the network takes the image for."""
    return class_names[int(np.argmax(model(X)))]


# %% tags=["only-shows"]
TARANTULA, GORILLA = 76, 366

steps_alone = {}
for target_y in (TARANTULA, GORILLA):
    X = noise(0)
    for _ in range(40):
        if X is not None:
            X = take_step(X, model, target_y, 1e-3, 25)
    steps_alone[target_y] = X

if X is None:
    print("Fill in class_visualization_update_step above, then run this cell again.")
else:
    titles = [f"{class_names[c]}?\nscore {score(X, c):.0f}" for c, X in steps_alone.items()]
    pictures = np.concatenate([deprocess_image(X) for X in steps_alone.values()])
    alt = "Two pictures of loud coloured noise, made for the classes tarantula and gorilla."
    show_figure(images_figure(pictures, titles), alt)

# %% [markdown]
# Their scores are many times higher than those of the photographs. Yet people see little in them.
# About one number in fifty is darker than black or brighter than white, which no picture can show,
# and much of the score comes from there. Besides, much of the change is in tiny details, single
# pixels that happen to lie where the network's filters sit. Two tricks make such details useless:
#
# * **Jitter.** Before every step, shift the image by a random number of pixels, and after the step
#   shift it back. A detail that works in one place only is of no use then. What leaves the image on
#   one side comes back on the other, so nothing is lost.
# * **Blur.** Every few iterations, blur the image a little: small noise disappears, large shapes
#   stay ([Yosinski et al., 2015](https://arxiv.org/abs/1506.06579)).
#
# And one more thing belongs in the loop: cut off what is darker than black or brighter than white
# (**clipping**). Black is 0 before preprocessing and white is 255; `preprocess_image` divides by
# 255 first, so afterwards each *colour* has a range of its own,
# $\left[\frac{0 - \mu_k}{\sigma_k}, \frac{1 - \mu_k}{\sigma_k}\right]$ with the mean
# $\mu$ and the standard deviation $\sigma$ of `preprocess_image` (`SQUEEZENET_MEAN`,
# `SQUEEZENET_STD`, three numbers each).
#
# Each iteration thus is: shift, step, shift back, clip; and once in `blur_every` iterations, blur.
# Advice:
#
# * `np.roll(X, (a, b), axis=...)` shifts along two axes at once, and negative numbers shift back.
# * `rng.integers(low, high)` draws whole numbers; `high` is not among them. Because `rng` is passed
#   in, the same seed gives the same picture again.
# * The function that takes a step is passed in, too, as `update_step`. Call that one.


# %% answer="create_class_visualization"
def create_class_visualization(
    X,
    target_y,
    model,
    update_step,
    rng,
    num_iterations=100,
    l2_reg=1e-3,
    learning_rate=25,
    max_jitter=16,
    blur_every=10,
):
    """
    Make an image with a high score for a class.

    Inputs:
    - X: the image to start from, preprocessed, float32 array of shape (1, H, W, 3)
    - target_y: the class whose score is to rise, an integer
    - model: a Keras model (or function) from images to unnormalised scores; it stays as it is
    - update_step: a function that takes one step and returns the new image, called as
      update_step(X, model, target_y, l2_reg, learning_rate)
    - rng: a NumPy random generator (np.random.Generator), for the shifts
    - num_iterations: how many steps
    - l2_reg, learning_rate: for update_step
    - max_jitter: the greatest shift, in pixels, along the height and along the width
    - blur_every: blur with sigma=0.5 once in so many iterations

    Returns:
    - X_new: the image, array of shape (1, H, W, 3). X itself stays as it is
    """
    X_new = None
    ###########################################################################
    # TODO: In each iteration shift the image by two random numbers, take a   #
    # step, shift it back, and clip its pixels to the range from black to     #
    # white. Once in blur_every iterations, blur it with blur_image.          #
    ###########################################################################
    ### BEGIN SOLUTION
    black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD
    X_new = X
    for t in range(num_iterations):
        shift = rng.integers(0, max_jitter + 1, size=2)
        X_new = np.roll(X_new, shift, axis=(1, 2))
        X_new = update_step(X_new, model, target_y, l2_reg, learning_rate)
        X_new = np.roll(X_new, -shift, axis=(1, 2))
        X_new = np.clip(X_new, black, white)
        if (t + 1) % blur_every == 0:
            X_new = blur_image(X_new, sigma=0.5)
    ### END SOLUTION
    return X_new


# %% [markdown]
# There is no single right picture, so the next cell does not look at the picture. It gives your
# function an `update_step` of its own, which only adds some noise and remembers every image that it
# was given, and from these it works out what your function did in between.

# %% check="create_class_visualization" points=15
check.create_class_visualization(create_class_visualization)

# %% [markdown]
# Now watch a tarantula develop. Because your function can start from any image, a hundred
# iterations can be made in five parts.


# %% tags=["only-shows"]
def visualise(target_y, seed, model=model, num_iterations=60, **options):
    """A picture that starts from noise, or None while the answers are missing."""
    X = create_class_visualization(
        noise(seed),
        target_y,
        model,
        take_step,
        np.random.default_rng(seed),
        num_iterations,
        **options,
    )
    return None if X is None else np.asarray(X, np.float32)


def show_development(target_y, seed):
    rng, X = np.random.default_rng(seed), noise(seed)
    pictures, titles = [X], [f"start\nscore {score(X, target_y):.0f}"]
    for t in range(20, 101, 20):
        X = create_class_visualization(X, target_y, model, take_step, rng, num_iterations=20)
        if X is None:
            print("Fill in create_class_visualization above, then run this cell again.")
            return
        X = np.asarray(X, np.float32)
        pictures.append(X)
        titles.append(f"iteration {t}\nscore {score(X, target_y):.0f}")
    alt = f"Six pictures: noise turns into shapes of the class {class_names[target_y]}."
    show_figure(images_figure(deprocess_image(np.concatenate(pictures)), titles, 6), alt)


show_development(TARANTULA, seed=0)

# %% [markdown]
# Legs first, it seems. Now other classes; under each name stands what the network itself sees in
# the finished picture. Do you recognise them? Would you without the names?

# %% tags=["only-shows"]
gallery = {target_y: visualise(target_y, seed=1) for target_y in (TARANTULA, GORILLA, 340)}

if gallery[GORILLA] is None:
    print("Fill in create_class_visualization above, then run this cell again.")
else:
    titles = [
        f"{class_names[c]}: {score(X, c):.0f}\n(seen as {name_seen(X)})" for c, X in gallery.items()
    ]
    pictures = deprocess_image(np.concatenate(list(gallery.values())))
    alt = f"Pictures for the classes {', '.join(class_names[c] for c in gallery)}."
    show_figure(images_figure(pictures, titles), alt)

# %% [markdown]
# ## Total variation
#
# What hides the shapes in the first pictures is that neighbouring pixels differ so much. The
# **total variation** of a batch of images $I_n$ measures just this: the squares of all differences
# between a pixel and its neighbours below and to the right, added up,
#
# $$V(I) = \sum_{n,k} \Bigl( \sum_{i=1}^{H-1} \sum_{j=1}^{W}
# \bigl(I_{n,i+1,j,k} - I_{n,i,j,k}\bigr)^2
# + \sum_{i=1}^{H} \sum_{j=1}^{W-1} \bigl(I_{n,i,j+1,k} - I_{n,i,j,k}\bigr)^2 \Bigr).$$
#
# [Mahendran and Vedaldi (2015)](https://arxiv.org/abs/1412.0035) used it to recover images from
# what a network computes for them. Their definition has an exponent, $\beta$; ours is the one for
# $\beta = 2$, except that at the border we count every pair of neighbours.
#
# Advice: you need no loop. Two slices of `X`, one without its first row and one without its last,
# have the same shape. The tape must be able to follow, so use TensorFlow's functions.


# %% answer="total_variation"
def total_variation(X):
    """
    Compute the total variation of images: how much neighbouring pixels differ.

    Inputs:
    - X: images, float32 tensor of shape (N, H, W, 3)

    Returns:
    - variation: one number, a tensor of shape (), that can be differentiated
    """
    variation = None
    ###########################################################################
    # TODO: Add up the squares of all differences of neighbouring pixels, in  #
    # height and in width.                                                    #
    ###########################################################################
    ### BEGIN SOLUTION
    down = X[:, 1:] - X[:, :-1]
    across = X[:, :, 1:] - X[:, :, :-1]
    variation = tf.reduce_sum(down**2) + tf.reduce_sum(across**2)
    ### END SOLUTION
    return variation


# %% check="total_variation" points=10
check.total_variation(total_variation)

# %% [markdown]
# To use it, we need not touch the step. If we subtract $\lambda_V V(I)$ from *every* score, the
# step climbs $s_y(I) - \lambda_V V(I) - \lambda \lVert I \rVert_2^2$ by itself.
#
# The next cell compares four ways. The pictures *L2 only* are the first ones: 40 steps, without
# clipping. The others take 60 iterations, and the last has $\lambda = 0$. The column *as a photo*
# is the score of the picture as you see it, with whole numbers from 0 to 255.

# %% tags=["only-shows"]
TV_REG = 0.005


def smooth_model(X):
    """The scores of the network, each less the weighted total variation of the image."""
    return model(X) - TV_REG * tf.cast(total_variation(X), tf.float32)


NEVER = 1000  # more than there are iterations

if gallery[GORILLA] is None or total_variation(tf.zeros((1, 2, 2, 3))) is None:
    print("Fill in the answers above, then run this cell again.")
else:
    rows = {
        class_names[c]: [
            steps_alone[c],
            visualise(c, seed=1, blur_every=NEVER),
            gallery[c],
            visualise(c, seed=1, model=smooth_model, l2_reg=0, blur_every=NEVER),
        ]
        for c in (TARANTULA, GORILLA)
    }
    columns = ["L2 only", "L2, jitter", "L2, jitter, blur", "variation, jitter"]
    alt = "Tarantula and gorilla made in four ways: noise, then clearer and smoother shapes."
    pictures = deprocess_image(np.concatenate([X for row in rows.values() for X in row]))
    titles = [f"{name}:\n{column}" for name in rows for column in columns]
    show_figure(images_figure(pictures, titles, 4), alt)

    print(
        f"{'':29}{'score':>6}{'as a photo':>12}{'moved by 8':>12}{'seen then as':>22}"
        f"{'variation':>11}"
    )
    for (name, row), c in zip(rows.items(), (TARANTULA, GORILLA), strict=True):
        for column, X in zip(columns, row, strict=True):
            photo = preprocess_image(deprocess_image(X))
            moved = np.roll(X, (8, 8), axis=(1, 2))
            print(
                f"{name:10} {column:18}{score(X, c):6.0f}{score(photo, c):12.0f}"
                f"{score(moved, c):12.0f}{name_seen(moved):>22}"
                f"{float(total_variation(tf.constant(X))):11.0f}"
            )

# %% [markdown]
# ## A better basis than pixels
#
# In a photograph, coarse patterns are strong and fine ones are weak. A step in pixels knows nothing
# of this, and so we had to punish fine patterns. [Olah, Mordvintsev and Schubert
# (2017)](https://distill.pub/2017/feature-visualization/) turned the idea round: describe the image
# by its *waves* (its Fourier coefficients), scaled so that a step of a given size changes coarse
# waves much and fine ones little, and climb in these coordinates. The score, and what raises it,
# stay the same. The next cell is such a program. You need not follow every line of it; besides
# the waves it uses the optimiser Adam, and colours that are mixed as they are in photographs.


# %% tags=["only-shows"]
def visualise_in_waves(classes, num_iterations=60, learning_rate=0.03, max_jitter=16, seed=0):
    """One image for each class, preprocessed, shape (classes, SIZE, SIZE, 3)."""
    rng = np.random.default_rng(seed)
    classes = np.array(classes)
    frequency = np.hypot(np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE))
    strength = (SIZE / np.maximum(frequency, 1 / SIZE)).astype(np.float32)  # coarse waves: large
    waves = 0.01 * rng.standard_normal((2, len(classes), 3, *strength.shape))
    waves = tf.Variable(waves.astype(np.float32))  # real and imaginary parts

    values, vectors = np.linalg.eigh(np.cov(X_raw.reshape(-1, 3).T / 255))
    mix = vectors * np.sqrt(values) @ vectors.T  # of the colours: a root of their covariance
    mix = (mix / np.linalg.norm(mix, axis=0).max()).astype(np.float32)

    def image():
        pixels = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) * strength, [SIZE, SIZE]) / 4
        colours = tf.sigmoid(tf.transpose(pixels, (0, 2, 3, 1)) @ mix)  # from 0 to 1
        return (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD

    optimizer = tf.keras.optimizers.Adam(learning_rate)

    @tf.function
    def slope(shift):
        with tf.GradientTape() as tape:
            scores = model(tf.roll(image(), shift, axis=(1, 2)))
            loss = -tf.reduce_sum(tf.gather(scores, classes, axis=1, batch_dims=1))
        return tape.gradient(loss, waves)

    for _ in range(num_iterations):
        shift = tf.constant(rng.integers(0, max_jitter + 1, size=2))
        optimizer.apply_gradients([(slope(shift), waves)])
    return image().numpy()


classes = [TARANTULA, GORILLA, 340, 779]
X_waves = visualise_in_waves(classes)
titles = [
    f"{class_names[c]}\nscore {score(X[None], c):.0f}"
    for c, X in zip(classes, X_waves, strict=True)
]
names = ", ".join(class_names[c] for c in classes)
alt = f"Pictures climbed in waves: {names}; bodies, fur and stripes can be recognised."
show_figure(images_figure(deprocess_image(X_waves), titles, 4), alt)

# %% [markdown]
# ## Questions
#
# Write a sentence or two for each. They carry no points; they are what an examiner would ask.
#
# **1.** We raise the unnormalised score $s_y$. Why not the probability
# $p_y = e^{s_y} / \sum_k e^{s_k}$, which is what we care about when we use the network?

# %% [markdown] question="probability"
# The probability also rises when the scores of *other* classes fall, so the picture would partly
# show what those classes are not. And once $p_y$ is near 1 its gradient is near 0: there is nothing
# left to climb, although the picture might show the class better still. Simonyan et al. give the
# first reason.

# %% [markdown]
# **2.** In the table, the picture made by steps alone has by far the highest score. What happens to
# it when it is moved by 8 pixels, and what is its score as a photo? What does that tell you about
# "the higher the score, the better the picture"?

# %% [markdown] question="score"
# Moved by 8 pixels it loses about a third of its score, and the others lose little: it was
# fitted to the exact places where the filters sit. As a photo it keeps less than a quarter: the
# rest came from colours that no photograph can have. The score is what we maximise, not what we
# want. What we want is an image that a photograph could resemble, and there the score says
# little: with no image like it in training, the network was never told what to make of it.

# %% [markdown]
# **3.** There is often more than one spider in the picture, or a bit of gorilla in several places.
# Look at the last layers of SqueezeNet (`squeezenet.summary()`): how does it get from a map of
# places to one score? Why does that make several spiders better than one?

# %% [markdown] question="several"
# Its last layers compute a value of each class in every place, set negative ones to 0, and average
# over the places. Wherever there is room for another spider, it raises the mean, and nothing in the
# objective says that there is one animal in a photograph.

# %% [markdown]
# ## Things to try
#
# * **Start from a photograph** instead of noise: put its name into the next cell. Few iterations
#   with a small learning rate let a class appear in it.
# * Other classes: `class_names` has a thousand. Which come out well, which do not? What have they
#   in common? (Is a *school bus* only yellow?)
# * Vary `l2_reg`, `learning_rate`, `max_jitter` and `TV_REG` by factors of ten, one at a time.
# * Climb two scores at once, half gorilla, half zebra: like `smooth_model`, a function that returns
#   other scores is all you need.
# * In the waves, leave the jitter out (`max_jitter=0`). Which helped more, waves or jitter?

# %%
photo = None  # for example "holiday.jpg"

if photo is not None:
    mine = preprocess_image(load_image(photo)[None])
    rng = np.random.default_rng(0)
    dream = create_class_visualization(
        mine, TARANTULA, model, take_step, rng, 20, 0, learning_rate=10
    )
    titles = [name_seen(mine), name_seen(dream)]
    alt = "A photograph, and the same after some steps towards a class."
    show_figure(images_figure(deprocess_image(np.concatenate([mine, dream])), titles), alt)

# %% [markdown]
# ## References
#
# * K. Simonyan, A. Vedaldi, A. Zisserman: *Deep Inside Convolutional Networks: Visualising Image
#   Classification Models and Saliency Maps*. ICLR workshop 2014,
#   [arXiv:1312.6034](https://arxiv.org/abs/1312.6034).
# * J. Yosinski, J. Clune, A. Nguyen, T. Fuchs, H. Lipson: *Understanding Neural Networks Through
#   Deep Visualization*. 2015, [arXiv:1506.06579](https://arxiv.org/abs/1506.06579).
# * A. Mahendran, A. Vedaldi: *Understanding Deep Image Representations by Inverting Them*. CVPR
#   2015, [arXiv:1412.0035](https://arxiv.org/abs/1412.0035).
# * C. Olah, A. Mordvintsev, L. Schubert: *Feature Visualization*. Distill, 2017,
#   [doi:10.23915/distill.00007](https://doi.org/10.23915/distill.00007).
# * The first two answers follow *Network Visualization* of Stanford's course
#   [CS231n](https://cs231n.github.io/).
