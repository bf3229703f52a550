# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Fooling images
#
# This network knows a Bullmastiff when it sees one. In this notebook you will change the photograph
# so little that nobody sees a difference, and the network will say *teddy bear*. You choose the
# class; nearly any will do.
#
# You will
#
# 1. make **fooling images** by gradient ascent, after Szegedy et al. (2014), who found them;
# 2. implement the **fast gradient sign method** (Goodfellow, Shlens and Szegedy, 2015), which needs
#    a single step;
# 3. compare both with a step of the same length in a random direction, and find out why they are so
#    much stronger;
# 4. ask a second network, for which they were not made.
#
# You fill in two cells, marked **TODO**. Allow about an hour. You need what you used for saliency
# maps: TensorFlow's [`GradientTape`](https://www.tensorflow.org/guide/autodiff), and that a
# gradient points to where a function grows fastest. The gradient of a score, which you wrote there,
# is given from here on.

# %%
import io
from textwrap import shorten

import numpy as np
from PIL import Image

from cs231n_vis import (
    blur_image,
    check,
    deprocess_image,
    freeze,
    load_efficientnet_lite,
    load_image,
    load_imagenet_val,
    load_squeezenet,
    plots,
    preprocess_image,
    show_figure,
    tf,  # TensorFlow, without its start-up messages
)

# %% [markdown]
# Network and photographs are those of the first notebook: SqueezeNet, which returns 1000
# unnormalised scores, and 20 photographs, of which it gets 14 right.

# %%
model = freeze(load_squeezenet())  # compiled; without gradients of the weights, which stay
X_raw, y, class_names = load_imagenet_val()
X = preprocess_image(X_raw)


def best_guess(X):
    """What the network sees in each image of X: labels, (N,)."""
    return np.argmax(model(np.asarray(X)), axis=1)


right = best_guess(X) == y
print(f"right: {right.sum()} of {len(y)}")

# %% [markdown]
# And this is the gradient from the first notebook, for N images `X`, an integer label for each in
# `y`, and a model. You may use it in your answers.


# %%
def gradient_of_score(X, y, model):
    """The gradient of the score of class y[n] by each number of X[n]: array (N, H, W, 3)."""
    X = tf.cast(X, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(X)
        scores = tf.gather(model(X), y, axis=1, batch_dims=1)
    return tape.gradient(scores, X).numpy()


# %% [markdown]
# ## One step uphill
#
# Write $X$ for the preprocessed image and $S_t(X)$ for the score of the class $t$ that the network
# is to see, the **target**. The gradient
#
# $$g = \frac{\partial S_t}{\partial X}$$
#
# has as many numbers as the image. In training you would use a gradient to change the weights; here
# the weights stay, and the *image* takes the step:
#
# $$X \;\leftarrow\; X + \eta \, \frac{g}{\lVert g \rVert_2},
# \qquad
# \lVert g \rVert_2 = \sqrt{\textstyle\sum_{i} g_{i}^2}.$$
#
# The sum goes over all numbers of the image, so every step has the same length, $\eta$
# (`learning_rate` in the code), however steep the score is there. Szegedy et al. searched for the
# smallest change with a slower method (L-BFGS); these steps are those of CS231n, and come close
# enough.
#
# How far is far? Distances in this notebook are L2 distances of preprocessed images,
# $\lVert X' - X \rVert_2$. One grey level, 1 of the 255 of a photograph, is about 0.0175 after
# preprocessing. An image has 150,528 numbers, so if each of them changed by one grey level, the
# distance would be $0.0175 \cdot \sqrt{150528} \approx 6.8$.
#
# ### A photograph has whole numbers
#
# The numbers of a photograph are whole, from 0 to 255, and the smallest steps may get lost when a
# fooling image is saved. We had the network fooled for 156 pairs of an image and a target; saved as
# a photograph, about a quarter of those images no longer fooled it. That would be no fooling image
# at all. So look at the image *as it would be saved* when you decide whether to stop. This is what
# `deprocess_image` (back to whole numbers) and `preprocess_image` (to the network again) do:
#
# ```python
# photo = preprocess_image(deprocess_image(X_fooling))
# ```

# %% [markdown]
# ## Your turn
#
# Some advice:
#
# * `gradient_of_score` wants as many labels as there are images, a list of one here.
# * Change a copy, `X.copy()`. `X_fooling = X` is no copy but a second name for the same array.
# * The steps go on from `X_fooling` itself. If each step started from the rounded image, small
#   steps could be rounded away again and again.
# * `model(photo)` has shape (1, 1000), although there is only one image. `np.argmax` finds the
#   label of the highest score.
# * `tf.norm` or `np.linalg.norm` computes the L2 norm of all numbers of an array, if you do not
#   give it an axis.
# * Print the step and the score of the target while you try it out. About 10 steps are usual.
# * If `deprocess_image` complains of NaN, a gradient was divided by its norm, 0. This happens when
#   the score of the target has fallen to 0: do your steps go uphill?


# %% answer="make_fooling_image"
def make_fooling_image(X, target_y, model):
    """
    Make an image that is close to X and that the model takes for the class target_y.

    Inputs:
    - X: one preprocessed image, float32 array of shape (1, H, W, 3); it stays as it is
    - target_y: the class that the model shall see, an integer
    - model: a Keras model from images to unnormalised scores, shape (1, 1000); it stays as it is

    Returns:
    - X_fooling: array of shape (1, H, W, 3). The model takes it for target_y when it is saved as a
      photograph, that is, after preprocess_image(deprocess_image(X_fooling)); and its L2 distance
      from X is under 10.
    """
    learning_rate = 1
    X_fooling = None
    ###########################################################################
    # TODO: Start from X and take steps uphill on the score of target_y, each #
    # of length learning_rate. Stop as soon as the model takes the image, as  #
    # a photograph, for target_y; and after 100 steps in any case, because    #
    # there are pairs of an image and a target for which it does not succeed. #
    ###########################################################################
    ### BEGIN SOLUTION
    X_fooling = X.copy()
    for _ in range(100):
        photo = preprocess_image(deprocess_image(X_fooling))
        if np.argmax(model(photo)[0]) == target_y:
            break
        gradient = gradient_of_score(X_fooling, [target_y], model)
        X_fooling += learning_rate * gradient / np.linalg.norm(gradient)
    ### END SOLUTION
    return X_fooling


# %% [markdown]
# A Bullmastiff is to become a teddy bear. In the pictures of the difference, grey means none.

# %%
dog, teddy = 0, 850  # the number of an image, and a label
X_dog = X[dog : dog + 1]
X_fooling = make_fooling_image(X_dog, teddy, model)

if X_fooling is None:
    print("Fill in make_fooling_image above, then run this cell again.")
else:
    X_fooling = np.asarray(X_fooling)
    photo = deprocess_image(X_fooling)
    seen = [class_names[i] for i in best_guess(preprocess_image(np.stack((X_raw[dog], photo[0]))))]
    show_figure(
        plots.fooling_figure(X_raw[dog], photo[0], seen),
        f"A photograph seen as {seen[0]}; one that looks the same, seen as {seen[1]}; and their "
        "difference, hardly visible, then ten times as large: coloured noise, strongest where "
        "the dog is.",
    )
    print(f"distance: {np.linalg.norm(X_fooling - X_dog):.1f}")

    def best_five(X):
        """The five most probable classes of one image, with their probabilities."""
        probabilities = tf.nn.softmax(model(X))[0].numpy()
        return {class_names[i]: float(probabilities[i]) for i in np.argsort(-probabilities)[:5]}

    bars = {"before": best_five(X_dog), "after": best_five(preprocess_image(photo))}
    show_figure(
        plots.bars_figure(bars, "probability"),
        "Two panels of bars. Before, the five most probable classes are breeds of dogs, "
        "Bullmastiff first; after, teddy bear comes first, and the other four are dogs.",
    )

# %% [markdown]
# The check has another image and another target. Many images would be right, so it looks at what
# yours does: what the network takes it for, and how far from the original it is. Your function may
# ask the network 210 times; a loop that never ends is stopped with the error `TooManyCalls`.

# %% check="fooling_image" points=10
check.fooling_image(make_fooling_image)

# %% [markdown]
# ## How the scores rise
#
# What happens between the original and the fooling image? Here are the scores on the straight way
# from one (0) to the other (1), and on beyond it.

# %%
way = np.linspace(0, 1.6, 17)

if X_fooling is None:
    print("Fill in make_fooling_image above, then run this cell again.")
else:
    scores = model(X_dog + way[:, None, None, None] * (X_fooling - X_dog)).numpy()
    others = np.delete(scores, [y[dog], teddy], axis=1).max(axis=1)
    lines = {
        f"{class_names[y[dog]]} (right)": scores[:, y[dog]],
        f"{class_names[teddy]} (target)": scores[:, teddy],
        "best of all others": others,
    }
    show_figure(
        plots.lines_figure(
            way,
            {"From the original (0) to the fooling image (1)": lines},
            "share of the change",
            "unnormalised score",
        ),
        "Scores against the share of the change. The target's rises almost in a straight line "
        "and passes the others just before 1; those of the right class and of the best other "
        "class rise more slowly, then stay level.",
    )

# %% [markdown]
# The score of the target rises steadily, nearly in a straight line, until it wins. There is no wall
# in its way: the next method is built on that. And the network did not forget the dog, as the bars
# make believe: its score is higher than before, only others have overtaken it.
#
# Other images, other targets:

# %%
pairs = [(3, 846), (15, 363), (17, 395), (8, 645)]  # the number of an image, and a label
table = [f"{'image':<22}{'target':<14}{'seen as':<14}distance   largest change of 255"]
for i, target in pairs:
    fooling = make_fooling_image(X[i : i + 1], target, model)
    if fooling is None:
        table = ["Fill in make_fooling_image above, then run this cell again."]
        break
    photo = deprocess_image(fooling)
    seen = class_names[best_guess(preprocess_image(photo))[0]]
    distance = np.linalg.norm(np.asarray(fooling) - X[i : i + 1])
    largest = np.abs(photo[0].astype(int) - X_raw[i]).max()
    names = f"{class_names[y[i]]:<22}{class_names[target]:<14}{seen:<14}"
    table.append(f"{names}{distance:8.1f}{largest:24d}")
print("\n".join(table))

# %% [markdown]
# ## One step is enough
#
# If all you want is that the network is *wrong*, one step will do. Take the loss that the network
# was trained with, the cross-entropy, for the label $y$:
#
# $$J(X) = -\log p_y(X) = -S_y(X) + \log \sum_k e^{S_k(X)}.$$
#
# It is small when the network is sure of $y$, so you want it to rise. Close to $X$ it is nearly
# linear,
#
# $$J(X + \delta) \;\approx\; J(X) + \sum_i g_i\,\delta_i
# \qquad\text{with}\qquad
# g = \frac{\partial J}{\partial X}.$$
#
# Now suppose that no number of the image may change by more than $\varepsilon$. Which $\delta$
# makes the sum largest? Look at one number at a time: if $g_i$ is positive it should go up as far
# as it may, if negative, down as far as it may. So the best is
#
# $$X' = X + \varepsilon \, \operatorname{sign}(g),
# \qquad\text{and it gains}\qquad
# \sum_i g_i\,\delta_i = \varepsilon \sum_i \lvert g_i \rvert = \varepsilon \, \lVert g \rVert_1.$$
#
# This is the **fast gradient sign method**. The sign of zero is zero: what does not matter stays as
# it is.
#
# ## Your turn again
#
# * This time `X` holds N images and `y` their N labels. As with saliency maps, no loop is needed:
#   the loss of an image does not depend on the other images.
# * TensorFlow has this loss. Take one that says *logits* in its name or can be told
#   `from_logits=True`: the scores are no probabilities. *Sparse* means that labels are integers.
# * Do not cut the result off at black and white. (A real attack would have to.)


# %% answer="fast_gradient_sign"
def fast_gradient_sign(X, y, model, epsilon):
    """
    Move every number of the images by epsilon, such that the losses of the labels y rise.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3); it stays as it is
    - y: labels of the images, integer array of shape (N,)
    - model: a Keras model from images to unnormalised scores, shape (N, 1000); it stays as it is
    - epsilon: the size of the step, a positive number in the units of X

    Returns:
    - X_changed: array of shape (N, H, W, 3), the images after one step
    """
    X_changed = None
    ###########################################################################
    # TODO: Compute the cross-entropy loss of every image and its label, and  #
    # its gradient with respect to the images. Take one step with its sign.   #
    ###########################################################################
    ### BEGIN SOLUTION
    image = tf.convert_to_tensor(X)
    with tf.GradientTape() as tape:
        tape.watch(image)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=model(image))
    gradient = tape.gradient(loss, image)
    X_changed = (X + epsilon * tf.sign(gradient)).numpy()
    ### END SOLUTION
    return X_changed


# %% [markdown]
# The check compares the steps of your images, number by number, with saved ones. Where a gradient
# is nearly zero, its sign can come out differently on another processor, so 97 % have to agree.

# %% check="fast_gradient_sign" points=5
check.fast_gradient_sign(fast_gradient_sign)

# %% [markdown]
# ## The control
#
# Is the network just nervous? Would it fall for *any* change of this size? Every experiment needs a
# control, and this one is easy to come by: a step that is just as large in every number, but goes
# up or down at random.
#
# **Guess first.** Of the 20 photographs the network gets 14 right. How many are left when every
# number has moved by a quarter of a grey level with the gradient's sign? How many when it moved by
# 16 grey levels at random? Write your two numbers down before you run the next cell.

# %% [markdown] question="guess_the_control"
# I guess 10 and 3. (Most people expect a large random change to do more harm than a tiny one that
# is well aimed.)

# %% [markdown]
# All 20 photographs, for growing $\varepsilon$:

# %%
GREY_LEVEL = 0.0175
random_signs = np.random.default_rng(231).choice((-1, 1), X.shape).astype(np.float32)

if fast_gradient_sign(X[:1], y[:1], model, 0.0) is None:
    print("Fill in fast_gradient_sign above, then run this cell again.")
else:
    table = [
        "                          photographs recognised, of 20",
        "epsilon, grey levels   gradient's sign      random sign",
    ]
    for levels in (0, 0.25, 0.5, 1, 4, 16, 32):
        epsilon = levels * GREY_LEVEL
        changed = fast_gradient_sign(X, y, model, epsilon)
        with_gradient = np.sum(best_guess(changed) == y)
        at_random = np.sum(best_guess(X + epsilon * random_signs) == y)
        table.append(f"{levels:20.4g}{with_gradient:18d}{at_random:17d}")
    print("\n".join(table))

# %% [markdown]
# Then the Bullmastiff alone, with what the network makes of it: the probabilities (softmax of the
# scores) of the right class and of the target, when you walk in three directions, and always the
# same distance.

# %%
distances = np.linspace(0, 12, 25)
stepped = fast_gradient_sign(X_dog, y[dog : dog + 1], model, 1.0)

if X_fooling is None or stepped is None:
    print("Fill in both answers above, then run this cell again.")
else:
    stepped = np.asarray(stepped)
    directions = {
        "to the fooling image": X_fooling - X_dog,
        "fast gradient sign": stepped - X_dog,
        "random signs (control)": random_signs[dog : dog + 1],
    }
    of_right, of_target = {}, {}
    for name, direction in directions.items():
        unit = direction / np.linalg.norm(direction)
        walk = (X_dog + distances[:, None, None, None] * unit).astype(np.float32)
        probabilities = tf.nn.softmax(model(walk)).numpy()
        of_right[name], of_target[name] = probabilities[:, y[dog]], probabilities[:, teddy]
    show_figure(
        plots.lines_figure(
            distances,
            {
                f"right class: {class_names[y[dog]]}": of_right,
                f"target: {class_names[teddy]}": of_target,
            },
            "L2 distance from the original",
            "probability",
        ),
        "Two panels of probabilities against the distance from the original. Right class: with "
        "the fast gradient sign it falls from 0.54 to almost 0 within a distance of 3, on the way "
        "to the fooling image it rises a little and falls after 4; with random signs it hardly "
        "changes. Target: only on the way to the fooling image does it rise, from 0 to nearly 1.",
    )

# %% [markdown]
# <details><summary><b>What the control shows</b></summary>
#
# A quarter of a grey level along the gradient's sign leaves 5 of the 14 photographs; 16 grey levels
# at random leave more. And at the distance at which the network is completely fooled, the same
# amount of random change does next to nothing. So it is not the *size* of the change that fools
# the network, but its *direction*. The noise of a camera, which is random, does not find that
# direction by accident.
#
# </details>
#
# ## Another network
#
# Your images were made with the gradient of *this* network. Do they fool one that was trained on
# ImageNet too, but is larger, younger and built in another way? EfficientNet-Lite0 takes the same
# preprocessed images.
#
# **Guess first.** Will it see the teddy bear? And of the 17 photographs that it gets right, how
# many are left when every number moves by 16 grey levels along the sign of *SqueezeNet's* gradient?

# %% [markdown] question="guess_the_other_network"
# I guess that it sees a dog, because the step was so small; and that large steps harm it as much as
# they harm SqueezeNet.

# %%
second = freeze(load_efficientnet_lite())


def what_it_sees(X):
    """The second network's best guess for each image, labels (N,)."""
    return np.argmax(second(np.asarray(X)), axis=1)


if X_fooling is None or stepped is None:
    print("Fill in both answers above, then run this cell again.")
else:
    for name, image in {"original": X_dog, "fooling image": X_fooling}.items():
        probabilities = tf.nn.softmax(second(image))[0].numpy()
        place = int(np.sum(probabilities > probabilities[teddy])) + 1
        print(
            f"{name}: the second network sees {class_names[np.argmax(probabilities)]}; "
            f"{class_names[teddy]} is in place {place} of 1000"
        )
    print("\nrecognised by the second network, of 20")
    print("epsilon, grey levels   sign of SqueezeNet's gradient   random sign")
    for levels in (0, 1, 4, 16, 32):
        epsilon = levels * GREY_LEVEL
        aimed = np.sum(what_it_sees(fast_gradient_sign(X, y, model, epsilon)) == y)
        at_random = np.sum(what_it_sees(X + epsilon * random_signs) == y)
        print(f"{levels:20d}{aimed:32d}{at_random:14d}")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# The fooling image fools only the network it was made for: the other one still sees the dog, and
# the teddy bear stays far down its list. A walk that stopped just over one network's border need
# not come near another's.
#
# Large steps are another matter. Made for SqueezeNet, they cost the second network more photographs
# than random steps of the same size: something of the direction is common to both. Szegedy et al.
# saw such **transfer** in 2014, and Goodfellow et al. explained it: networks trained on the same
# data learn similar directions. It is why keeping a network secret does not protect it.
#
# </details>
#
# ## Does it last?
#
# A fooling image leaves your computer: it is compressed, moved, blurred, or mixed with noise. What
# does the network see then? You stopped as soon as it was fooled, so the table also has a change
# four times as large; and the step with the gradient's sign, of one grey level, which is about as
# far from the original as your fooling image.


# %%
def as_jpeg(X):
    """An image (1, H, W, 3) after it was saved as a JPEG file of quality 90."""
    file = io.BytesIO()
    Image.fromarray(deprocess_image(X)[0]).save(file, "jpeg", quality=90)
    return preprocess_image(np.array(Image.open(file)))[None]


treatments = {
    "saved as a photograph": lambda X: preprocess_image(deprocess_image(X)),
    "saved as a JPEG": as_jpeg,
    "moved by one pixel": lambda X: np.roll(X, 1, axis=2),
    "mirrored": lambda X: X[:, :, ::-1],
    "blurred": lambda X: blur_image(X, 1),
    "noise, 8 grey levels": lambda X: X + 8 * GREY_LEVEL * random_signs[:1],
}

if X_fooling is None or stepped is None:
    print("Fill in both answers above, then run this cell again.")
else:
    images = {
        "original": X_dog,
        "fooling image": X_fooling,
        "4 times the change": X_dog + 4 * (X_fooling - X_dog),
        "sign, one grey level": X_dog + GREY_LEVEL * (stepped - X_dog),
    }
    widths = (13, 22, 22, 20)  # longer names are cut off, so that a line fits the page
    rows = {"": images}
    for name, treat in treatments.items():
        treated = np.concatenate([treat(image) for image in images.values()])
        rows[name] = [
            shorten(class_names[label], 20, placeholder=" …") for label in best_guess(treated)
        ]
    for name, row in rows.items():
        cells = "".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print(f"{name:<22}{cells}".rstrip())

# %% [markdown]
# ## Questions
#
# Write a sentence or two for each. They carry no points; they are what an examiner would ask.
#
# **1.** A quarter of a grey level in each number is nothing. For $g$, the gradient of the loss of
# the Bullmastiff, $\lVert g \rVert_1 = 179 \, \lVert g \rVert_2$. By how much does the loss rise,
# to first order, with $\delta = \varepsilon \operatorname{sign}(g)$, and by how much with random
# signs? (Their sum has mean 0; what is its standard deviation?) What has this to do with the
# 150,528 numbers of the image?

# %% [markdown] question="small_steps_add_up"
# With the gradient's signs every product is positive: $\varepsilon \lVert g \rVert_1$. With random
# signs the products are as often negative as positive and mostly cancel: the standard deviation is
# $\varepsilon \lVert g \rVert_2$, 179 times less. The tiny contributions of all numbers add up only
# if they all agree, and then the sum grows with their number $n$, while that of random ones grows
# with $\sqrt n$: if all $|g_i|$ were equal, the ratio would be $\sqrt{150528} = 388$. This is the
# linear explanation of Goodfellow et al.: a network need not be far from linear to be fooled.
# It is enough that it is nearly linear and has very many inputs.

# %% [markdown]
# **2.** In the first plot of scores, that of the Bullmastiff rises as well, by 21, although nobody
# asked for it. Why can that be? Would it happen if you climbed the logarithm of the target's
# *probability* instead of its score?

# %% [markdown] question="both_rise"
# We only asked for a higher score of the target. Scores do not compete; only the softmax makes
# them. All classes share nearly the whole network, so what raises one score often raises others:
# the cosine between the gradients of these two scores, at the original image, is 0.46. The gradient
# of $\log p_t$ is that of $S_t$ minus the average of all gradients, weighted by the probabilities.
# That pushes the present favourite down, and what the scores share cancels. We tried: 4 steps and a
# distance of 3.1 are enough, instead of 11 and 6.5, and the score of the Bullmastiff falls.

# %% [markdown]
# **3.** You print the fooling image, hang it up and photograph the print with your phone. Look at
# your last table: do you expect the network to be fooled? What would somebody have to do who wants
# it to be?

# %% [markdown] question="printed_photo"
# It will hardly see a teddy bear. A print and a camera change size, position, light, sharpness and
# noise all at once, and already a JPEG file or a shift by one pixel undid it, because the image
# lies just over the border. The larger change stands some of that, and the single step, which only
# had to make the network wrong, all of it. Kurakin et al. (2016) printed and photographed fooling
# images: many still fooled their network, those made with one step more often than those made with
# many small ones. Better still is to ask for it: go uphill on the average score over many random
# shifts, sizes and lights (Athalye et al., 2018).

# %% [markdown]
# ## Things to try
#
# * **A photo of your own**, and a target of your choice, in the next cell. A target whose score is
#   0 cannot be reached this way: this network ends in a ReLU, so the gradient is 0 there.
# * Take learning rates of 0.1 and of 10. How far is the fooling image from the original, and how
#   many steps did it take?
# * Make teddy bears of five different photographs. Do the five changes look alike? Does the change
#   of one photograph fool the network when you add it to another?
# * Compute the saliency maps of `X_dog` and `X_fooling`, both for their best guess, with your
#   function from the first notebook. Does the map show that something is wrong?
# * Train against it: Goodfellow et al. add $\varepsilon \operatorname{sign}(g)$ to the images
#   *while training*. Why would that help?

# %%
photo = None  # for example "holiday.jpg"
target = 850  # teddy bear; class_names has all 1000

if photo is not None:
    mine_raw = load_image(photo)
    fooling = make_fooling_image(preprocess_image(mine_raw)[None], target, model)
    pair = np.stack((mine_raw, deprocess_image(fooling)[0]))
    seen = [class_names[i] for i in best_guess(preprocess_image(pair))]
    show_figure(plots.fooling_figure(*pair, seen), f"My photo, seen as {seen[0]} and {seen[1]}.")

# %% [markdown]
# ## References
#
# * C. Szegedy, W. Zaremba, I. Sutskever, J. Bruna, D. Erhan, I. Goodfellow, R. Fergus: *Intriguing
#   properties of neural networks*. ICLR 2014, [arXiv:1312.6199](https://arxiv.org/abs/1312.6199).
# * A. Nguyen, J. Yosinski, J. Clune: *Deep Neural Networks are Easily Fooled*. CVPR 2015,
#   [arXiv:1412.1897](https://arxiv.org/abs/1412.1897): fooling images of another kind, in which
#   people see nothing at all and the network is sure.
# * I. Goodfellow, J. Shlens, C. Szegedy: *Explaining and Harnessing Adversarial Examples*. ICLR
#   2015, [arXiv:1412.6572](https://arxiv.org/abs/1412.6572).
# * A. Kurakin, I. Goodfellow, S. Bengio: *Adversarial examples in the physical world*. 2016,
#   [arXiv:1607.02533](https://arxiv.org/abs/1607.02533).
# * A. Athalye, L. Engstrom, A. Ilyas, K. Kwok: *Synthesizing Robust Adversarial Examples*. ICML
#   2018, [arXiv:1707.07397](https://arxiv.org/abs/1707.07397).
# * The first part follows *Network Visualization* of Stanford's course
#   [CS231n](https://cs231n.github.io/).
