# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Saliency maps
#
# A network looks at a photograph, 150,528 numbers, and says *bald eagle*. To which of those numbers
# is it most sensitive? In this notebook you will ask the network itself, with one gradient.
#
# You will
#
# 1. load a real network, trained on the 1.3 million photographs of ImageNet, and real photographs;
# 2. implement **saliency maps** (Simonyan, Vedaldi and Zisserman, 2014) in about six lines;
# 3. find out, with numbers, what such a map tells you and what it does not;
# 4. ask a sharper question than "why this class?": why this class *and not that one?*
#
# You fill in two cells, marked **TODO**; all others run as they are (until your answer is right,
# "Run all" stops at its check). Allow about an hour. You need to know what a convolutional network
# is, and how TensorFlow's [`GradientTape`](https://www.tensorflow.org/guide/autodiff) computes a
# derivative.

# %% [markdown]
# ## Set-up
#
# Run each cell with <kbd>Shift</kbd> + <kbd>Enter</kbd>, from the top. The first one takes several
# seconds, because TensorFlow is large. If it says that there is no module `cs231n_vis`, the package
# is not installed where this notebook runs: [00_start_here](00_start_here.ipynb) says what to do.

# %%
import numpy as np

from cs231n_vis import (
    check,
    load_image,
    load_imagenet_val,
    load_squeezenet,
    preprocess_image,
    show_images,
    show_saliency_maps,
    tf,  # TensorFlow, without its start-up messages
)

# %% [markdown]
# ## The network
#
# [SqueezeNet 1.1](https://arxiv.org/abs/1602.07360) (Iandola et al., 2016) is a convolutional
# network made to be small: it reaches the accuracy of AlexNet with fifty times fewer weights, so it
# runs well on a laptop. Its weights are already trained and stay as they are. In this notebook the
# derivatives are with respect to the *image*.

# %%
model = load_squeezenet()
print(f"{model.count_params():,} weights")
print(f"from images {model.input_shape} to scores {model.output_shape}")

# %% [markdown]
# For every image the network returns 1000 numbers, one for each class of ImageNet: the
# **unnormalised scores**, also called *logits*. The class with the highest score is its guess.
# There is no softmax at the end. Keep that in mind: you will need the scores, not probabilities.

# %% [markdown]
# ## The images
#
# These are 20 photographs with labels of ImageNet, which the library
# [Foolbox](https://foolbox.jonasrauber.de) brings along. `X_raw` holds them as uint8, shape
# (20, 224, 224, 3); `y` holds the label of each, and `class_names` maps each label to its name.

# %%
X_raw, y, class_names = load_imagenet_val()
show_images(X_raw, [class_names[label] for label in y])

# %% [markdown]
# Not every label is right. Look at the *prayer rug*: it is a window of stained glass. And the bill
# of the *spoonbill* is thin and curved, like that of an ibis. There are many such errors in data
# that everybody uses: at least 6 % of the labels of ImageNet's validation set are wrong (Northcutt
# et al., 2021), and Beyer et al. (2020) labelled it anew. We keep the labels as they are, because
# the network has learned from labels of this kind; but remember who says *spoonbill*.
#
# Before an image goes in, it is **preprocessed**: divided by 255, then each colour channel has its
# ImageNet mean subtracted and is divided by its standard deviation.

# %%
X = preprocess_image(X_raw)
print(f"X: {X.shape} {X.dtype}, from {X.min():.2f} to {X.max():.2f}")

scores = model(X).numpy()
ranking = np.argsort(-scores, axis=1)  # for each image the labels, best score first
print(f"best guess right:        {np.sum(ranking[:, 0] == y)} of {len(y)}")
print(f"right among the best 5:  {np.sum(ranking[:, :5] == y[:, None])} of {len(y)}")

# %% [markdown]
# Five of the images will be with us from here on. The network gets two of them wrong, and agrees
# with the label of the ibis.

# %%
chosen = [0, 7, 14, 16, 15]
X_raw, X, y, ranking = X_raw[chosen], X[chosen], y[chosen], ranking[chosen]
guesses = [
    "right" if guess == label else f"says {class_names[guess]}"
    for guess, label in zip(ranking[:, 0], y, strict=True)
]
show_images(
    X_raw, [f"{class_names[label]}:\n{guess}" for label, guess in zip(y, guesses, strict=True)]
)

# %% [markdown]
# ## What is a saliency map?
#
# Write $I$ for an image and $S_c(I)$ for the score that the network gives it for class $c$. The
# network is not linear, but very close to this one image it nearly is (first-order Taylor
# expansion):
#
# $$S_c(I + \delta) \;\approx\; S_c(I) + \sum_{i,j,k} w_{ijk}\,\delta_{ijk}
# \qquad\text{with}\qquad
# w = \frac{\partial S_c}{\partial I}.$$
#
# Here $i, j$ are the row and the column of a pixel and $k$ is its colour: red, green or blue. So
# $w_{ijk}$ says how much the score changes when that number changes a little. Where it is large, in
# either direction, the score depends strongly on the pixel. The **saliency map** of the image for
# class $c$ keeps one number for each pixel, the largest absolute value of its three colours:
#
# $$M_{ij} = \max_{k} \, \lvert w_{ijk} \rvert .$$
#
# An image of shape (224, 224, 3) thus gives a map of shape (224, 224), and no value of it is
# negative. The definition is that of section 3 of
# [Simonyan et al. (2014)](https://arxiv.org/abs/1312.6034).
#
# **Pencil and paper.** A *linear* network for images of two pixels has the score
# $S = -3 R_1 + 2 G_1 + B_1 + R_2 + G_2 - B_2 + 5$. What is the saliency map of a black image, and
# what of a white one? By how much does the score change if pixel 1 gets brighter by 1 in all three
# colours? Then open.
#
# <details><summary><b>Solution</b></summary>
#
# The map is $(3, 1)$ for both, and for every other image: $w$ is the same everywhere, so the map of
# a linear network shows what the network weighs and nothing of the image. And the score does not
# change at all, since $-3 + 2 + 1 = 0$, although pixel 1 is the brighter one of the map: the map
# keeps one colour of the three, and no sign.
#
# </details>

# %% [markdown]
# ## One number from each row
#
# The scores of N images are a table of N rows and 1000 columns, and each image wants one number of
# its row, that in the column of its label. Looping over rows is one way. `tf.gather_nd` does it at
# once, given a pair of row and column for each number. A small table shows how:

# %%
table = tf.constant([[10, 11, 12], [20, 21, 22]])
columns = tf.constant([2, 0])
places = tf.stack((tf.range(2), columns), axis=1)
print("places:", places.numpy().tolist())
print("picked:", tf.gather_nd(table, places).numpy().tolist())

# %% [markdown]
# ## Your turn
#
# Some advice before you start:
#
# * Inside `with tf.GradientTape() as tape:` TensorFlow remembers what you compute, and
#   `tape.gradient(target, source)` differentiates it. The tape watches variables by itself, but `X`
#   is data: tell it with `tape.watch(...)`, and make a tensor of it first
#   (`tf.convert_to_tensor`). If the gradient comes out as `None`, the tape did not watch `X`, or
#   the score was computed outside the `with`.
# * There is no loss here, and no softmax. What is differentiated is the score itself.
# * Each image has its own class: from the scores, shape (N, 1000), take one number per image, as
#   above.
# * You need no loop. The gradient of the *sum* of the N numbers with respect to image $n$ is the
#   gradient of the $n$-th number alone, because the score of one image does not depend on the
#   others. `tape.gradient` sums by itself.


# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    """
    Compute a class saliency map for each image X[n] and its label y[n].

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - y: labels of the images, integer array of shape (N,)
    - model: a Keras model that returns the unnormalised scores, shape (N, 1000); it stays as it is

    Returns:
    - saliency: array of shape (N, H, W), the saliency maps of the N images
    """
    saliency = None
    ###########################################################################
    # TODO: 1. Inside a tape, compute the scores of all images.               #
    #       2. Of each image, take the score of its class y[n]; no loss.      #
    #       3. Outside, the gradient of these with respect to X.              #
    #       4. Its absolute value, and of the three colours the largest.      #
    ###########################################################################
    ### BEGIN SOLUTION
    X = tf.convert_to_tensor(X)
    y = tf.cast(y, tf.int32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        correct_scores = tf.gather_nd(scores, tf.stack((tf.range(X.shape[0]), y), axis=1))
    gradient = tape.gradient(correct_scores, X)
    saliency = tf.reduce_max(tf.abs(gradient), axis=3).numpy()
    ### END SOLUTION
    return saliency


# %% [markdown]
# Now look. Do the bright pixels lie where you would look yourself? (For some of the images. Nobody
# promised that they would.)

# %% tags=["saliency-figure"]
saliency = compute_saliency_maps(X, y, model)
show_saliency_maps(X_raw, y, saliency, class_names)

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Bright dots gather on the mastiff's face, around the ibis, on the Dalmatian and on the geese. On
# the jeep's map you can make out nothing, and we show it on purpose: such maps are there, too, and
# a figure of chosen ones hides them. That the network takes the jeep for something else does not
# explain it, for it takes the Dalmatian for something else as well.
#
# </details>
#
# A picture can look right and be wrong: a map with a sum over the colours looks much the same. The
# next cell compares each of your maps $M$ with a saved one, $M'$, as a whole, by the *relative L2
# error* $\lVert M - M'\rVert / \lVert M' \rVert$, because on another processor a few pixels can
# come out differently.

# %% check="saliency_maps" points=10
check.saliency_maps(compute_saliency_maps)

# %% [markdown]
# ## What does the map promise?
#
# If bright pixels matter, then painting over them should hurt more than painting over others. Try
# it: paint part of each image grey (zero after preprocessing, the mean colour), once the brightest
# pixels and once as many at random, and read the score of the right class again, image by image.
#
# **Guess first.** Look at your five maps. For which images will this hurt much more than chance,
# and for which hardly?

# %% [markdown] question="guess_hidden"
# Much more for the Bullmastiff and the geese, on which the map is bright; hardly for the jeep,
# whose map is bright everywhere.


# %%
def score_with_pixels_hidden(priority, fraction):
    """The scores of the right classes, (N,), when this fraction of the pixels, those of highest
    priority (N, H, W), is painted grey."""
    priority = np.asarray(priority)
    limit = np.quantile(priority, 1 - fraction, axis=(1, 2), keepdims=True)
    hidden = X * (priority <= limit)[..., None]
    return model(hidden).numpy()[np.arange(len(y)), y]


if saliency is None:
    print("Fill in compute_saliency_maps above, then run this cell again.")
else:
    at_random = np.random.default_rng(231).random(X.shape[:3])
    print("hidden                " + "".join(f"{class_names[label]:>14}" for label in y))
    for fraction in (0, 0.02, 0.05, 0.1, 0.2):
        for name, priority in (("brightest", saliency), ("at random", at_random)):
            scores_now = score_with_pixels_hidden(priority, fraction)
            print(f"{fraction:5.0%}  {name:<15}" + "".join(f"{s:14.1f}" for s in scores_now))

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# For the Bullmastiff, the “spoonbill” and the goose the map keeps its promise: to hide its
# brightest 10 % costs more than to hide 20 % at random. For the jeep and the Dalmatian, which the
# network takes for something else, it does not: their scores even *rise* when the brightest 2 % go,
# from 24.4 to 29.6 and from 17.4 to 19.5. A map says what a small change would do, and to paint a
# pixel grey is no small change.
#
# </details>
#
# ## The same image, another class
#
# A saliency map belongs to an image *and a class*. Here are the Dalmatian and the jeep, first for
# their own class and then for the class that the network takes them for.

# %%
two = [3, 3, 1, 1]
classes = np.array([y[3], ranking[3, 0], y[1], ranking[1, 0]])
show_saliency_maps(X_raw[two], classes, compute_saliency_maps(X[two], classes, model), class_names)

# %% [markdown]
# ## This class and not that one
#
# The two maps of the Dalmatian look much alike (their correlation is 0.75), although one is of the
# right class and the other of a jaguar: both are bright on the head. A sharper question is what
# tells the two classes *apart*. It has a gradient too: that of the difference of the two scores,
# $S_a - S_b$. In general, take any **losses** $L_1, \dots, L_m$, each a function of an image's
# scores, and a weight $\alpha_l$ for each of them. Their weighted sum
#
# $$L(I) = \sum_{l=1}^{m} \alpha_l \, L_l\big(S(I)\big)$$
#
# is again one number for each image, so it has a saliency map:
# $M_{ij} = \max_k \, \lvert \partial L / \partial I_{ijk} \rvert$. With one loss, the score of a
# class, and the weight 1 it is the map you know. The library
# [keras-vis](https://raghakot.github.io/keras-vis/) is built around this idea; its function for it
# is called `visualize_saliency_with_losses`.
#
# Some advice:
#
# * `losses` is a list of pairs `(loss, weight)`. A loss is a *function*: `loss(scores)` takes the
#   scores of all images, a tensor (N, 1000), and returns one number for each, (N,).
# * A weight can be negative. Where in your computation does its sign still mean something?


# %% answer="compute_weighted_saliency_maps"
def compute_weighted_saliency_maps(X, losses, model):
    """
    Compute a saliency map of a weighted sum of losses for each image X[n].

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - losses: list of pairs (loss, weight); loss is a function that takes the unnormalised scores
      of all images, a tensor of shape (N, 1000), and returns a tensor of shape (N,); weight is a
      number
    - model: a Keras model that returns the unnormalised scores, shape (N, 1000); it stays as it is

    Returns:
    - saliency: array of shape (N, H, W), the saliency maps of the N images
    """
    saliency = None
    ###########################################################################
    # TODO: Compute the weighted sum of the losses for every image, take its  #
    # gradient with respect to the image, and make a saliency map of it.      #
    ###########################################################################
    ### BEGIN SOLUTION
    X = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = model(X)
        total = 0.0
        for loss, weight in losses:
            total += weight * loss(scores)
    gradient = tape.gradient(total, X)
    saliency = tf.reduce_max(tf.abs(gradient), axis=3).numpy()
    ### END SOLUTION
    return saliency


# %% check="weighted_saliency_maps" points=5
check.weighted_saliency_maps(compute_weighted_saliency_maps)

# %% [markdown]
# Now the Dalmatian again: for its own class, for the class that the network takes it for, and for
# the difference of the two.


# %%
def score_of(label):
    """The loss that is the score of one class."""
    return lambda scores: scores[:, label]


dalmatian = 3
right, rival = int(y[dalmatian]), int(ranking[dalmatian, 0])
questions = {
    class_names[right]: [(score_of(right), 1)],
    class_names[rival]: [(score_of(rival), 1)],
    "the difference": [(score_of(right), 1), (score_of(rival), -1)],
}
image = X[dalmatian : dalmatian + 1]
maps = [compute_weighted_saliency_maps(image, losses, model) for losses in questions.values()]
if maps[0] is None:
    print("Fill in compute_weighted_saliency_maps above, then run this cell again.")
else:
    show_saliency_maps(X_raw[[dalmatian] * 3], range(3), np.concatenate(maps), list(questions))

# %% [markdown]
# The forehead, full of spots, pales in the third map; the ear and the muzzle stay. A jaguar's ears
# do not hang down, so that looks like an explanation. Be careful: it is *our* reading. The map says
# where the difference of the scores is sensitive, not what the network sees there.

# %% [markdown]
# ## Questions
#
# Write a sentence or two for each. They carry no points; they are what an examiner would ask.
#
# **1.** Suppose you took the gradient of the *probability* $p_c = e^{S_c} / \sum_k e^{S_k}$ instead
# of the score ($k$ runs over all classes here). For an image of which the network is quite sure,
# $p_c \approx 1$, how large would that gradient be? And what could raise $p_c$, other than evidence
# for class $c$?

# %% [markdown] question="probability"
# Almost zero: $\partial p_c / \partial I = p_c \,(\partial S_c / \partial I - \sum_k p_k\,
# \partial S_k / \partial I)$, and for $p_c \to 1$ the bracket goes to zero. Besides, the
# probability can be raised by *lowering the other scores*, so the map would mix evidence for $c$
# with evidence against its rivals. The score of $c$ alone does not.

# %% [markdown]
# **2.** The bright pixels of a map look more like noise than like an outline, with a fine grid in
# it; and in the table, hiding pixels at random hurts too, sometimes more. Why can the derivative
# jump from one pixel to the next, although neighbouring pixels show nearly the same?

# %% [markdown] question="noise"
# The network is made of pieces that are linear, and each ReLU and each max-pool decides which piece
# applies. Behind a max-pool only the largest of nine entries of a feature map gets a gradient; and
# with a stride of 2, pixels in even and odd rows meet different entries of the first kernels. The
# derivative describes one such piece, which may be tiny. Grey patches, on the other hand, are sharp
# edges that no photograph has, and the network reacts to them wherever they are.

# %% [markdown]
# **3.** The first map is bright on the Bullmastiff's face. A friend concludes: "If I make those
# pixels brighter, its score will rise more than if I make them darker." We tried, by 20 of 255,
# with the 5 % brightest pixels of the map: *darker* raised it more. What is wrong with the friend's
# conclusion? What about the gradient would you need to know, and which step of your function threw
# it away?

# %% [markdown] question="sign"
# The map says how strongly the score depends on a pixel, not in which direction: it might want the
# pixel darker. The sign of the gradient tells, separately for each colour. The absolute value threw
# it away, and the maximum also threw away which colour it was.

# %% [markdown]
# ## Things to try
#
# * **A photo of your own.** Put it beside this notebook and its name (or an address, `"https://…"`)
#   into the next cell.
# * Take the sum over the colours instead of the maximum, or no absolute value. Can you *see* the
#   difference? Can the check?
# * Add a little noise to an image, compute the map again and compare. Then average the maps of 25
#   noisy copies: you have nearly reinvented [SmoothGrad](https://arxiv.org/abs/1706.03825).
# * Your function with sliders: `from cs231n_vis import explore`, and then
#   `explore(compute_saliency_maps)`. Cover a part of the image and watch the scores.
# * Multiply the gradient by the image before you take the absolute value. What changes in black
#   regions? (After preprocessing, is black zero?)

# %%
photo = None  # for example "holiday.jpg"

if photo is not None:
    mine_raw = load_image(photo)[None]
    mine = preprocess_image(mine_raw)
    best = np.argsort(-model(mine).numpy()[0])[:3]  # the three best guesses
    show_saliency_maps(
        np.repeat(mine_raw, 3, axis=0),
        best,
        compute_saliency_maps(np.repeat(mine, 3, axis=0), best, model),
        class_names,
    )

# %% [markdown]
# ## References
#
# * K. Simonyan, A. Vedaldi, A. Zisserman: *Deep Inside Convolutional Networks: Visualising Image
#   Classification Models and Saliency Maps*. ICLR workshop 2014,
#   [arXiv:1312.6034](https://arxiv.org/abs/1312.6034).
# * F. Iandola et al.: *SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB
#   model size*. 2016, [arXiv:1602.07360](https://arxiv.org/abs/1602.07360).
# * C. G. Northcutt, A. Athalye, J. Mueller: *Pervasive Label Errors in Test Sets Destabilize
#   Machine Learning Benchmarks*. NeurIPS 2021 (datasets and benchmarks),
#   [arXiv:2103.14749](https://arxiv.org/abs/2103.14749).
# * L. Beyer, O. J. Hénaff, A. Kolesnikov, X. Zhai, A. van den Oord: *Are we done with ImageNet?*
#   2020, [arXiv:2006.07159](https://arxiv.org/abs/2006.07159).
# * O. Russakovsky et al.: *ImageNet Large Scale Visual Recognition Challenge*. IJCV 2015,
#   [arXiv:1409.0575](https://arxiv.org/abs/1409.0575): the images and the 1000 classes.
# * D. Smilkov et al.: *SmoothGrad: removing noise by adding noise*. 2017,
#   [arXiv:1706.03825](https://arxiv.org/abs/1706.03825).
# * R. Kotikalapudi: *keras-vis*, 2017, [documentation](https://raghakot.github.io/keras-vis/): maps
#   of weighted losses.
# * The assignment follows *Network Visualization* of Stanford's course
#   [CS231n](https://cs231n.github.io/), where many of us met saliency maps first.
