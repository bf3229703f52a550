# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Beyond the gradient
#
# The gradient of a score is noisy, and it describes the network close to one image only. Four
# papers proposed remedies: change the way back through the network, average over noise, integrate
# from an image without content, or stop half way, at feature maps. All four take a few lines.
#
# You will
#
# 1. implement **guided backpropagation**, **SmoothGrad**, **integrated gradients** and
#    **Grad-CAM**;
# 2. check numerically what the attributions of integrated gradients must add up to;
# 3. put two photographs into one image and measure which methods notice whether you ask for the one
#    or for the other.
#
# You fill in four cells, marked **TODO**. They do not depend on each other. Before each finding you
# are asked for a guess, and the finding is folded: write your guess down first. Allow about two
# hours. You need the notebook on saliency maps: what the gradient of each image's own score is, and
# how `GradientTape` computes it.

# %% [markdown]
# ## Set-up

# %%
from itertools import pairwise

import numpy as np

from cs231n_vis import (
    blur_image,
    check,
    freeze,
    load_imagenet_val,
    load_squeezenet,
    preprocess_image,
    show_figure,
    tf,
    with_relu,
)
from cs231n_vis.plots import attributions_figure, completeness_figure, lines_figure

# %% [markdown]
# The network is SqueezeNet 1.1 again. The first experiments use two photographs of which it is
# sure: what it makes of an image that it does not know would be harder to judge.

# %%
model = load_squeezenet()
network = freeze(model)  # compiled: the same layers and scores, in a third of the time
X_raw_all, y_all, class_names = load_imagenet_val()
X_all = preprocess_image(X_raw_all)
chosen = [15, 18]
X_raw, X, y = X_raw_all[chosen], X_all[chosen], y_all[chosen]
titles = [class_names[label] for label in y]
for title, label, each in zip(titles, y, tf.nn.softmax(network(X)).numpy(), strict=True):
    print(f"{title}: probability {each[label]:.2f}")

# %% [markdown]
# The gradient of notebook 1 is given. In three of the four answers it leaves you to write what is
# new.


# %%
def gradient_of_score(X, y, model):
    """The gradient of the score of class y[n] by each number of X[n]: array (N, H, W, 3)."""
    X = tf.cast(X, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tape.gradient(scores, X).numpy()


# %% [markdown]
# As before, $I$ is an image and $S_c(I)$ the score of class $c$. All of the first three methods
# return **attributions**: one number for each number of the image, shape (N, H, W, 3), *with its
# sign*. Positive speaks for the class. Do not take an absolute value and do not reduce over the
# colours; that comes later and for pictures only. In the pictures the three colours of a pixel are
# added up: orange is positive, violet negative, white zero.

# %% [markdown]
# ## 1. Guided backpropagation
#
# A ReLU computes $f = \max(x, 0)$. On the way back a number $R$ arrives at it, the derivative of
# the score with respect to $f$, and it hands down the derivative with respect to $x$:
#
# $$\text{backpropagation:} \quad (x > 0)\, R .$$
#
# The condition in brackets counts as 1 if it is true and as 0 if not. The *deconvolution* of Zeiler
# and Fergus (2013) looks at the other number instead, and
# [Springenberg et al. (2015)](https://arxiv.org/abs/1412.6806) at both:
#
# $$\text{deconvolution:} \quad (R > 0)\, R, \qquad\qquad
# \text{guided backpropagation:} \quad (x > 0)\,(R > 0)\, R .$$
#
# So a guided ReLU stops, besides what an ordinary one stops, everything that would *lower* the
# score. Forwards it is an ordinary ReLU.
#
# **Pencil and paper.** Three ReLUs got $x = (-1, 2, 3)$ on the way forward, and on the way back
# $R = (5, -4, 1)$ arrives. Work out what each of the three rules hands down; then say which of
# these is guided backpropagation's, and open it.
#
# <details><summary>A. (0, -4, 1)</summary>
#
# No. This is ordinary backpropagation: it asks only which ReLUs were open, $x > 0$, and the -4,
# which would lower the score, goes through the second one.
#
# </details>
# <details><summary>B. (5, 0, 1)</summary>
#
# No. This is the deconvolution: it asks only for the sign of $R$, and the 5 goes down through a
# ReLU that was shut.
#
# </details>
# <details><summary>C. (0, 0, 1)</summary>
#
# Right: open on the way forward *and* positive on the way back. Only the third number passes both.
#
# </details>
# <details><summary>D. (0, 4, 1)</summary>
#
# No. A negative number is stopped, and not made positive.
#
# </details>
#
# TensorFlow lets you write a function together with its way back, with `tf.custom_gradient`. Your
# function returns two things: its value, and another function, which is given the upstream gradient
# $R$ and returns what is handed down. Here is a square that pretends to have slope 1:


# %%
@tf.custom_gradient
def square_of_slope_one(x):
    def gradient(upstream):
        return upstream  # a true square would hand down 2 * x * upstream

    return x**2, gradient


x = tf.constant([1.0, 2.0, 3.0])
with tf.GradientTape() as tape:
    tape.watch(x)
    total = tf.reduce_sum(5 * square_of_slope_one(x))
print("value:   ", total.numpy())
print("gradient:", tape.gradient(total, x).numpy())

# %% [markdown]
# In SqueezeNet, the ReLUs sit inside the convolution layers. `with_relu(model, function)` returns a
# copy of a model in which every ReLU has been replaced by your function. The model itself stays as
# it is.
#
# ### Your turn
#
# * Which of the two numbers in the rule does the inner function get, and which does it know from
#   the function around it?
# * `tf.where(condition, a, b)` picks from `a` where the condition is true and from `b` elsewhere;
#   `&` joins two conditions, each in brackets. `(x > 0) * R` is not a number here: TensorFlow takes
#   the `*` beside a truth value for *and*.
# * The rest is `gradient_of_score`, of another model.


# %% answer="guided_backpropagation"
def guided_backpropagation(X, y, model):
    """
    Explain the score of class y[n] of each image X[n] by guided backpropagation.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - y: labels of the images, integer array of shape (N,)
    - model: a Keras model that returns the unnormalised scores, shape (N, 1000); it stays as it is

    Returns:
    - attributions: array of shape (N, H, W, 3), with sign
    """
    attributions = None

    ###########################################################################
    # TODO: Write a ReLU with the rule of guided backpropagation, make a copy #
    # of the model with it, and take the gradient of the scores of that copy. #
    ###########################################################################
    ### BEGIN SOLUTION
    @tf.custom_gradient
    def guided_relu(x):
        def gradient(upstream):
            return tf.where((x > 0) & (upstream > 0), upstream, tf.zeros_like(upstream))

        return tf.nn.relu(x), gradient

    attributions = gradient_of_score(X, y, with_relu(model, guided_relu))
    ### END SOLUTION
    return attributions


# %% check="guided_backpropagation" points=10
check.guided_backpropagation(guided_backpropagation)

# %% [markdown]
# The next cell draws your attributions. Hardly any explanation looks sharper.
#
# **Guess first.** How much of the picture is about the class *goose*? If you asked for another
# class of the same photograph, which parts of the picture would go?

# %% [markdown] question="guess_guided"
# It looks as if the background knew that it is none: so most of what is there should be about the
# goose, and go. (The end of the notebook measures it.)

# %%
guided = guided_backpropagation(X, y, model)
if guided is None:
    print("Fill in guided_backpropagation above, then run this cell again.")
else:
    show_figure(
        attributions_figure(X_raw, titles, {"guided backprop.": guided}),
        f"{' and '.join(titles)}, and under each its guided backpropagation: the outlines of "
        "the geese, and of the insect with the veins of its wing, in orange and violet on a nearly "
        "white ground.",
    )

# %% [markdown]
# ## 2. SmoothGrad
#
# The gradient changes quickly from one image to a nearly equal one.
# [Smilkov et al. (2017)](https://arxiv.org/abs/1706.03825) therefore average it over $S$ copies of
# the image, each with other noise:
#
# $$A = \frac{1}{S} \sum_{s=1}^{S} \frac{\partial S_c}{\partial I}\,(I + \varepsilon_s).$$
#
# ($S$ without an index is this number of copies and not a score.) The noise $\varepsilon_s$ is
# normally distributed; the paper finds a standard deviation of 10 % to 20 % of the range of the
# image's values best. So that the result can be checked, the noise is given to you, already scaled,
# and you only add it.
#
# ### Your turn
#
# * `noise[s]` has the shape of `X`: every image has noise of its own.
# * One gradient after the other is fine; a batch of all S · N images needs S times the memory.
# * Average the gradients with their sign. What is left of two gradients that differ only in sign?


# %% answer="smoothgrad"
def smoothgrad(X, y, model, noise):
    """
    Explain the score of class y[n] of each image X[n] by SmoothGrad.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - y: labels of the images, integer array of shape (N,)
    - model: a Keras model from images to unnormalised scores, shape (N, 1000); it stays as it is
    - noise: float32 array of shape (S, N, H, W, 3), noise for S copies of each image

    Returns:
    - attributions: array of shape (N, H, W, 3), with sign
    """
    attributions = None
    ###########################################################################
    # TODO: Average the gradients of the scores at the S noisy copies of the  #
    # images.                                                                 #
    ###########################################################################
    ### BEGIN SOLUTION
    attributions = np.mean([gradient_of_score(X + each, y, model) for each in noise], axis=0)
    ### END SOLUTION
    return attributions


# %% check="smoothgrad" points=10
check.smoothgrad(smoothgrad)

# %% [markdown]
# `make_noise` makes noise as the paper does. With one copy and no noise, SmoothGrad is the plain
# gradient. What do 16 copies change?


# %%
def make_noise(X, samples, level=0.15, seed=231):
    """Normal noise for each image, (samples, N, H, W, 3); its standard deviation is `level` times
    the range of the image's values."""
    span = X.max(axis=(1, 2, 3), keepdims=True) - X.min(axis=(1, 2, 3), keepdims=True)
    normal = np.random.default_rng(seed).standard_normal((samples, *X.shape), dtype=np.float32)
    return level * span * normal


no_noise = np.zeros((1, *X.shape), np.float32)

# %%
plain = smoothgrad(X, y, network, no_noise)
if plain is None:
    print("Fill in smoothgrad above, then run this cell again.")
else:
    smooth = smoothgrad(X, y, network, make_noise(X, 16))
    show_figure(
        attributions_figure(X_raw, titles, {"gradient": plain, "SmoothGrad, 16": smooth}),
        f"{' and '.join(titles)}; under each its gradient, a cloud of fine speckles, and its "
        "SmoothGrad, densest at the heads and necks of the geese and at the head of the insect.",
    )

# %% [markdown]
# A number for it: change each image by noise so faint (2 %) that you would hardly see it, explain
# it again, and correlate the two attributions. A method that describes the image, and not only one
# tiny place around it, should nearly repeat itself.
#
# **Guess first.** Which correlation will the gradient have with itself, and which SmoothGrad?

# %% [markdown] question="guess_repeats"
# Over 0.9 both, we would say: nobody sees 2 % of noise, and the network gives it the same class.

# %%
if plain is not None:
    changed = X + make_noise(X, 1, level=0.02, seed=1)[0]
    again = {
        "gradient": (plain, smoothgrad(changed, y, network, no_noise)),
        "SmoothGrad, 16": (smooth, smoothgrad(changed, y, network, make_noise(X, 16))),
    }
    for name, both in again.items():
        for n, title in enumerate(titles):
            alike = np.corrcoef(np.ravel(both[0][n]), np.ravel(both[1][n]))[0, 1]
            print(f"{name:<16} {title:<12} correlation before and after {alike:.2f}")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# The gradient correlates with itself by 0.40 and 0.20 only: it describes a place so small that a
# change which nobody sees leads out of it. SmoothGrad has 0.82 and 0.84. It repeats itself; whether
# what it says is right, this number does not tell.
#
# </details>

# %% [markdown]
# ## 3. Integrated gradients
#
# A derivative tells what a small change would do here. It cannot say how the score *came about*.
# Take the toy network
#
# $$f(x_1, x_2) = \min(x_1 + x_2,\, 1) = 1 - \max(1 - x_1 - x_2,\, 0),$$
#
# a sum that is full at 1, and the input (1, 1). Lower $x_1$ a little, and nothing happens: the
# gradient is (0, 0). **It has saturated**: each input alone would do, and so the gradient says that
# neither matters.
#
# [Sundararajan, Taly and Yan (2017)](https://arxiv.org/abs/1703.01365) compare the image with a
# **baseline** $B$, an image without content, and follow the straight way from it to the image:
#
# $$A = (I - B) \odot \int_0^1 \frac{\partial S_c}{\partial I}\bigl(B + \alpha\,(I - B)\bigr)\,
# d\alpha .$$
#
# $\odot$ multiplies number by number. By the chain rule the integrand, summed over all numbers of
# the image, is the derivative of the score by $\alpha$, so that the fundamental theorem of calculus
# gives
#
# $$\sum_{i,j,k} A_{ijk} = S_c(I) - S_c(B).$$
#
# The authors call this **completeness**: nothing of the score is left unexplained, and nothing is
# explained twice. It makes a test that needs no opinion of what an explanation should look like.
#
# In practice the integral is a sum. Divide the way into $m$ equal parts and take the gradient in
# the *middle* of each (the midpoint rule): at $\alpha = \tfrac{1}{2m}, \tfrac{3}{2m}, \dots,
# \tfrac{2m-1}{2m}$. (The paper takes the end of each part. Both have the same limit.)
#
# **Pencil and paper.** Follow the way from (0, 0) to (1, 1) in the toy network. Where does the
# gradient jump? Work out input × gradient, and the attributions $A$, first with the integral, then
# with $m = 4$ and with $m = 5$ parts. (Say that the derivative at the kink itself is 0, as
# TensorFlow does.) Are they complete?

# %% [markdown] question="pencil_saturation"
# On the way $x = (\alpha, \alpha)$ the gradient is (1, 1) up to $\alpha = \tfrac12$, and (0, 0)
# from there on. Input × gradient is (0, 0), though $f$ has risen from 0 to 1. The integral is
# $(\tfrac12, \tfrac12)$: both get the same, and together the 1. With $m = 4$, two of four middles
# lie before the kink: $(\tfrac12, \tfrac12)$, complete. With $m = 5$ one middle lies on the kink,
# and two of five before it: $(\tfrac25, \tfrac25)$, and a fifth is missing.

# %% [markdown]
# ### Your turn
#
# * Write down where $\alpha = 0$ and $\alpha = 1$ lead, and try your formula there.
# * The mean of $m$ gradients approximates the integral, because each part has length $1/m$.
# * `baseline` has the shape of `X`. It need not be zero. (What colour is zero after preprocessing?)


# %% answer="integrated_gradients"
def integrated_gradients(X, y, model, baseline, steps):
    """
    Explain the score of class y[n] of each image X[n] by integrated gradients.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - y: labels of the images, integer array of shape (N,)
    - model: a Keras model from images to unnormalised scores, shape (N, 1000); it stays as it is
    - baseline: where the way to each image begins, float32 array of shape (N, H, W, 3)
    - steps: number of equal parts of the way; the gradient is taken in the middle of each

    Returns:
    - attributions: array of shape (N, H, W, 3), with sign
    """
    attributions = None
    ###########################################################################
    # TODO: Average the gradients at the middles of the parts of the way from #
    # the baseline to the images, and multiply by how far each number goes.   #
    ###########################################################################
    ### BEGIN SOLUTION
    gradients = [
        gradient_of_score(baseline + (step + 0.5) / steps * (X - baseline), y, model)
        for step in range(steps)
    ]
    attributions = (X - baseline) * np.mean(gradients, axis=0)
    ### END SOLUTION
    return attributions


# %% check="integrated_gradients" points=10
check.integrated_gradients(integrated_gradients)

# %% [markdown]
# First the toy, by your function. Do you get what you worked out?


# %%
def toy(X):
    """min(x1 + x2, 1) of each "image" of two numbers, as the only score: (N, 1)."""
    return 1 - tf.nn.relu(1 - tf.reduce_sum(X, axis=(1, 2, 3)))[:, None]


ones = np.ones((1, 1, 1, 2), np.float32)
done = integrated_gradients(ones, [0], toy, 0 * ones, 1) is not None
if not done:
    print("Fill in integrated_gradients above, then run this cell again.")
else:
    print("input × gradient        ", np.ravel(ones * gradient_of_score(ones, [0], toy)))
    for steps in (4, 5, 50):
        found = integrated_gradients(ones, [0], toy, 0 * ones, steps)
        print(f"integrated, {steps:2} steps    ", np.ravel(found))

# %% [markdown]
# ### The way to a real image
#
# The baseline is zero from here on, the mean colour of ImageNet, a plain grey. The next cell walks
# from it to the photographs in tenths, and integrates over each tenth alone: its attributions must
# add up to what the score gains there.
#
# **Guess first.** Draw, for the goose, score and probability against $\alpha$, from the grey image,
# 0, to the photograph, 1. Which of the two saturates? And in which tenth will four gradients be
# the worst estimate?

# %% [markdown] question="guess_path"
# The paper's reason for the method is saturation, so we would draw a score that rises steeply and
# is then flat, and the probability like it. The worst tenth might be one in the middle, where the
# network changes its mind from something else to a goose.

# %%
TENTHS = np.linspace(0, 1, 11)
if done:
    points = [(alpha * X).astype(np.float32) for alpha in TENTHS]
    every = np.array([network(each).numpy()[np.arange(2), y] for each in points])
    sure = np.array([tf.nn.softmax(network(each)).numpy()[np.arange(2), y] for each in points])
    parts = np.array(
        [
            np.sum(integrated_gradients(end, y, network, start, 4), axis=(1, 2, 3))
            for start, end in pairwise(points)
        ]
    )
    panels = {}
    for n, title in enumerate(titles):
        rises = np.diff(every[:, n])
        print(f"{title}: score {every[0, n]:.2f} at the baseline, {every[-1, n]:.2f} at the image")
        print("  score gained  " + "".join(f"{each:7.2f}" for each in rises))
        print("  attributions  " + "".join(f"{each:7.2f}" for each in parts[:, n]))
        off = parts[:, n] - rises
        print("  too much by   " + "".join(f"{each:7.2f}" for each in off))
        print("  probability   " + "".join(f"{each:7.2f}" for each in sure[1:, n]))
        panels[title] = {
            "score gained, of all": (every[:, n] - every[0, n]) / rises.sum(),
            "attributions so far": np.append(0, np.cumsum(parts[:, n])) / rises.sum(),
            "probability": sure[:, n],
        }
    show_figure(
        lines_figure(TENTHS, panels, "on the way from grey (0) to the image (1)", "from 0 to 1"),
        "For both photographs the score rises in an almost straight line, a little more steeply in "
        "the first tenth, with the sum of the attributions on it; the probability rises late and "
        "is flat at the end.",
    )

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# **The score does not saturate.** It gains in every tenth, the goose's 2.99 to 3.67 and the first
# time 4.40, the leafhopper's 2.70 to 3.02 and the first time 7.54. What flattens is the
# probability, and that is the softmax: it cannot pass 1. Saturation is a good reason for the method
# where a network saturates, as the toy does; this network hardly does, on these two photographs.
#
# **The kinks crowd at the grey end.** In nine tenths of the way four gradients are off by 0.01 or
# less; in the first tenth by 0.16 (goose) and 0.54 (leafhopper). On a plain grey image a ReLU gets
# the same input at all places inside, its bias decides whether it is open, and a little of the
# photograph is enough to change that. A ReLU whose input is $\alpha u + b$ changes over at $\alpha
# = -b / u$: the stronger the photograph drives it, the earlier. Later on most have made up their
# minds, and the network is nearly linear along the way.
#
# </details>
#
# ### Do the attributions add up?
#
# Now over the whole way. The table has the sum of the attributions for more and more steps, and in
# its last line the goal, the difference of the scores. The **gap** is how far the sum is above (or,
# negative, below) the goal, in per cent of the goal.

# %%
baseline = np.zeros_like(X)
which = np.arange(len(y)), y
difference = network(X).numpy()[which] - network(baseline).numpy()[which]
counts = (1, 2, 4, 8, 16, 32)
if done:
    print("steps" + "".join(f"{title:>12}: sum     gap" for title in titles))
    gaps = []
    for steps in counts:
        integrated = np.asarray(integrated_gradients(X, y, network, baseline, steps))
        sums = integrated.sum(axis=(1, 2, 3))
        gaps.append((sums - difference) / difference)
        both = zip(sums, gaps[-1], strict=True)
        print(f"{steps:5}" + "".join(f"{total:17.2f} {gap:7.1%}" for total, gap in both))
    print(" goal" + "".join(f"{each:17.2f}        " for each in difference))
    show_figure(
        completeness_figure(counts, np.array(gaps), titles),
        "The size of the gap against the number of steps, 1 to 32, for both images: it "
        "goes up and down; the leafhopper's falls from 16 % to 2 %, the goose's is never over 4 %.",
    )

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# The gap does not shrink with every doubling of the steps: the goose's is -0.2 % with a single
# step, which is luck, and 2.7 % with 16. You know from the last picture where it comes from. Nearly
# all of it belongs to the first tenth of the way, where whole crowds of ReLUs change over between
# two of the points; more steps *there* would help more than more steps everywhere. So look at the
# gap before you trust the attributions.
#
# </details>
#
# ### Four baselines
#
# Grey is a choice. The attributions answer the question "why this image *and not the baseline?*",
# and another baseline asks another question.
#
# **Guess first.** The goose has a black head and neck. With a *black* baseline, what will these
# get?

# %% [markdown] question="guess_baselines"
# Nothing: $(I - B)$ is zero where the image is as black as the baseline, whatever the gradient is.

# %%
if done:
    baselines = {
        "grey": baseline,
        "black": preprocess_image(np.zeros_like(X_raw)),
        "white": preprocess_image(np.full_like(X_raw, 255)),
        "blurred": blur_image(X, 10),
    }
    by_baseline = {
        name: np.asarray(integrated_gradients(X, y, network, each, 16))
        for name, each in baselines.items()
    }
    show_figure(
        attributions_figure(X_raw, titles, by_baseline),
        f"{' and '.join(titles)}, and their integrated gradients from a grey, a black, a white and "
        "a blurred baseline. Each gives other speckles: of the geese densest on necks and backs "
        "from grey and the blurred image, and more spread out from black and white; of the insect "
        "the eye from grey, and the whole body from black and the blurred image.",
    )
    print("correlation with the attributions from grey")
    for name, each in by_baseline.items():
        print(f"  {name:<8}", end="")
        for n, title in enumerate(titles):
            alike = np.corrcoef(np.ravel(each[n]), np.ravel(by_baseline["grey"][n]))[0, 1]
            print(f"{title:>12} {alike:.2f}", end="")
        print()

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# For the goose, the attributions from black have nothing to do with those from grey: they do not
# correlate. From white the correlation is 0.37, from the blurred image 0.60. What is as dark as the
# baseline gets next to nothing, as you would have said; but the whole picture changes besides,
# since each way leads through other places of the network. All four are complete, up to their gap.
# A paper that shows integrated gradients without naming the baseline has not said what was asked.
#
# </details>
#
# ### Input times gradient, once more
#
# Suppose a network of convolutions, ReLUs and pools had **no biases**, and let the baseline be 0.
# Then nothing in it changes over when the image is multiplied by $\alpha > 0$: every number in the
# network is multiplied by $\alpha$, so $S_c(\alpha I) = \alpha\, S_c(I)$. The gradient is the same
# all the way, and
#
# $$A = I \odot \frac{\partial S_c}{\partial I}(I), \qquad \sum_{i,j,k} A_{ijk} = S_c(I):$$
#
# integrated gradients *are* input × gradient, with a single step. SqueezeNet has biases. How much
# do they matter? The next cell sets them to zero in a copy, and looks at all 20 photographs with
# them.

# %%
if done:
    unbiased = tf.keras.models.clone_model(model)
    unbiased.set_weights([w if w.ndim > 1 else 0 * w for w in model.get_weights()])
    for name, each in (("without biases", freeze(unbiased)), ("with biases", network)):
        product = X * gradient_of_score(X, y, each)
        on_the_way = np.asarray(integrated_gradients(X, y, each, baseline, 16))
        alike = np.corrcoef(np.ravel(product), np.ravel(on_the_way))[0, 1]
        print(f"{name:<16} correlation with input × gradient {alike:.4f}")
    shares = np.sum(X_all * gradient_of_score(X_all, y_all, network), axis=(1, 2, 3))
    shares = shares / network(X_all).numpy()[np.arange(20), y_all]
    print(f"input × gradient adds up to {shares.min():.0%} to {shares.max():.0%} of the score")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Without biases the two agree, as they must. With them they still correlate by 0.95, and input ×
# gradient adds up to 74 to 89 % of the score in all 20 photographs: the gradient at the image alone
# explains most of it, in one pass instead of 16 or 32. Near each photograph the network is a linear
# function of the image and a constant, and the constant, what the biases contribute, is the rest.
# Saturation would look different: the toy's input × gradient was 0.
#
# </details>

# %% [markdown]
# ## 4. Grad-CAM
#
# The first three methods go back all the way to the pixels. [Selvaraju et al.
# (2017)](https://arxiv.org/abs/1610.02391) stop at a late layer, whose feature maps $A^k$ are
# coarse but mean something. Each feature map gets one weight, the mean of its gradient over all $Z$
# places $(u, v)$; the heat map is the positive part of the weighted sum:
#
# $$\alpha_k = \frac{1}{Z} \sum_{u,v} \frac{\partial S_c}{\partial A^k_{uv}},
# \qquad\qquad
# L_{uv} = \max\Bigl(\sum_k \alpha_k A^k_{uv},\; 0\Bigr).$$
#
# (The letters are those of the paper: here $A^k$ is no attribution, and $\alpha_k$ is a weight.)
#
# The heat map has the height and width of the layer: 13 x 13 for the last layers and an image of
# 224 x 224. It is enlarged for the picture only.
#
# ### Your turn
#
# * A model of your own with two outputs, `tf.keras.Model(model.input, [a, b])`, returns feature
#   maps *and* scores. `model.get_layer(layer).output` is the output of a layer.
# * Call it inside the tape. Then the tape can differentiate the score by the feature maps.
# * Write the shapes beside your lines. Which axes does the mean take away, which the sum?


# %% answer="grad_cam"
def grad_cam(X, y, model, layer):
    """
    Explain the score of class y[n] of each image X[n] by Grad-CAM.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - y: labels of the images, integer array of shape (N,)
    - model: a Keras model that returns the unnormalised scores, shape (N, 1000); it stays as it is
    - layer: name of the layer whose output, of shape (N, h, w, channels), is used

    Returns:
    - heat_maps: array of shape (N, h, w), nonnegative
    """
    heat_maps = None
    ###########################################################################
    # TODO: Weight each feature map of the layer by the mean of its gradient, #
    # add them up, and keep the positive part.                                #
    ###########################################################################
    ### BEGIN SOLUTION
    both = tf.keras.Model(model.input, [model.get_layer(layer).output, model.output])
    with tf.GradientTape() as tape:
        features, scores = both(tf.constant(X))
        scores = tf.gather(scores, y, axis=1, batch_dims=1)
    gradient = tape.gradient(scores, features)
    weights = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    heat_maps = tf.nn.relu(tf.reduce_sum(weights * features, axis=3)).numpy()
    ### END SOLUTION
    return heat_maps


# %% check="grad_cam" points=10
check.grad_cam(grad_cam)

# %% [markdown]
# ### Which layer?
#
# `fire9_concat` is the last layer before the classes, `conv10` has one feature map for each
# class, and `fire5_concat` lies in the middle of the network, with 27 x 27 places.

# %%
layers = ("fire5_concat", "fire9_concat", "conv10")
heat = {layer: grad_cam(X, y, model, layer) for layer in layers}
if heat["conv10"] is None:
    print("Fill in grad_cam above, then run this cell again.")
else:
    show_figure(
        attributions_figure(X_raw, titles, heat),
        f"{' and '.join(titles)} and the heat maps of three layers: at fire5 much of the "
        "background is hot, the grass or the leaf; at fire9 a patch over each goose and one over "
        "the insect; nearly the same patches at conv10.",
    )
    for n, title in enumerate(titles):
        late, last = np.ravel(heat["fire9_concat"][n]), np.ravel(heat["conv10"][n])
        print(f"{title}: fire9 and conv10 correlate by {np.corrcoef(late, last)[0, 1]:.3f};")
        print(f"    conv10's heat map adds up to {last.sum():.3f}, and the score is", end=" ")
        print(f"{model(X[n : n + 1]).numpy()[0, y[n]]:.3f}")

# %% [markdown]
# ## Two objects
#
# An explanation of a class should depend on the class. To measure that you need images in which the
# network sees two classes at different places, and you know where. So put two photographs side by
# side: the network takes images of any size. (Böhle et al. (2021) compare methods like this, on
# grids of images.)

# %%
pairs = [(1, 8), (13, 19)]
mosaics_raw = np.stack([np.concatenate([X_raw_all[a], X_raw_all[b]], axis=1) for a, b in pairs])
mosaics = preprocess_image(mosaics_raw)
for mosaic, pair in zip(mosaics, pairs, strict=True):
    scores = model(mosaic[None]).numpy()[0]
    best = np.argsort(-scores)
    for label in y_all[list(pair)]:
        place = 1 + np.flatnonzero(best == label)[0]
        print(f"{class_names[label]:<14} score {scores[label]:.1f}, place {place} of 1000")

# %% [markdown]
# Each mosaic is explained twice, for the class on its left and for the class on its right. The
# noise and the baseline are the same for both. This takes the longest of all cells.
#
# **Guess first.** Which method's two maps will differ most, and which one's least?

# %% [markdown] question="guess_two"
# Grad-CAM's most: it works with feature maps near the classes. The gradient's least: it is so noisy
# that one sees no difference.

# %%
two = np.repeat(mosaics, 2, axis=0)
two_raw = np.repeat(mosaics_raw, 2, axis=0)
classes = y_all[np.ravel(pairs)]
one_noise = np.repeat(make_noise(mosaics, 8), 2, axis=1)
methods = {
    "gradient": lambda X, y: smoothgrad(X, y, network, np.zeros((1, *X.shape), np.float32)),
    "guided backprop.": lambda X, y: guided_backpropagation(X, y, model),
    "SmoothGrad": lambda X, y: smoothgrad(X, y, network, one_noise),
    "integrated": lambda X, y: integrated_gradients(X, y, network, np.zeros_like(X), 16),
    "Grad-CAM, fire5": lambda X, y: grad_cam(X, y, model, "fire5_concat"),
    "Grad-CAM, fire9": lambda X, y: grad_cam(X, y, model, "fire9_concat"),
}
explanations = {name: method(two, classes) for name, method in methods.items()}
explanations = {n: np.asarray(found) for n, found in explanations.items() if found is not None}
if len(explanations) < len(methods):
    print("Fill in all four answers above, then run this cell again.")
else:
    show_figure(
        attributions_figure(
            two_raw, [f"for {class_names[c]}" for c in classes], explanations, signed=False
        ),
        "Two mosaics, each explained for the class on its left and for that on its right. Guided "
        "backpropagation shows the outlines of both objects both times; the heat maps of Grad-CAM "
        "at fire9 move from one side to the other.",
    )

# %% [markdown]
# Two numbers say more than the picture. Both look at maps without sign, the largest absolute value
# of each pixel's colours:
#
# * **class to class**: the rank correlation of the map for one class with the map of the same image
#   for the other (Spearman's: the correlation of the pixels' ranks). 1 means that the method put
#   all pixels in the same order, whatever was asked.
# * **own half**: the share of the map that lies on the half with the photograph of the class
#   asked for. Without any knowledge it is 50 %.


# %%
def as_map(values):
    """Attributions (H, W, 3) or a heat map (h, w) as a map without sign, (H, W) or (h, w)."""
    return np.abs(values).max(axis=-1) if values.ndim == 3 else values


def rank_correlation(a, b):
    """Spearman's rank correlation of two maps of the same shape; equal values share a rank."""

    def ranks(values):
        _, place, count = np.unique(values, return_inverse=True, return_counts=True)
        return (np.cumsum(count) - (count - 1) / 2)[place.ravel()]

    return np.corrcoef(ranks(a), ranks(b))[0, 1]


def share_left(values):
    """The share of a map (H, W) that lies on its left half; a column in the middle is halved."""
    width = values.shape[1]
    weight = np.clip(width / 2 - np.arange(width), 0, 1)
    return (values * weight).sum() / values.sum()


# %%
print("                      class to class          own half")
print(" " * 18 + "chair/yurt cannon/beetle   chair  yurt cannon beetle")
for name, found in explanations.items():
    maps = [as_map(values) for values in found]
    alike = [rank_correlation(maps[0], maps[1]), rank_correlation(maps[2], maps[3])]
    left = [share_left(values) for values in maps]
    own = [left[0], 1 - left[1], left[2], 1 - left[3]]
    print(f"{name:<17}{alike[0]:11.2f}{alike[1]:14.2f}", end="  ")
    print("".join(f"{each:7.0%}" for each in own))

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Read the table with the picture:
#
# * **Guided backpropagation hardly changes with the class**: its two maps agree by 0.93 and 0.95.
#   What looked like an explanation shows the outlines of whatever is there.
# * **Grad-CAM at fire9 changes most** (0.09 and 0.18), and about two thirds of the heat lie on the
#   class's own half, for all four. At fire5, in the middle of the network, that is lost: more than
#   half of the heat lies on the photograph at the right, whatever was asked.
# * Gradient, SmoothGrad and integrated gradients lie between. Stable is not the same as right:
#   SmoothGrad repeated itself far better than the gradient, and its *own half* is hardly above
#   chance here, 55 to 59 %.
# * Asked for the cannon, integrated gradients point to the *beetle*: only 36 % lie on the half of
#   the cannon.
#
# </details>
#
# One thing is worth a second look. A map without sign cannot tell what speaks for the cannon
# from what speaks against it. The attributions can, and by completeness their sum over a half is
# the part of the score that comes from there:

# %%
if "integrated" in explanations:
    print("integrated gradients, with their sign: sum on the left and on the right half")
    for label, values in zip(classes, explanations["integrated"], strict=True):
        middle = values.shape[1] // 2
        left, right = values[:, :middle].sum(), values[:, middle:].sum()
        print(f"for {class_names[label]:<14}{left:7.1f}{right:7.1f}")
        halves = (values[:, :middle], values[:, middle:])
        ups = [(half[half > 0].sum(), half[half < 0].sum()) for half in halves]
        print("    of it" + "".join(f"{up:+8.0f} {down:+.0f}" for up, down in ups))

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# With the sign, 13.0 of the cannon's sum come from the cannon and 5.1 from the beetle, and for each
# of the four classes the larger part comes from its own half. But each of these sums is what is
# left of large numbers that nearly cancel: for the cannon, +636 and -631 on the beetle, +357 and
# -344 on the cannon. A picture of absolute values shows them all.
#
# </details>
#
# Two mosaics are few: these numbers belong to these images and to this network.
#
# ## Questions
#
# Write a few sentences for each. Two of them are marked by hand.
#
# **1.** (2 points.) Guided backpropagation draws nearly the same map for both classes. Follow the
# way back from the score to the pixels: where does the class enter, and what do all the ReLUs below
# do with what they are handed? Why would a picture like this convince a reader all the same?

# %% [markdown] question="guided" points=2
# The class enters once, at conv10: its weights, and the places where its feature map is positive.
# From there on every ReLU keeps only what is positive, so that hardly anything cancels, and what
# survives is set by which ReLUs are open, which depends on the image and not on the class. The
# result shows the edges to which the lower layers react. Nie et al. (2018) argue that the method
# partly restores the image. The outlines of the object look like an explanation because a reader
# knows the object; an edge detector would please as much.
#
# *Rubric:* 1 point for where the class enters, and that ReLUs which pass only what is positive
# leave little for it to decide; 1 point for why it convinces: the reader, not the network, knows
# the object.

# %% [markdown]
# **2.** (2 points.) "The attributions add up to the score, so the explanation is right." Describe
# attributions that also add up exactly and explain nothing. And what does integrated gradients with
# a *black* baseline say about the black parts of a beetle?

# %% [markdown] question="completeness" points=2
# Give every number of the image the same share of the difference of the scores, or give all of it
# to the pixel in the corner: both are complete. Completeness is necessary to count the whole
# score, and does not say that the shares are right. A number that equals the baseline has not
# moved, and $(I - B)$ makes its attribution exactly zero: with a black baseline, what is black on
# the beetle gets nothing, however much the network needs it. Another baseline asks another
# question.
#
# *Rubric:* 1 point for attributions that are complete and explain nothing; 1 point for the factor
# $(I - B)$, which is zero where the image equals the baseline.

# %% [markdown]
# **3.** Write $w_k$ and $b$ for the weights and the bias with which conv10 makes the feature map of
# class $c$ from the feature maps $A^k$ of fire9, so that $S_c$ is the mean over all places of
# $\max(\sum_k w_k A^k + b,\, 0)$. Work out the heat maps of Grad-CAM for fire9 and for conv10. In
# what do they differ, and why does that of conv10 add up to the score?

# %% [markdown] question="layers"
# By fire9, the derivative is $\partial S_c / \partial A^k_{uv} = w_k / Z$ where the map of the
# class is positive and 0 elsewhere. With $f$ for the share of the places where it is positive,
# $\alpha_k = f w_k / Z$ and $L = \tfrac{f}{Z} \max(\sum_k w_k A^k, 0)$. At conv10 only the map of
# the class has a weight, $1 / Z$, so $L = \tfrac{1}{Z} \max(\sum_k w_k A^k + b, 0)$, whose sum over
# the places is the mean of the map, the score. So they differ by the factor $f$, which no picture
# shows, and by the bias inside the maximum.

# %% [markdown]
# ## Things to try
#
# * **Deconvolution.** Drop the condition on $x$ from your guided ReLU. What changes for two
#   classes?
# * **Guided Grad-CAM.** Multiply guided backpropagation by the enlarged heat map, as Selvaraju et
#   al. do. Is its map for one class still like that for the other? Which factor is responsible?
# * Take 64 noisy copies instead of 16, or a level of 0.3. Does *own half* grow?
# * Take the mean over many random baselines (*expected gradients*). What happens to the black head?
# * Put the two photographs on top of each other (their mean) instead of side by side.

# %% [markdown]
# ## References
#
# * J. T. Springenberg, A. Dosovitskiy, T. Brox, M. Riedmiller: *Striving for Simplicity: The All
#   Convolutional Net*. ICLR workshop 2015, [arXiv:1412.6806](https://arxiv.org/abs/1412.6806).
# * M. D. Zeiler, R. Fergus: *Visualizing and Understanding Convolutional Networks*. 2013,
#   [arXiv:1311.2901](https://arxiv.org/abs/1311.2901): the deconvolution.
# * D. Smilkov, N. Thorat, B. Kim, F. Viégas, M. Wattenberg: *SmoothGrad: removing noise by adding
#   noise*. 2017, [arXiv:1706.03825](https://arxiv.org/abs/1706.03825).
# * M. Sundararajan, A. Taly, Q. Yan: *Axiomatic Attribution for Deep Networks*. ICML 2017,
#   [arXiv:1703.01365](https://arxiv.org/abs/1703.01365).
# * R. R. Selvaraju et al.: *Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
#   Localization*. ICCV 2017, [arXiv:1610.02391](https://arxiv.org/abs/1610.02391).
# * W. Nie, Y. Zhang, A. Patel: *A Theoretical Explanation for Perplexing Behaviors of
#   Backpropagation-based Visualizations*. ICML 2018,
#   [arXiv:1805.07039](https://arxiv.org/abs/1805.07039).
# * M. Böhle, M. Fritz, B. Schiele: *Convolutional Dynamic Alignment Networks for Interpretable
#   Classifications*. CVPR 2021, [arXiv:2104.00032](https://arxiv.org/abs/2104.00032): grids of
#   images as a test.
