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
# noise, change every pixel in the direction that raises the score, and do it again and again. What
# comes out is a picture of what the network looks for.
#
# The first picture will disappoint you. Two ideas make it one that people recognise, and that
# *another network* recognises, which is how we shall measure it. You will
#
# 1. implement one step of **gradient ascent** on an image (Simonyan, Vedaldi and Zisserman, 2014);
# 2. ask for a score that is high from wherever one looks: **transformation robustness**;
# 3. climb in **waves** and not in pixels, with the colours of photographs (both after Olah,
#    Mordvintsev and Schubert, 2017);
# 4. measure what each of them is worth, and look at what *hidden* units like.
#
# You fill in three cells, marked **TODO**; all others run as they are (until your answer is right,
# "Run all" stops at its check). Allow about an hour and a half. You need assignment 1, or at least
# the gradient of a score with respect to an image.

# %% [markdown]
# ## Set-up

# %%
from functools import partial
from itertools import pairwise

import numpy as np

from cs231n_vis import (
    SQUEEZENET_MEAN,
    SQUEEZENET_STD,
    check,
    deprocess_image,
    freeze,
    load_efficientnet_lite,
    load_image,
    load_imagenet_val,
    load_squeezenet,
    plots,
    preprocess_image,
    random_view,
    show_figure,
    tf,  # TensorFlow, without its start-up messages
)

SIZE = 224  # of the pictures, in pixels
ITERATIONS = 50  # for each of them
SIZE_OF_UNITS = 112  # of the pictures of hidden units

TARANTULA, GORILLA = 76, 366

# %% [markdown]
# The network is that of assignment 1, from images (N, H, W, 3) to unnormalised scores (N, 1000).
# You will call it hundreds of times, so the next cell compiles it (`freeze`): the same layers and
# scores, but no gradients of the weights, which stay as they are.
#
# Beside it comes a second one, EfficientNet-Lite0, which was built otherwise and trained by other
# people. No picture is ever made for it: it is the **judge**. Of every picture it is asked at which
# place of its thousand classes the wanted one comes. 1 means that it takes the picture for just
# that; a picture that says nothing comes anywhere between 1 and 1000.

# %%
squeezenet = load_squeezenet()
model, second = freeze(squeezenet), freeze(load_efficientnet_lite())

X_raw, y, class_names = load_imagenet_val()


def score(X, y):
    """The score that the first network has for each image's class, (N,)."""
    return model(X).numpy()[np.arange(len(y)), y]


def ranks(X, y):
    """At which place the second network has each image's class, once it is a photo, (N,)."""
    scores = second(preprocess_image(deprocess_image(X))).numpy()
    return 1 + (scores > scores[np.arange(len(y)), y][:, None]).sum(axis=1)


photographs = score(preprocess_image(X_raw), y)
print(f"scores of {len(y)} photographs: {photographs.min():.0f} to {photographs.max():.0f}")
print(f"their ranks, by the second network: {ranks(preprocess_image(X_raw), y)}")

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
# ## Fifty steps
#
# In a moment your step is taken fifty times, from noise, for a tarantula and for a gorilla. After
# every step, what is darker than black or brighter than white is cut off, so that the result is an
# image that a screen can show. **Guess first:** how high will the scores be, beside those of the
# photographs above? And at which place will the *second* network have *tarantula* and *gorilla*?

# %% [markdown] question="guess_pixels"
# The score is what every step raises, so it will be far above that of any photograph. Whether there
# is a spider to be seen is another matter: the second network may have the class anywhere.

# %%
classes = [TARANTULA, GORILLA]
black, white = (0 - SQUEEZENET_MEAN) / SQUEEZENET_STD, (1 - SQUEEZENET_MEAN) / SQUEEZENET_STD


def by_steps(target_y):
    """A picture made in pixels, by your step alone; None while it is missing."""
    X = np.random.default_rng(0).standard_normal((1, SIZE, SIZE, 3))
    for _ in range(ITERATIONS):
        X = class_visualization_update_step(
            tf.constant(X, tf.float32), model, target_y, l2_reg=1e-3, learning_rate=25
        )
        if X is None:
            return None
        X = np.clip(X, black, white)
    return np.asarray(X, np.float32)


def show(X, y, alt, **options):
    """Pictures at their size, with their names, scores and ranks."""
    told = zip(y, score(X, y), ranks(X, y), strict=True)
    titles = [f"{class_names[c]}\nscore {s:.0f}, second network: {r}" for c, s, r in told]
    show_figure(plots.native_figure(deprocess_image(X), titles, **options), alt)


made = [by_steps(target_y) for target_y in classes]
by_step = None if made[0] is None else np.concatenate(made)

if by_step is None:
    print("Fill in class_visualization_update_step above, then run this cell again.")
else:
    show(by_step, classes, "Two pictures of loud coloured noise, for tarantula and gorilla.")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Scores many times those of the photographs, and noise. The second network does not see what was
# meant (though for the tarantula its place is better than chance), nor would you without the title.
# Such images are no failure of the climbing: the climbing has found what it was asked for, images
# that this one network scores high, and nearly all of those look like nothing (Nguyen, Yosinski and
# Clune, 2015, show thousands). We have to ask for something better.
#
# </details>
#
# **Where does so high a score come from?** Choose, then open.
#
# <details><summary>A. From a few pixels that are much too bright or too dark.</summary>
#
# Wrong. There would be such pixels, and much of the score could come from there, but they were cut
# off after every step: what you see is all there is.
#
# </details>
#
# <details><summary>B. From fine detail that lies just where this network's filters sit.</summary>
#
# Right. Move or turn the picture a little, and the same detail meets the filters out of step: the
# table in the next section says what is left then. That can be put into what we ask for.
#
# </details>
#
# <details><summary>C. From spiders too small for us to see.</summary>
#
# Wrong. If they were spiders, the second network, with the same training images, would see them
# too.
#
# </details>

# %% [markdown]
# ## The first idea: look from elsewhere
#
# A photograph of a tarantula remains one if you tilt your head. So let us ask for an image whose
# score is high *on average over small movements of the camera*:
#
# $$r_y(I) = \frac1V \sum_{v=1}^{V} s_y\bigl(t_v(I)\bigr)$$
#
# where each $t_v$ turns the image by a random angle of up to 0.2 radian, scales it by 0.8 to 1.2
# and shifts it by up to 16 pixels. Shifts alone (*jitter*) are the trick of DeepDream (Mordvintsev,
# Olah and Tyka, 2015); Olah et al. (2017) call the whole **transformation robustness**. Detail
# that scores in one exact position only is of no use now.
#
# `random_view(X, rng)` makes such a view of all images of a batch. It takes weighted means of
# neighbouring pixels, so the tape can follow it, back to the image *before* it was turned. Here is
# one photograph, seen so.

# %%
rng = np.random.default_rng(0)
photo = preprocess_image(X_raw[:1])
views = np.concatenate([photo] + [np.asarray(random_view(photo, rng)) for _ in range(3)])
alt = "A photograph of a Bullmastiff, and three views of it: turned, scaled and shifted a little."
titles = ["as it is", "a random view", "another", "and another"]
show_figure(plots.native_figure(deprocess_image(views), titles), alt)

# %% [markdown]
# Advice:
#
# * `tf.gather(scores, y, axis=1, batch_dims=1)` takes from each row of scores the one of its class,
#   as in assignment 1.
# * Each view has to be another one: ask `random_view` anew. Because `rng` is passed in, the same
#   seed gives the same views again.
# * The order matters: is it scores that are averaged, or images?
# * Your function will be called inside a tape. What you return must be a tensor that it can follow.


# %% answer="robust_scores"
def robust_scores(X, y, model, random_view, rng, num_views):
    """
    The mean score of each image's class over random views of the image.

    Inputs:
    - X: preprocessed images, float32 tensor of shape (N, H, W, 3)
    - y: the class of each image, integer array of shape (N,)
    - model: a Keras model (or function) from images to unnormalised scores, shape (N, classes)
    - random_view: a function that makes a view of all images, called as random_view(X, rng)
    - rng: a NumPy random generator (np.random.Generator), for random_view
    - num_views: over how many views the mean is taken, an integer

    Returns:
    - scores: tensor of shape (N,) that can be differentiated
    """
    scores = None
    ###########################################################################
    # TODO: Make num_views random views of X, one after the other, compute    #
    # the scores that the model has for them, and take the mean.              #
    ###########################################################################
    ### BEGIN SOLUTION
    views = [random_view(X, rng) for _ in range(num_views)]
    scores = sum(tf.gather(model(view), y, axis=1, batch_dims=1) for view in views) / num_views
    ### END SOLUTION
    return scores


# %% check="robust_scores" points=10
check.robust_scores(robust_scores)

# %% [markdown]
# What you have just written is a measuring instrument, too. How much of its score does a photograph
# keep when it is seen from elsewhere, eight times? And how much does the picture that was made in
# pixels?

# %%
VIEWS = 8


def robust(X, y):
    """``robust_scores`` over VIEWS views, as an array; None while it is missing."""
    scores = robust_scores(
        tf.constant(X), np.array(y), model, random_view, np.random.default_rng(0), VIEWS
    )
    return None if scores is None else np.asarray(scores)


def show_kept(name, X, y):
    print(f"{name:26}{score(X, y).mean():7.0f}{robust(X, y).mean():16.0f}")


if by_step is None or robust(by_step, classes) is None:
    print("Fill in the answers above, then run this cell again.")
else:
    print(f"{'mean score of':26}{'as it is':>7}{'from elsewhere':>16}")
    show_kept("20 photographs", preprocess_image(X_raw), y)
    show_kept("2 pictures made in pixels", by_step, classes)

# %% [markdown]
# ## The second idea: climb in other coordinates
#
# A gradient says which pixel to change. But in photographs no pixel stands alone: neighbours are
# alike, and so are red, green and blue. Here are the amplitudes of the *waves* that 20 photographs
# are made of (their Fourier coefficients), from coarse waves to fine ones, and those of our two
# pictures.

# %%
octaves = list(pairwise([1, 2, 4, 8, 16, 32, 64, 112]))


def frequency_of(size):
    """Of each wave, in the order of tf.signal.irfft2d, (size, size // 2 + 1); at least 1."""
    down, across = np.fft.fftfreq(size, 1 / size), np.fft.rfftfreq(size, 1 / size)
    return np.maximum(np.hypot(down[:, None], across), 1).astype(np.float32)


def amplitudes(X):
    """The mean amplitude of the waves of each octave, in powers of ten, of images (N, H, W, 3)."""
    frequency = frequency_of(X.shape[1])
    size = np.abs(np.fft.rfft2(X, axes=(1, 2))).mean(axis=(0, 3))
    inside = [(frequency >= a) & (frequency < b) for a, b in octaves]
    return [np.log10(size[each].mean()) if each.any() else np.nan for each in inside]


lines = {"20 photographs": amplitudes(preprocess_image(X_raw))}
if by_step is not None:
    lines["made in pixels"] = amplitudes(by_step)
names = [f"{a}–{b}" for a, b in octaves]
figure = plots.lines_figure(
    names, {"What images are made of": lines}, "waves per image", "log10 of the amplitude"
)
show_figure(
    figure,
    "The amplitudes of photographs fall steadily from coarse waves to fine ones; those of the "
    "pictures made in pixels stay high to the finest.",
)

# %% [markdown]
# In photographs the amplitude falls about as 1 over the frequency. The picture made in pixels has
# its strength where photographs have nearly none. So describe the image by numbers $z$ in which
# all directions are equally likely, and let a fixed matrix $B$ make the image of them, $I = Bz$.
# The score stays the same, the best image stays the same. What changes is the way there.
#
# **Pencil and paper.** Take an image of two waves only, a coarse one ($f=1$) and a fine one
# ($f=10$), whose amplitudes are $I = (I_1, I_{10})$. The score rises equally with both,
# $\partial s/\partial I = (1, 1)$. Now climb in $z$ with $I_f = z_f / f$: what is
# $\partial s / \partial z$, and in which direction does the *image* move in a step
# $z \leftarrow z + \partial s/\partial z$? Say it for any $B$, too.

# %% [markdown] question="preconditioned"
# By the chain rule $\partial s/\partial z_f = \frac1f \cdot \partial s/\partial I_f$, so it is
# $(1, 0.1)$. The image moves by $\Delta I_f = \frac1f \Delta z_f$, that is by $(1, 0.01)$: the fine
# wave changes a hundredth as much as the coarse one. For any $B$, $\Delta I = B B^{\mathsf T} g$
# where $g$ is the gradient by the image. The coordinates act twice, and only through
# $B B^{\mathsf T}$: whoever picks $B B^{\mathsf T}$ like the covariance of photographs climbs in
# directions in which photographs differ.

# %% [markdown]
# <details><summary><b>Is it right?</b></summary>
#
# If in your step the fine wave of the image moves a hundredth as much as the coarse one, it is: the
# frequency divides twice, once in the gradient and once on the way back to the image.
#
# </details>
#
# Colours go the same way. Red, green and blue of a photograph rise and fall together. If $z$ are
# three independent numbers of variance 1, then $Mz$ has the covariance $M M^{\mathsf T}$; so take
# for $M$ a root of the covariance $C$ of the colours in photographs. (Olah et al. call this
# *decorrelated* colours: those of $z$ are.)

# %%
covariance = np.cov(X_raw.reshape(-1, 3).T / 255)
values, vectors = np.linalg.eigh(covariance)
root = vectors * np.sqrt(values) @ vectors.T
colour_mix = (root / np.linalg.norm(root, axis=0).max()).astype(np.float32)

print("correlation of the colours in 20 photographs:")
print(np.corrcoef(X_raw.reshape(-1, 3).T).round(2))
print("the mix of colours, up to a factor a root of their covariance:")
print(colour_mix.round(2))

# %% [markdown]
# Now write the way from the waves to the image, in four lines:
#
# 1. **Waves.** Number $a_k + i b_k$ belongs to wave $k$ of frequency $f_k$, and the plane is
#    $$x(p) = \sum_k \frac{a_k + i b_k}{f_k}\, e^{2 \pi i\, k \cdot p}.$$
#    `tf.complex(a, b)` makes complex numbers of two real tensors. `tf.signal.irfft2d(c, [H, W])`
#    adds up the waves along the last two axes and divides by $HW$; the sum above is without that
#    division, so multiply by $HW$.
# 2. **Colours.** The three planes are mixed, in every pixel: $x' = M x$.
# 3. **A range.** $\sigma(x') = 1 / (1 + e^{-x'})$, `tf.sigmoid`, squeezes any number between black
#    (0) and white (1). No clipping is needed, and no gradient is lost at a cut.
# 4. **Preprocessing**, as in `preprocess_image`: minus `SQUEEZENET_MEAN`, over `SQUEEZENET_STD`,
#    but with TensorFlow, so that the tape can follow.
#
# The colours come out as axis 1 and have to be the last one: `tf.transpose(x, (0, 2, 3, 1))` puts
# them there (`tf.reshape` would scramble the image). `W` is even, and `frequency` has
# `W // 2 + 1` columns: of a real plane, the other half of the waves is known.


# %% answer="image_from_waves"
def image_from_waves(waves, frequency, colour_mix):
    """
    Make images of the amplitudes of their waves.

    Inputs:
    - waves: float32 tensor of shape (2, N, 3, H, W // 2 + 1): real and imaginary parts, of N
      images, in three colours that are not yet mixed
    - frequency: of each wave, float32 array of shape (H, W // 2 + 1), nowhere 0
    - colour_mix: the matrix M, float32 array of shape (3, 3)

    Returns:
    - X: preprocessed images, tensor of shape (N, H, W, 3) that can be differentiated
    """
    height, width = frequency.shape[0], 2 * (frequency.shape[1] - 1)
    X = None
    ###########################################################################
    # TODO: Weight the waves, add them up, mix the colours, squeeze them      #
    # between 0 and 1, and preprocess.                                        #
    ###########################################################################
    ### BEGIN SOLUTION
    planes = tf.signal.irfft2d(tf.complex(waves[0], waves[1]) / frequency, [height, width])
    planes = tf.transpose(height * width * planes, (0, 2, 3, 1))
    colours = tf.sigmoid(planes @ tf.transpose(colour_mix))
    X = (colours - SQUEEZENET_MEAN) / SQUEEZENET_STD
    ### END SOLUTION
    return X


# %% check="image_from_waves" points=15
check.image_from_waves(image_from_waves)

# %% [markdown]
# Random numbers, as pixels and as waves:


# %%
def random_waves(count, size=SIZE, seed=0, strength=0.0025):
    """Amplitudes drawn at random, (2, count, 3, size, size // 2 + 1)."""
    shape = 2, count, 3, size, size // 2 + 1
    return (strength * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


# %%
noise = np.random.default_rng(0).standard_normal((1, SIZE, SIZE, 3)).astype(np.float32)
in_waves = image_from_waves(
    tf.constant(random_waves(3, strength=0.05)), frequency_of(SIZE), colour_mix
)
if in_waves is None:
    print("Fill in image_from_waves above, then run this cell again.")
else:
    pictures = deprocess_image(np.concatenate([noise, in_waves]))
    titles = ["random pixels", "random waves", "random waves", "random waves"]
    alt = (
        "Random pixels are coloured grain; random waves are clouds, in the colours of photographs."
    )
    show_figure(plots.native_figure(pictures, titles), alt)

# %% [markdown]
# ## What is each of them worth?
#
# Four ways of making a picture: in pixels or in waves, looked at from one place or from elsewhere.
# The optimiser (Adam), its learning rate, the number of iterations and the start are the same for
# all; in each iteration there is one view, another one each time. **Guess first:** which of the
# two ideas does more for people? For the second network?

# %% [markdown] question="guess_ways"
# Views take away detail that works in one place; waves never let it grow much in the first place,
# and they bring large shapes and likely colours, which views alone do not. We would bet on waves
# for the look, and on both together for the second network.


# %%
def climb(parameters, image_of, y, view, network=model, iterations=ITERATIONS, rate=0.0125):
    """
    Climb the mean score over views, with Adam; all images at once.

    - parameters: what is changed, an array; image_of(parameters) are the images, (N, H, W, 3)
    - y: the class of each image; network: from images to scores

    Returns the images, or None while an answer is missing.
    """
    variable, rng = tf.Variable(parameters), np.random.default_rng(0)
    adam = tf.keras.optimizers.Adam(rate)
    for _ in range(iterations):
        with tf.GradientTape() as tape:
            X = image_of(variable)
            scores = None if X is None else robust_scores(X, np.array(y), network, view, rng, 1)
            if scores is None:
                return None
            loss = -tf.reduce_sum(scores)
        adam.apply_gradients([(tape.gradient(loss, variable), variable)])
    return np.asarray(image_of(variable), np.float32)


def image_of_waves(waves):
    """Your images from waves; waves of any size will do."""
    return image_from_waves(waves, frequency_of(waves.shape[3]), colour_mix)


def image_of_pixels(pixels):
    """Images whose every pixel is a parameter of its own, from black to white like the others."""
    return (tf.sigmoid(4 * pixels) - SQUEEZENET_MEAN) / SQUEEZENET_STD


def random_pixels(count, strength=0.0025):
    """Pixels drawn at random, (count, SIZE, SIZE, 3)."""
    random = np.random.default_rng(0)
    return (strength * random.standard_normal((count, SIZE, SIZE, 3))).astype(np.float32)


def from_one_place(X, rng):
    """No other view: the images as they are."""
    return X


def visualise(y, start=None, view=random_view, **options):
    """Pictures of the classes y, made in waves; None while an answer is missing."""
    start = random_waves(len(y)) if start is None else start
    return climb(start, image_of_waves, y, view, **options)


# %%
ways = {
    "pixels": climb(random_pixels(2), image_of_pixels, classes, from_one_place),
    "pixels, views": climb(random_pixels(2), image_of_pixels, classes, random_view),
    "waves": visualise(classes, view=from_one_place),
    "waves, views": visualise(classes),
}

if ways["waves, views"] is None:
    print("Fill in the answers above, then run this cell again.")
else:
    pictures = deprocess_image(
        np.concatenate([X[n : n + 1] for n in (0, 1) for X in ways.values()])
    )
    titles = [f"{class_names[c]}: {way}" for c in classes for way in ways]
    alt = "Tarantula and gorilla made in four ways: noise in pixels, animals in waves and views."
    show_figure(plots.native_figure(pictures, titles), alt)

    print(f"{'':26}{'score':>7}{'from elsewhere':>16}{'second network':>16}")
    for n, c in enumerate(classes):
        for way, X in ways.items():
            row = f"{class_names[c]:10} {way:15}{score(X, classes)[n]:7.0f}"
            row += f"{robust(X, classes)[n]:16.0f}{ranks(X, classes)[n]:16}"
            print(row)

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Looked at from one place, in pixels or in waves, the score is many times that of a photograph, and
# most of it is gone as soon as the camera moves. Views make it last. In pixels they bring lines and
# curves on grey grain, and no more: each step still changes fine detail most. Waves bring colours
# and large forms, and for the second network, too, they do more than views: alone they make it see
# a tarantula. A gorilla it sees only with both, in a picture whose score is a third of that of
# waves alone.
#
# </details>

# %% [markdown]
# ## Eight classes that nobody picked
#
# Two pictures prove little, and a gallery of the best says nothing. So the rule comes first: **the
# classes of the first eight kinds of photographs in our sample, as they come.** Each picture is
# made once, from the same seed, and whatever the second network says of it is printed. **How many
# of eight will it have among its first five?**

# %% [markdown] question="guess_gallery"
# For tarantula and gorilla it went well; animals have fur, legs and eyes, whatever the view. Of
# a chair or a beaker the network may know little more than a texture or an edge. Five of eight?

# %%
first_of = {int(c): n for n, c in reversed(list(enumerate(y)))}  # class: its first photograph
gallery = sorted(first_of, key=first_of.get)[:8]
made = [visualise(gallery[:4]), visualise(gallery[4:])]

if made[0] is None:
    print("Fill in the answers above, then run this cell again.")
else:
    made = np.concatenate(made)
    place = ranks(made, gallery)
    for half in (slice(0, 4), slice(4, 8)):
        labels = gallery[half]
        originals = X_raw[[first_of[c] for c in labels]]
        titles = [class_names[c] for c in labels] + [f"second network: {r}" for r in place[half]]
        names = ", ".join(class_names[c] for c in labels)
        alt = f"Photographs of {names}, and under each the picture that was made of its class."
        pictures = [*originals, *deprocess_image(made[half])]
        show_figure(plots.native_figure(pictures, titles), alt)
    for c, r in zip(gallery, place, strict=True):
        print(f"{class_names[c]:22}{r:4}")
    print(f"among the first five: {(place <= 5).sum()} of {len(gallery)}")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Nearly all of them are recognised by a network that had no part in the pictures, so they show
# something that both have learned from photographs. Look at what else they show. The beaker is
# full, the roof has a house, the jeep stands in a landscape: what is near a thing in photographs
# is, for the network, a part of it. There is seldom one of it alone. And the strawberry is green:
# it has its seeds and its leaves, and for both networks that is enough.
#
# Do not conclude that every class comes out so well. In the course's own repository,
# `benchmarks/bench_recognisability.py` draws twenty more by lot and prints the rank of each, in
# each of the four ways: about half of those are not recognised.
#
# </details>

# %% [markdown]
# ## What hidden units like
#
# Nothing so far asks that the score be one of a class. Any unit of any layer has something that it
# likes best. Below is a row for each of four fire modules, from early to late, and in it the first
# four of the module's 3 × 3 filters, whatever they are. The "score" of a filter is the mean of its
# channel over all places. **Guess:** where do edges and colours end, and where do parts of things
# begin?

# %% [markdown] question="guess_units"
# First edges and colours, then textures, then patterns of textures, and parts of things in the
# last modules: each layer sees a larger part of the image and combines what the one before found.

# %%
UNITS = np.arange(4)


def network_up_to(name):
    """From images to the mean of each channel of a layer, (N, channels)."""
    mean = tf.keras.layers.GlobalAveragePooling2D()(squeezenet.get_layer(name).output)
    return freeze(tf.keras.Model(squeezenet.input, mean))


liked = {
    module: visualise(
        UNITS,
        random_waves(len(UNITS), SIZE_OF_UNITS, strength=0.03),
        view=partial(random_view, max_shift=8),
        network=network_up_to(f"fire{module}_expand3x3"),
        iterations=2 * ITERATIONS // 3,
    )
    for module in (2, 4, 6, 8)
}

if liked[8] is None:
    print("Fill in the answers above, then run this cell again.")
else:
    pictures = deprocess_image(np.concatenate(list(liked.values())))
    titles = [f"fire{module}, filter {n}" for module in liked for n in UNITS]
    alt = (
        "Four rows of four pictures: stripes and dots, then textures, then eyes and rounded things."
    )
    show_figure(plots.native_figure(pictures, titles, zoom=2), alt)

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Early filters like stripes and dots, later ones textures and rows of things, the last ones eyes
# and round bodies. A filter that stays grey is one that the noise at the start did not wake: where
# a ReLU is 0 everywhere, so is its gradient, and there is nothing to climb. And a name for a filter
# is a guess. Many like several things that have no name in common (Olah et al. show some), and a
# picture of what one likes *best* does not say what it usually answers to.
#
# </details>

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
# **2.** The best of the four pictures of a class is never the one with the highest score. What does
# that tell you about "the higher the score, the better the picture"? Why is a *second* network a
# better judge, and what can it, too, not tell?

# %% [markdown] question="score"
# The score is what we maximise, not what we want; far from photographs, the network was never told
# what to make of an image, and a climb goes wherever its score is too high by mistake. Mistakes of
# another network lie elsewhere, so what raises both is more likely to be in the class itself. But
# it has seen the same photographs: what both have learned wrongly, such as the water under every
# boat, it will not hold against the picture.

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
# * Other classes: `class_names` has a thousand, and `visualise([779])` makes a school bus. Which
#   come out well, which do not? What have they in common? (Is a *school bus* only yellow?)
# * More iterations: 100 take twice as long. Does the second network agree that it is better?
# * Leave the colours as they are (`np.eye(3)`), or divide by the square of the frequency.
# * Climb two scores at once, half gorilla, half zebra: `network` can be any function that returns
#   scores, such as one that adds the column of 340 to that of 366.
# * Hidden units of other layers, in place of 2, 4, 6 and 8. What wakes a filter that stays grey?
# * **Start from a photograph**: put its name into the next cell. A few steps in pixels with a small
#   learning rate let a class appear in it, as in DeepDream.

# %%
photo = None  # for example "holiday.jpg"

if photo is not None:
    mine = dream = preprocess_image(load_image(photo)[None])
    for _ in range(20):
        dream = class_visualization_update_step(tf.constant(dream), model, TARANTULA, 0, 5)
    pictures = deprocess_image(np.concatenate([mine, dream]))
    alt = "A photograph, and the same after some steps towards a class."
    show_figure(plots.native_figure(pictures, ["before", "after"]), alt)

# %% [markdown]
# ## References
#
# * K. Simonyan, A. Vedaldi, A. Zisserman: *Deep Inside Convolutional Networks: Visualising Image
#   Classification Models and Saliency Maps*. ICLR workshop 2014,
#   [arXiv:1312.6034](https://arxiv.org/abs/1312.6034).
# * A. Mahendran, A. Vedaldi: *Understanding Deep Image Representations by Inverting Them*. CVPR
#   2015, [arXiv:1412.0035](https://arxiv.org/abs/1412.0035). Another way to images that look like
#   photographs: punish neighbouring pixels for differing (*total variation*).
# * A. Nguyen, J. Yosinski, J. Clune: *Deep Neural Networks are Easily Fooled: High Confidence
#   Predictions for Unrecognizable Images*. CVPR 2015,
#   [arXiv:1412.1897](https://arxiv.org/abs/1412.1897).
# * A. Mordvintsev, C. Olah, M. Tyka: *Inceptionism: Going Deeper into Neural Networks*. Google
#   Research Blog, 2015.
# * A. Nguyen, A. Dosovitskiy, J. Yosinski, T. Brox, J. Clune: *Synthesizing the Preferred Inputs
#   for Neurons in Neural Networks via Deep Generator Networks*. NIPS 2016,
#   [arXiv:1605.09304](https://arxiv.org/abs/1605.09304). One step further: coordinates that are
#   learned, the inputs of a network that draws.
# * C. Olah, A. Mordvintsev, L. Schubert: *Feature Visualization*. Distill, 2017,
#   [doi:10.23915/distill.00007](https://doi.org/10.23915/distill.00007).
# * M. Tan, Q. V. Le: *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks*.
#   ICML 2019, [arXiv:1905.11946](https://arxiv.org/abs/1905.11946).
# * The first answer follows *Network Visualization* of Stanford's course
#   [CS231n](https://cs231n.github.io/).
