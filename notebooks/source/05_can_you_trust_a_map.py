# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Can you trust a map?
#
# A map of a photograph with a bright spot on the dog's face convinces everybody. But an edge
# detector would be bright there too, and it has never heard of dogs. In this notebook you put
# the methods of the earlier assignments to the test.
#
# You will
#
# 1. measure how alike two maps are (**rank correlation**);
# 2. destroy what the network has learned, layer by layer, and see which maps notice
#    (**sanity checks**; Adebayo et al., 2018);
# 3. remove the pixels that a map calls important, and watch the probability fall
#    (**deletion** and **insertion**; Petsiuk et al., 2018);
# 4. show the network four photographs at once and look where a map points
#    (the **grid pointing game**; Zhang et al., 2016; Böhle et al., 2021);
# 5. put all numbers into one table and decide which method you would defend.
#
# You fill in four cells, marked **TODO**. Allow about two and a half hours. You need the idea of
# each method (assignments 1 and 4); the methods themselves are given here.

# %% [markdown]
# ## Set-up

# %%
import numpy as np
from scipy.stats import rankdata

from cs231n_vis import (
    blur_image,
    check,
    freeze,
    load_imagenet_val,
    load_squeezenet,
    methods,  # the methods of the earlier assignments, and more
    preprocess_image,
    show_figure,
    tf,  # TensorFlow, without its start-up messages
)
from cs231n_vis.plots import lines_figure, table_of_maps_figure

# %%
model = load_squeezenet()
network = freeze(model)  # compiled: the same layers and scores, in a third of the time
X_all_raw, y_all, class_names = load_imagenet_val()
X_all = preprocess_image(X_all_raw)

chosen = [0, 15, 17]  # three photographs of which the network is rather sure
X_raw, X, y = X_all_raw[chosen], X_all[chosen], y_all[chosen]
names = [class_names[label] for label in y]
for name, label, each in zip(names, y, tf.nn.softmax(model(X)).numpy(), strict=True):
    print(f"{name:<12} probability {each[label]:.2f}")

# %% [markdown]
# ## The candidates
#
# Five methods that you know, and two impostors that never ask the network: an **edge detector**
# and a **random map**. They are our yardsticks. Whatever a test gives to an impostor, it gives
# for nothing.
#
# A method here is a function of images `X`, labels `y` and a model. It returns attributions: signed
# numbers of shape (N, H, W, 3), or (N, H, W) if it does not tell colours apart. From these we make
#
# * a **map** of shape (N, H, W) for the eye, without signs: the largest absolute value of the three
#   colours (`methods.as_maps`);
# * a **signed map** of shape (N, H, W): the sum over the colours.
#
# Grad-CAM and the two impostors give one number for each pixel, and never a negative one: their two
# maps are the same.


# %%
def edges(X, y, model):
    """How fast the brightness changes from pixel to pixel: (N, H, W)."""
    down, across = np.gradient(X.mean(axis=3), axis=(1, 2))
    return np.hypot(down, across)


METHODS = {
    "saliency": methods.saliency,
    "input × gradient": methods.input_x_gradient,
    "SmoothGrad": lambda X, y, model: methods.smoothgrad(X, y, model, samples=10, progress=False),
    "guided backprop": methods.guided_backpropagation,
    "Grad-CAM": methods.grad_cam,
    "edge detector": edges,
    "random map": lambda X, y, model: np.random.default_rng(0).random(X.shape[:3]),
}


def signed_map(attributions):
    """The sum over the colours, if there are colours: (N, H, W)."""
    return attributions.sum(axis=3) if attributions.ndim == 4 else attributions


# %% tags=["only-shows"]
attributions = {name: method(X, y, model) for name, method in METHODS.items()}
maps = {name: methods.as_maps(each) for name, each in attributions.items()}
table = {name: {} for name in METHODS}  # the numbers of all tests will be gathered here
rows = [[X_raw[n], *(maps[name][n] for name in METHODS)] for n in range(len(X))]
show_figure(
    table_of_maps_figure(rows, names, ["image", *METHODS]),
    f"For {', '.join(names)}: the image and its map by each method. Guided backprop and the edge "
    "detector draw outlines, Grad-CAM blobs on the animals, the others look grainy.",
)

# %% [markdown]
# Be honest: which of them *look* trustworthy?
#
# ## 1. How alike are two maps?
#
# The values of two maps cannot be compared directly: one network's scores may be ten times as
# large as another's, and a few huge pixels would decide everything. The *order* of the pixels can
# be compared. Give every pixel its **rank**: 1 for the smallest value of the map, 2 for the next,
# up to $P = H W$ for the largest. Equal values share the mean of the ranks that they take up
# together: the ranks of (0, 5, 0, 7) are (1.5, 3, 1.5, 4). With the ranks $r_p$ of one map and
# $s_p$ of the other, **Spearman's rank correlation** is the ordinary correlation of the ranks:
#
# $$\varrho = \frac{\sum_p (r_p - \bar r)(s_p - \bar s)}
# {\sqrt{\sum_p (r_p - \bar r)^2 \; \sum_p (s_p - \bar s)^2}} .$$
#
# It is 1 if both maps put their pixels in the same order, about 0 if one order says nothing about
# the other, and -1 if they are opposite.
#
# * `rankdata` of SciPy gives the ranks with mean ranks for ties. Look up its `axis`.
# * In many books you find $1 - 6\sum_p (r_p - s_p)^2 / (P^3 - P)$. It is right only without ties,
#   and a Grad-CAM map can be zero in whole patches.


# %% answer="rank_correlation"
def rank_correlation(a, b):
    """
    Spearman's rank correlation of each map with its partner.

    Inputs:
    - a: N maps, array of shape (N, H, W)
    - b: N other maps, array of the same shape

    Returns:
    - correlation: array of shape (N,), from -1 to 1; number n belongs to a[n] and b[n]
      (a map that is the same everywhere has no order; what you return for it does not matter)
    """
    correlation = None
    ###########################################################################
    # TODO: Rank the pixels of each map, and correlate the ranks.             #
    ###########################################################################
    ### BEGIN SOLUTION
    N = len(a)
    ranks_a = rankdata(a.reshape(N, -1), axis=1)
    ranks_b = rankdata(b.reshape(N, -1), axis=1)
    ranks_a = ranks_a - ranks_a.mean(axis=1, keepdims=True)
    ranks_b = ranks_b - ranks_b.mean(axis=1, keepdims=True)
    size = np.sqrt(np.sum(ranks_a**2, axis=1) * np.sum(ranks_b**2, axis=1))
    correlation = np.sum(ranks_a * ranks_b, axis=1) / np.maximum(size, 1e-12)
    ### END SOLUTION
    return correlation


# %% check="rank_correlation" points=5
check.rank_correlation(rank_correlation)

# %% [markdown]
# How much of an edge detector is in each method?

# %% tags=["only-shows"]
if rank_correlation(maps["saliency"], maps["edge detector"]) is None:
    print("Fill in rank_correlation above, then run this cell again.")
else:
    print("rank correlation with the edge detector")
    print(" " * 18 + "".join(f"{each:>13}" for each in names))
    for name in METHODS:
        alike = np.asarray(rank_correlation(maps[name], maps["edge detector"]))
        table[name]["like edges"] = alike.mean()
        print(f"{name:<18}" + "".join(f"{each:13.2f}" for each in alike))

# %% [markdown]
# ## 2. Does the map notice when the network forgets?
#
# A map that explains *this network* must become another one if the network does. So let us
# destroy what it has learned, from the scores down: first the last layer, then also the one
# before, and so on until every weight is random. Adebayo et al. call this *cascading
# randomisation*. If a method still gives nearly the same map, then what it shows cannot come from
# the layers that were destroyed.
#
# How should a layer be made random? The paper draws its weights anew, as before training. We let
# the numbers of each array (the kernel is one, the bias another) **change places at random**, every
# order being equally likely. So the layer keeps exactly its numbers, and with them their mean and
# scale, but everything it knew is gone.
#
# * `tf.keras.models.clone_model(model)` makes a new model with the same layers and *fresh* weights;
#   `get_weights()` and `set_weights(list_of_arrays)` exist for models and for layers, and
#   `model.get_layer(name)` finds a layer.
# * The model you are given must stay as it is: it is still needed.
# * `rng` is a generator such as `np.random.default_rng(231)`; draw all your random numbers from it.
#   Read in NumPy's description of `rng.permutation` what it does with an array of several axes.


# %% answer="randomise_layers"
def randomise_layers(model, layers, rng):
    """
    Copy a model and make some layers of the copy random: in each of their arrays, kernel or bias,
    all numbers change places at random.

    Inputs:
    - model: a Keras model; it is not changed
    - layers: list of the names of the layers to be randomised; all others keep their weights
    - rng: a NumPy random generator, the source of all chance here

    Returns:
    - new_model: a new Keras model, with weights of its own
    """
    new_model = None
    ###########################################################################
    # TODO: Make a copy that computes what the model computes. Then let the   #
    # weights of the named layers change places.                              #
    ###########################################################################
    ### BEGIN SOLUTION
    new_model = tf.keras.models.clone_model(model)
    new_model.set_weights(model.get_weights())
    for name in layers:
        layer = new_model.get_layer(name)
        layer.set_weights(
            [rng.permutation(w.ravel()).reshape(w.shape) for w in layer.get_weights()]
        )
    ### END SOLUTION
    return new_model


# %% check="randomised_layers" points=10
check.randomised_layers(randomise_layers)

# %% [markdown]
# Now the cascade. At stage *fire7*, for example, all layers from the scores down to the beginning
# of module fire7 are random; at stage *conv1* all layers are. At each stage every method explains
# the *same* photographs for the *same* classes.

# %% tags=["only-shows"]
from_the_top = [layer.name for layer in reversed(model.layers) if layer.weights]
lowest = ["conv10", "fire9_squeeze1x1", "fire7_squeeze1x1", "fire5_squeeze1x1"]
lowest += ["fire3_squeeze1x1", "conv1"]  # the lowest random layer of each stage
stages = [name.split("_")[0] for name in lowest]

after = {name: [] for name in METHODS}  # for each stage the attributions
# TensorFlow compiles a method anew for each model, so we take one copy and change its weights
copy = randomise_layers(model, [], np.random.default_rng(231))
if copy is None:
    print("Fill in randomise_layers above, then run this cell again.")
else:
    for last in lowest:
        layers = from_the_top[: from_the_top.index(last) + 1]
        randomised = randomise_layers(model, layers, np.random.default_rng(231))
        copy.set_weights(randomised.get_weights())
        for name, method in METHODS.items():
            after[name].append(method(X, y, copy))
    rows = [
        [maps[name][1], *(methods.as_maps(each)[1] for each in after[name])]
        for name in METHODS
        if name != "random map"
    ]
    show_figure(
        table_of_maps_figure(rows, list(METHODS)[:-1], ["trained", *stages]),
        f"Maps of the {names[1]}: a row for each method, a column for each stage of randomisation. "
        "Grad-CAM's blobs move from the first stages on; guided backprop shows the birds for "
        "several stages.",
    )

# %% [markdown]
# And the numbers: the rank correlation with the map of the trained network, mean of the three
# photographs; on the left of the maps without signs, on the right of the signed ones.

# %% tags=["only-shows"]
correlations = {"maps without signs": {}, "signed maps": {}}
if not after["saliency"] or rank_correlation(maps["saliency"], maps["saliency"]) is None:
    print("Fill in rank_correlation and randomise_layers above, then run this cell again.")
else:
    for name in METHODS:
        for kind, to_map in zip(correlations, (methods.as_maps, signed_map), strict=True):
            before = to_map(attributions[name])
            correlations[kind][name] = [
                np.mean(rank_correlation(to_map(each), before)) for each in after[name]
            ]
    for kind, found in correlations.items():
        print(f"{kind:<22}" + "".join(f"{stage:>8}" for stage in stages))
        for name, numbers in found.items():
            print(f"  {name:<20}" + "".join(f"{each:8.2f}" for each in numbers))
        del found["random map"]  # it lies on the edge detector's line
    figure = lines_figure(
        stages, correlations, "random down to", "rank correlation with\nthe trained network's map"
    )
    show_figure(
        figure,
        "Rank correlation against the stage. Without signs the gradient methods fall slowly, "
        "to 0.3 to 0.5 in the end, and guided backprop stays above them; with signs the gradients "
        "fall to zero by fire7, and guided backprop stays above 0.8 down to fire3. The edge "
        "detector stays at 1.",
    )
    for name in METHODS:
        for column, kind in (("random: map", "maps without signs"), ("signed", "signed maps")):
            table[name][column] = correlations[kind].get(name, [1.0] * 6)[stages.index("fire7")]

# %% [markdown]
# What do these numbers say of *this* network and these three photographs? (If your function draws
# its random numbers in another order, it is right all the same, but your numbers differ from those
# below, Grad-CAM's most.)
#
# * **Guided backprop hardly notices.** With every layer down to fire7 random, its map still
#   correlates by 0.86 with the old one (0.97 with signs). Whatever it shows can hardly come from
#   those layers. The paper found the same of other networks. Only at *conv1*, when nothing learned
#   is left, does it fall to about a half.
# * **Saliency, input × gradient and SmoothGrad notice, but only half.** With signs nothing of the
#   old map is left from fire7 on. Without signs a correlation of 0.3 to 0.5 remains even when the
#   whole network is random. The paper lets the plain gradient pass; here that depends on whether
#   you look at its signs (question 1).
# * **Grad-CAM notices early**: 0.5 after the last layer alone, and no more than about 0.3 from then
#   on. How far it falls depends much on chance: its map has only 13 × 13 cells of its own, and
#   there are three photographs and one draw of random weights. The 0 at *fire9* is such an
#   accident: ten other generators, `default_rng(1)` to `default_rng(10)`, gave Grad-CAM 0.27 to
#   0.57 there. At *fire7* they gave it 0.04 to 0.46, saliency 0.45 to 0.51 and guided backprop 0.82
#   to 0.90, all without signs; in one more draw, in another order, guided backprop had only 0.64.
#
# ## 3. Deletion and insertion
#
# Another idea needs no second network. Take the pixels away, the most important ones first, and
# watch the probability of the class. If the map is right, it falls early. For an image $I$, a
# baseline $B$ of the same shape and a map, let $I_s$ be the image in which the
#
# $$k_s = \frac{s}{S}\, H W \qquad (s = 0, 1, \dots, S;\ \text{rounded})$$
#
# most important pixels have been replaced, in all three colours, by the pixels of $B$ at the same
# places. So $I_0 = I$ and $I_S = B$. The **deletion curve** is $p_c(I_s)$, where $p = $ softmax of
# the scores, and the area under it,
#
# $$A = \int_0^1 p_c \,\mathrm{d}\!\left(\tfrac{s}{S}\right)
# \approx \frac{1}{S} \sum_{s=1}^{S} \frac{p_c(I_{s-1}) + p_c(I_s)}{2},$$
#
# should be *small*. It is never smaller than $p_c(I)/(2S)$, the first half step.
#
# * Work out the order of each map's pixels once; each step then takes a longer piece of it.
# * Sorting puts the smallest first. And what sorting gives you is *places*, not ranks.
# * All images can go through the network together, one batch for each step.
# * Do not write into `X`.


# %% answer="deletion_curve"
def deletion_curve(X, y, maps, model, baseline, steps):
    """
    The probability of each image's class while its pixels are replaced, the most important first.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - y: labels of the images, integer array of shape (N,)
    - maps: how important each pixel is, array of shape (N, H, W)
    - model: a Keras model from images to unnormalised scores, shape (N, 1000); it stays as it is
    - baseline: what the pixels become, float32 array of shape (N, H, W, 3)
    - steps: in how many steps all pixels are replaced

    Returns:
    - probabilities: array of shape (N, steps + 1), from the image itself to the baseline
    """
    probabilities = None
    ###########################################################################
    # TODO: Sort the pixels of each map. In each step replace as many as the  #
    # formula says, and read the probability of the class.                    #
    ###########################################################################
    ### BEGIN SOLUTION
    N, H, W, C = X.shape
    order = np.argsort(-maps.reshape(N, -1), axis=1)
    changed = X.reshape(N, -1, C).copy()
    new = baseline.reshape(N, -1, C)
    probabilities = np.zeros((N, steps + 1))
    for s in range(steps + 1):
        count = round(s * H * W / steps)
        for n in range(N):
            changed[n, order[n, :count]] = new[n, order[n, :count]]
        scores = model(changed.reshape(X.shape))
        probabilities[:, s] = tf.nn.softmax(scores).numpy()[np.arange(N), y]
    ### END SOLUTION
    return probabilities


# %% check="deletion_curves" points=10
check.deletion_curves(deletion_curve)

# %% [markdown]
# **Insertion** goes the other way: it starts from a baseline and gives the image its pixels back,
# the most important first. The probability should rise early, so here a *large* area is good. You
# have written it already. Exchange the image and the baseline in the call, and "replacing pixels of
# the baseline by those of the image" is insertion.
#
# As in the paper, pixels that are deleted become grey (0, ImageNet's mean colour), and insertion
# starts from a blurred photograph.

# %% tags=["only-shows"]
STEPS = 16
grey, blurred = np.zeros_like(X), blur_image(X, 10)


def area(curves):
    return np.trapezoid(curves, dx=1 / STEPS, axis=1)


if deletion_curve(X, y, maps["random map"], network, grey, STEPS) is None:
    print("Fill in deletion_curve above, then run this cell again.")
else:
    curves = {"deletion": {}, "insertion": {}}
    print(f"{'area under the curve':<22}{'deletion':<36}insertion")
    print(" " * 18 + "".join(f"{each:>12}" for each in names * 2))
    for name in METHODS:
        deleted = np.asarray(deletion_curve(X, y, maps[name], network, grey, STEPS))
        inserted = np.asarray(
            deletion_curve(blurred, y, maps[name], network, X, STEPS)
        )  # exchanged!
        for kind, found in (("deletion", deleted), ("insertion", inserted)):
            curves[kind][name] = found.mean(axis=0)
            table[name][kind] = area(found).mean()
        numbers = np.concatenate([area(deleted), area(inserted)])
        print(f"{name:<18}" + "".join(f"{each:12.3f}" for each in numbers))
    print(
        f"{'no smaller than':<18}" + "".join(f"{each:12.3f}" for each in deleted[:, 0] / 2 / STEPS)
    )
    show_figure(
        lines_figure(
            np.linspace(0, 100, STEPS + 1), curves, "pixels changed (%)", "probability (mean)"
        ),
        "Mean probability against the share of pixels changed. Deletion: all methods fall to "
        "nothing within the first step or two, a random map within five, the edge detector "
        "last. Insertion: Grad-CAM rises highest, the random map stays lowest.",
    )

# %% [markdown]
# **Deletion** hardly tells the methods apart: the first step, 6 % of the pixels, already takes
# nearly all of the probability, and all five come close to the smallest possible area, Grad-CAM a
# little less. But so does the *random* map for the goose and the eagle, and the edge detector does
# worse than chance (question 2). A small area alone proves little here.
#
# **Insertion** spreads them out, from 0.09 (random) to 0.49 (Grad-CAM). Still, the edge detector
# gets 0.28 for nothing, not much less than saliency's 0.31; and Grad-CAM's lead comes from one
# photograph, the eagle.
#
# ## 4. The pointing game
#
# Where *should* a map be bright? For a photograph nobody can tell for sure. For a mosaic of four
# photographs of four classes we can: a map for the class *goose* has its place in the quadrant that
# shows the goose. The quadrants are numbered as one reads: 0 top left, 1 top right, 2 bottom left,
# 3 bottom right. With the signed map $a_p$ and its positive part $a_p^+ = \max(a_p, 0)$, the
# evidence *for* the class, the score of the map is
#
# $$\frac{\sum_{p \,\in\, \text{quadrant}} a_p^+}{\sum_p a_p^+} ,$$
#
# the share of the evidence that lies where it should. 1 is perfect; a map that does not know one
# class from another has 0.25 on average.


# %% answer="pointing_game"
def pointing_game(maps, quadrants):
    """
    The share of each map's positive part that lies in its quadrant.

    Inputs:
    - maps: signed maps, array of shape (N, H, W); H and W are even
    - quadrants: for each map its quadrant, integer array of shape (N,): 0 top left, 1 top right,
      2 bottom left, 3 bottom right

    Returns:
    - shares: array of shape (N,), from 0 to 1; 0 for a map without anything positive
    """
    shares = None
    ###########################################################################
    # TODO: Add up the positive part of each map in its quadrant, and divide  #
    # by the sum over the whole map, if that is not zero.                     #
    ###########################################################################
    ### BEGIN SOLUTION
    N, H, W = maps.shape
    positive = np.maximum(maps, 0)
    sums = positive.reshape(N, 2, H // 2, 2, W // 2).sum(axis=(2, 4)).reshape(N, 4)
    total = sums.sum(axis=1)
    shares = sums[np.arange(N), quadrants] / np.where(total > 0, total, 1)
    ### END SOLUTION
    return shares


# %% check="pointing_game" points=5
check.pointing_game(pointing_game)

# %% [markdown]
# We halve eight photographs and lay two mosaics. Each mosaic is explained four times, once for each
# of its classes. The network cannot point at what it does not see, so we chose mosaics of which
# every class is among its best 50 of 1000.


# %% tags=["only-shows"]
def mosaic(four):
    """Four images (4, H, W, 3) in one, of twice the height and width."""
    return np.concatenate([np.concatenate(four[:2], axis=1), np.concatenate(four[2:], axis=1)])


small = X_all.reshape(20, 112, 2, 112, 2, 3).mean(axis=(2, 4))
groups = [[19, 15, 17, 18], [10, 4, 9, 12]]
mosaics = np.stack([mosaic(small[group]) for group in groups for _ in range(4)])
labels, quadrants = y_all[np.ravel(groups)], np.array([0, 1, 2, 3] * 2)

ranks = (-model(mosaics).numpy()).argsort(axis=1).argsort(axis=1)[np.arange(8), labels]
print("The columns are these classes; in brackets their places among the scores of their mosaic.")
for mosaic_number in (0, 1):
    four = range(4 * mosaic_number, 4 * mosaic_number + 4)
    print("  " + ", ".join(f"{class_names[labels[n]]} ({ranks[n] + 1})" for n in four))
on_mosaics = {name: signed_map(method(mosaics, labels, model)) for name, method in METHODS.items()}
if pointing_game(on_mosaics["saliency"], quadrants) is None:
    print("Fill in pointing_game above, then run this cell again.")
else:
    for name in METHODS:
        shares = np.asarray(pointing_game(on_mosaics[name], quadrants))
        table[name]["pointing"] = shares.mean()
        print(
            f"{name:<18}"
            + "".join(f"{each:6.2f}" for each in shares)
            + f"   mean {shares.mean():.2f}"
        )
    shown = mosaic(X_all_raw[groups[0]][:, ::2, ::2])
    kinds = ["saliency", "SmoothGrad", "guided backprop", "Grad-CAM", "edge detector"]
    rows = [[shown, *(np.maximum(on_mosaics[name][n], 0) for name in kinds)] for n in (1, 2, 3)]
    show_figure(
        table_of_maps_figure(
            rows, [f"for {class_names[labels[n]]}" for n in (1, 2, 3)], ["mosaic", *kinds]
        ),
        "A mosaic of four photographs, and what speaks for three of its classes by five methods. "
        "Guided backprop draws nearly the same outlines for each class, the edge detector exactly "
        "the same; the other maps change with the class.",
    )

# %% [markdown]
# Grad-CAM has 39 % of its positive evidence in the right quadrant, where a quarter comes for
# nothing; the other methods have 30 to 33 %. Read that with care: every score here is a mean over
# the whole mosaic, so three quarters of what the network sees belongs to other classes. And eight
# maps are few: Grad-CAM is ahead of saliency in five of them and behind in three.
#
# ## 5. All together
#
# *like edges*: rank correlation with the edge detector. *random*: rank correlation with the map of
# the network that is random down to fire7, without and with signs (low is good). *deletion*: low is
# good. *insertion*: high is good. *pointing*: high is good, and 0.25 comes for nothing.

# %% tags=["only-shows"]
columns = ["like edges", "random: map", "signed", "deletion", "insertion", "pointing"]
print(" " * 18 + "".join(f"{column:>13}" for column in columns))
for name, numbers in table.items():
    cells = (f"{numbers[c]:13.3f}" if c in numbers else f"{'?':>13}" for c in columns)
    print(f"{name:<18}" + "".join(cells))

# %% [markdown]
# ## Questions
#
# **1.** When all weights are random, the saliency map *without* signs still has a rank correlation
# of about 0.3 with the trained network's; *with* signs it has none. How can a network that knows
# nothing make a similar map? And which of the two do people look at?

# %% [markdown] question="what_stays"
# How *large* a gradient gets is decided in part by the image and by the architecture, which are the
# same in both networks: the image decides which ReLUs and which max-pool winners let the gradient
# through, and strides let some rows and columns through more than others (the fine grid in the
# maps). Which *sign* it has depends on what the weights have learned, and that is gone. People look
# at maps without signs, and so they see much that no network had to learn.

# %% [markdown]
# **2.** By deletion, a random map does as well as the methods on two of the three photographs, and
# the edge detector does worse than a random map. What is wrong with concluding "the probability
# falls when these pixels go, so these are the pixels that matter"?

# %% [markdown] question="grey_pixels"
# Pixels do not just go: grey ones take their place, and no photograph that the network was trained
# on looks like that. Grey dots strewn all over an image are strong noise everywhere and ruin it,
# whichever pixels they hit, as the random map shows. The edge detector's pixels hang together and
# leave whole areas untouched, which probably does less harm. The test measures two things at once,
# the importance of the pixels and the harm of the pattern; hence the random map beside it.

# %% [markdown]
# **3.** A hospital wants to show doctors a map beside the network's diagnosis. Which of the methods
# would you defend in front of a doctor, and why? Argue from the numbers of the table, and say what
# you would *not* promise.

# %% [markdown] question="in_front_of_a_doctor"
# One possible answer: Grad-CAM, for a coarse "it looked about here". It changes when the network
# does (0.1 at fire7; up to about 0.5 with other random numbers, still less than guided backprop),
# it is best in insertion (0.49) and in the pointing game (0.39, where 0.25 comes for nothing). In
# deletion it is last of the five, but that test did not even tell the others from chance clearly. I
# would not show guided backprop, although its pictures are the finest: at 0.86 (0.97 with signs) it
# would show the doctor nearly the same for a network whose upper layers are random. The plain
# gradients depend on the network by their signs, which the usual picture does not show, and point
# hardly better than chance (0.30 to 0.33).
#
# What I would not promise: that details finer than a cell of 13 × 13 mean anything; that it always
# looks at the right place (in the mosaics 61 % of its evidence lay in wrong quadrants); that a
# convincing map makes the diagnosis right. And three photographs with one draw of random weights
# are an exercise, not a study: all has to be measured again on the hospital's network and images.

# %% [markdown]
# ## Things to try
#
# * **Integrated gradients**, `methods.integrated_gradients(X, y, model, steps=16)`, as one more
#   candidate. Does it do better than input × gradient?
# * Randomise *one* layer alone, not all above it. Which single layer do the maps miss most?
# * Draw the weights from a normal distribution with the old mean and standard deviation instead of
#   letting them change places. Do the conclusions stay?
# * Delete with the blurred photograph as the baseline, or insert into grey. Does the order of the
#   methods stay? With `STEPS = 64` the deletion areas can go lower; do they?
# * Make mosaics of full-size photographs (448 × 448; the network takes them). Are the shares
#   higher?

# %% [markdown]
# ## References
#
# * J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim: *Sanity Checks for Saliency
#   Maps*. NeurIPS 2018, [arXiv:1810.03292](https://arxiv.org/abs/1810.03292).
# * V. Petsiuk, A. Das, K. Saenko: *RISE: Randomized Input Sampling for Explanation of Black-box
#   Models*. BMVC 2018, [arXiv:1806.07421](https://arxiv.org/abs/1806.07421): deletion and
#   insertion.
# * J. Zhang, Z. Lin, J. Brandt, X. Shen, S. Sclaroff: *Top-down Neural Attention by Excitation
#   Backprop*. ECCV 2016, [arXiv:1608.00507](https://arxiv.org/abs/1608.00507): the pointing game.
# * M. Böhle, M. Fritz, B. Schiele: *Convolutional Dynamic Alignment Networks for Interpretable
#   Classifications*. CVPR 2021, [arXiv:2104.00032](https://arxiv.org/abs/2104.00032): the pointing
#   game on a grid.
# * The methods: saliency (Simonyan et al., [1312.6034](https://arxiv.org/abs/1312.6034)), guided
#   backpropagation (Springenberg et al., [1412.6806](https://arxiv.org/abs/1412.6806)), SmoothGrad
#   (Smilkov et al., [1706.03825](https://arxiv.org/abs/1706.03825)), Grad-CAM (Selvaraju et al.,
#   [1610.02391](https://arxiv.org/abs/1610.02391)).
