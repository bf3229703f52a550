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
# the methods of the earlier assignments to the test, and then the tests themselves.
#
# You will
#
# 1. destroy what the network has learned, layer by layer, and see which maps notice
#    (**sanity checks**; Adebayo et al., 2018);
# 2. remove the pixels that a map calls important, and watch the probability fall
#    (**deletion** and **insertion**; Petsiuk et al., 2018);
# 3. write an explanation that passes one of these tests and knows nothing;
# 4. show the network four photographs at once and look where a map points
#    (the **grid pointing game**; Zhang et al., 2016; Böhle et al., 2021);
# 5. put all numbers into one table and decide which method you would defend.
#
# You fill in three cells, marked **TODO**. Allow about two and a half hours. You need the idea of
# each method (assignments 1 and 4); the methods themselves are given here. Before each result you
# are asked what you expect. Write it down first: who has not guessed is not surprised.

# %% [markdown]
# ## Set-up

# %%
import numpy as np
from scipy.stats import rankdata

from cs231n_vis import (
    blur_image,
    check,
    freeze,
    load_efficientnet_lite,
    load_imagenet_val,
    load_squeezenet,
    methods,  # the methods of the earlier assignments, and more
    preprocess_image,
    show_figure,
    show_images,
    tf,  # TensorFlow, without its start-up messages
)
from cs231n_vis.plots import lines_figure, table_of_maps_figure

# %%
model = load_squeezenet()
network = freeze(model)  # compiled: the same layers and scores, in a third of the time
X_raw, y, class_names = load_imagenet_val()
X = preprocess_image(X_raw)
probability = tf.nn.softmax(network(X)).numpy()[np.arange(len(y)), y]
sure = np.flatnonzero(probability > 0.5)
print(f"of its class it is sure (p > 0.5) in {len(sure)} of {len(y)} photographs:")
print(", ".join(f"{class_names[y[n]]} {probability[n]:.2f}" for n in sure))

# %% [markdown]
# ### Not every label is right
#
# Before you test maps, look at what they are tested with. Here are two of the photographs with
# their labels, and the probability that the network gives to these.

# %%
odd = [12, 14]
show_images(X_raw[odd], [f"“{class_names[y[n]]}”: {probability[n]:.2f}" for n in odd])

# %% [markdown]
# The first is a window of stained glass, the second a bird with a thin, curved bill like that of an
# ibis; a spoonbill's is broad at its end. Neither is an oddity of ours: Northcutt et al. (2021)
# estimate that at least 6 % of the labels of ImageNet's validation set are wrong, and Beyer et al.
# (2020) labelled it anew. The network has learned from labels of the same kind. It is nearly
# certain of the prayer rug, so a good map of *prayer rug* will show the glass, and a map that
# explains an error well is a good map: it explains the network and not the world.

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
def edges(X, y=None, model=None):
    """How fast the brightness changes from pixel to pixel: (N, H, W)."""
    down, across = np.gradient(X.mean(axis=3), axis=(1, 2))
    return np.hypot(down, across)


def random_map(X, seed):
    """Random numbers, the same for each image: (N, H, W)."""
    return np.broadcast_to(np.random.default_rng(seed).random(X.shape[1:3]), X.shape[:3])


METHODS = {
    "saliency": methods.saliency,
    "input × gradient": methods.input_x_gradient,
    "SmoothGrad": lambda X, y, model: methods.smoothgrad(X, y, model, samples=5, progress=False),
    "guided backprop": methods.guided_backpropagation,
    "Grad-CAM": methods.grad_cam,
    "edge detector": edges,
    "random map": lambda X, y, model: random_map(X, seed=0),
}


def signed_map(attributions):
    """The sum over the colours, if there are colours: (N, H, W)."""
    return attributions.sum(axis=3) if attributions.ndim == 4 else attributions


# %%
attributions = {name: method(X, y, model) for name, method in METHODS.items()}
maps = {name: methods.as_maps(each) for name, each in attributions.items()}
table = {name: {} for name in METHODS}  # the numbers of all tests will be gathered here
shown = [0, 15, 17]
show_figure(
    table_of_maps_figure(
        [X_raw[shown], *(maps[name][shown] for name in METHODS)],
        ["image", *METHODS],
        [class_names[y[n]] for n in shown],
    ),
    "Three photographs, of a dog, a goose and an eagle, and under each its map by each method. "
    "Guided backprop and the edge detector draw outlines, Grad-CAM blobs on the animals, the "
    "others look grainy.",
)

# %% [markdown]
# Be honest: which of them *look* trustworthy?
#
# ### How alike are two maps?
#
# The values of two maps cannot be compared directly: one network's scores may be ten times as
# large as another's, and a few huge pixels would decide everything. The *order* of the pixels can
# be compared. Give every pixel its **rank**: 1 for the smallest value of the map, 2 for the next.
# Equal values share the mean of the ranks that they take up together. **Spearman's rank
# correlation** is the ordinary correlation of the ranks: 1 if both maps put their pixels in the
# same order, about 0 if one order says nothing about the other, -1 if they are opposite.
#
# With **pencil and paper**: what are the ranks of the map (0, 5, 0, 7)? What is its rank
# correlation with (1, 200, 1, 1000), and what with (7, 0, 7, -3)? Then run the cell.


# %%
def ranks(maps):
    """The ranks of each map's pixels: (N, ...) to (N, pixels)."""
    return rankdata(np.reshape(maps, (len(maps), -1)), axis=1)


def correlation(a, b):
    """The ordinary correlation of each row with its partner: (N, pixels) twice to (N,)."""
    a, b = (each - each.mean(axis=1, keepdims=True) for each in (a, b))
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return (a * b).sum(axis=1) / np.maximum(size, 1e-12)


def rank_correlation(a, b):
    """Spearman's rank correlation of each map with its partner: (N, ...) and (N, ...) to (N,)."""
    return correlation(ranks(a), ranks(b))


print("ranks:", rankdata([0, 5, 0, 7]))
print(rank_correlation([[0, 5, 0, 7]] * 2, [[1, 200, 1, 1000], [7, 0, 7, -3]]))

# %% [markdown]
# **Guess first.** How much of an edge detector is in each method? Put the five methods in the order
# of their rank correlation with the edge detector's maps.

# %% [markdown] question="guess_edges"
# Our guess was guided backprop first, far ahead, because its picture has outlines; then SmoothGrad,
# saliency, input × gradient; and Grad-CAM last, with its blobs.

# %%
print("rank correlation with the edge detector, mean and range over 20 photographs")
of_edges = ranks(maps["edge detector"])
for name in METHODS:
    alike = correlation(ranks(maps[name]), of_edges)
    table[name]["like edges"] = alike.mean()
    print(f"{name:<18}{alike.mean():6.2f}   {alike.min():6.2f} to {alike.max():.2f}")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Guided backprop comes first, but at 0.24, with a range from -0.07 to 0.61: what looks like
# outlines to us is a small part of its ranks, most of which belong to dark pixels that nobody looks
# at. Grad-CAM's blobs, 0.14, are no farther from edges than SmoothGrad's grains, 0.10. Remember
# both: a rank correlation does not see what you see.
#
# </details>
#
# ## 1. Does the map notice when the network forgets?
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
#
# **Guess first.** (a) With the last layer alone random, nothing is known of the classes any more.
# Which methods' maps will hardly change? (b) When *all* weights are random, will the saliency map
# have anything left in common with the old one?

# %% [markdown] question="guess_cascade"
# (a) Guided backprop's: in assignment 4 it hardly changed with the class. The edge detector's not
# at all. (b) One would say no: nothing that was learned is left.

# %%
from_the_top = [layer.name for layer in reversed(model.layers) if layer.weights]
lowest = ["conv10", "fire9_squeeze1x1", "fire7_squeeze1x1", "fire3_squeeze1x1", "conv1"]
stages = [name.split("_")[0] for name in lowest]  # after the lowest random layer of each
few = [0, 15, 17]  # photographs
DRAWS = 3  # of random weights

after = {name: [] for name in list(METHODS)[:5]}  # for each draw and stage the attributions
# TensorFlow compiles a method anew for each model, so we take one copy and change its weights
copy = randomise_layers(model, [], np.random.default_rng(231))
if copy is None:
    print("Fill in randomise_layers above, then run this cell again.")
else:
    for draw in range(DRAWS):
        randomised = randomise_layers(model, from_the_top, np.random.default_rng(231 + draw))
        copy.set_weights(model.get_weights())
        for name in from_the_top:
            copy.get_layer(name).set_weights(randomised.get_layer(name).get_weights())
            if name not in lowest:
                continue
            for method, found in after.items():
                found.append(METHODS[method](X[few], y[few], copy))
    columns = [stages.index(stage) for stage in ("conv10", "fire7", "conv1")]
    rows = [
        [maps[name][15], *(methods.as_maps(found[stage])[1] for stage in columns)]
        for name, found in after.items()
    ]
    show_figure(
        table_of_maps_figure(
            rows, list(after), ["trained", *(f"random to {stages[c]}" for c in columns)]
        ),
        "Maps of the goose: a row for each method, a column for the trained network and for three "
        "stages of randomisation. Guided backprop shows the birds down to fire7; of Grad-CAM's "
        "blobs one is left when conv10 is random, and at fire7 they are scattered; the others keep "
        "a shade of the birds.",
    )

# %% [markdown]
# And the numbers: the rank correlation with the map of the trained network, mean over three
# photographs and three draws of random weights, and behind it the standard deviation of the draws;
# first of the maps without signs, then of the signed ones. (The impostors do not ask the network;
# theirs is 1 at each stage.)

# %%
correlations = {"maps without signs": {}, "signed maps": {}}
if not after["saliency"]:
    print("Fill in randomise_layers above, then run this cell again.")
else:
    for name in after:
        for kind, to_map in zip(correlations, (methods.as_maps, signed_map), strict=True):
            before = ranks(to_map(attributions[name][few]))
            found = [correlation(ranks(to_map(each)), before).mean() for each in after[name]]
            correlations[kind][name] = np.reshape(found, (DRAWS, len(stages)))
    for kind, found in correlations.items():
        print(f"{kind:<20}" + "".join(f"{stage:>11}" for stage in stages))
        for name, each in found.items():
            numbers = zip(each.mean(axis=0), each.std(axis=0, ddof=1), strict=True)
            print(f"  {name:<18}" + "".join(f"{mean:7.2f}±{sd:.2f}" for mean, sd in numbers))
    for name in after:
        for column, kind in (("random: map", "maps without signs"), ("signed", "signed maps")):
            table[name][column] = correlations[kind][name].mean(axis=0)[stages.index("fire7")]
    means = {
        kind: {name: each.mean(axis=0) for name, each in found.items()}
        for kind, found in correlations.items()
    }
    show_figure(
        lines_figure(
            stages, means, "random down to", "rank correlation with\nthe trained network's map"
        ),
        "Rank correlation against the stage. "
        "Without signs the gradient methods fall slowly, to 0.3 to 0.5 in the end, and guided "
        "backprop stays above them; Grad-CAM falls to 0.2 by fire9. With signs the gradients fall "
        "to zero by fire7, and guided backprop stays above 0.8 down to fire3.",
    )

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# What do these numbers say of *this* network and these three photographs? (If your function draws
# its random numbers in another order, it is right all the same, but your numbers differ from those
# below.)
#
# * **Guided backprop hardly notices.** With every layer down to fire7 random, its map still
#   correlates by 0.88 with the old one (0.97 with signs), in all three draws alike. Whatever it
#   shows can hardly come from those layers. The paper found the same of other networks. Only at
#   *conv1*, when nothing learned is left, does it fall to about a half.
# * **Saliency, input × gradient and SmoothGrad notice, but only half.** With signs nothing of the
#   old map is left from fire7 on. Without signs 0.28 to 0.46 remain even when the whole network is
#   random. The paper lets the plain gradient pass; here that depends on whether you look at its
#   signs (question 1).
# * **Grad-CAM notices early**: 0.48 after the last layer alone, and about 0.2 from then on. How far
#   it falls is decided by chance: at *fire9* the three draws differ by a standard deviation of
#   0.28, for its map has only 13 × 13 cells of its own. Whoever reports one draw reports an
#   accident.
#
# </details>
#
# ### And another network?
#
# SqueezeNet is convolutions and ReLUs alone. Networks are built otherwise today: EfficientNet-Lite0
# (assignment 2 has met it) has batch normalisation, depthwise convolutions and shortcuts. You have
# written a function that can destroy it, too.
#
# **Guess first.** Let the upper half of its layers be random. Whose map will hardly change?

# %% [markdown] question="guess_second"
# Guided backprop's again, if the reason lies in its rule and not in SqueezeNet.

# %%
second = load_efficientnet_lite()
its_layers = [layer.name for layer in reversed(second.layers) if layer.weights]
upper_half = its_layers[: len(its_layers) // 2]
rng = np.random.default_rng(231)
if after["saliency"]:
    print(f"{len(upper_half)} of {len(its_layers)} layers are random, {DRAWS} draws")
    print(f"{'':<20}{'maps without signs':>23}{'signed maps':>23}")
    three = ("saliency", "guided backprop", "Grad-CAM")
    found = {name: [METHODS[name](X[few], y[few], second)] for name in three}
    for _ in range(DRAWS):  # what is random already is shuffled once more
        second.set_weights(randomise_layers(second, upper_half, rng).get_weights())
        for name in three:
            found[name].append(METHODS[name](X[few], y[few], second))
    for name, (before, *later) in found.items():
        line = f"{name:<20}"
        for to_map in (methods.as_maps, signed_map):
            alike = [rank_correlation(to_map(each), to_map(before)).mean() for each in later]
            line += f"{np.mean(alike):16.2f} ± {np.std(alike, ddof=1):.2f}"
        print(line)

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# The same picture. With 49 of the 99 layers random, guided backprop's maps correlate by 0.75 with
# the old ones, and the signed ones by 0.91. Of saliency's signs nothing is left, and of its maps
# without signs a quarter; Grad-CAM has 0.21. So what you have learned of guided backprop is not a
# whim of SqueezeNet. (Two networks and three photographs prove no rule; but Adebayo et al. found
# the same in a third, Inception v3.)
#
# </details>
#
# ## 2. Deletion and insertion
#
# Another idea needs no second network. Take the pixels away, the most important ones first, and
# watch the probability of the class. If the map is right, it falls early. For an image $I$, a
# baseline $B$ of the same shape and a map, let $I_k$ be the image in which the $k$ most important
# pixels have been replaced, in all three colours, by the pixels of $B$ at the same places. The
# **deletion curve** is $p_c(I_k)$, where $p = $ softmax of the scores, for growing
# $k = k_0, k_1, \dots, k_S$ from $k_0 = 0$ to all $HW$ pixels. The area under it,
#
# $$A = \sum_{s=1}^{S} \frac{k_s - k_{s-1}}{HW} \cdot \frac{p_c(I_{k_{s-1}}) + p_c(I_{k_s})}{2},$$
#
# should be *small*. The $k_s$ are called `counts` below and are given.
#
# **Pencil and paper.** Suppose that the pixels go in 16 equal steps, and that a map is so good that
# the first step takes all of the probability. Which area does it have for the goose, with
# $p_c(I) = 0.94$? Could *any* map have a smaller one? Write it down; you will meet the number.

# %% [markdown] question="pencil_floor"
# One trapezoid is left: $\tfrac{1}{16} \cdot \tfrac{0.94 + 0}{2} = 0.029$. None can have less: the
# curve begins at 0.94 whatever the map is, and no probability is negative. A map that needs 50
# pixels and one that needs 3000 get the same number.

# %% [markdown]
# ### Your turn
#
# * Work out the order of each map's pixels once; each point then takes a longer piece of it.
# * Sorting puts the smallest first. And what sorting gives you is *places*, not ranks.
# * All images can go through the network together, one batch for each point.
# * Do not write into `X`.


# %% answer="deletion_curve"
def deletion_curve(X, y, maps, model, baseline, counts):
    """
    The probability of each image's class while its pixels are replaced, the most important first.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3)
    - y: labels of the images, integer array of shape (N,)
    - maps: how important each pixel is, array of shape (N, H, W)
    - model: a Keras model from images to unnormalised scores, shape (N, 1000); it stays as it is
    - baseline: what the pixels become, float32 array of shape (N, H, W, 3)
    - counts: how many pixels have been replaced at each point of the curve, integers, rising from
      0 to H * W

    Returns:
    - probabilities: array of shape (N, len(counts)), from the image itself to the baseline
    """
    probabilities = None
    ###########################################################################
    # TODO: Sort the pixels of each map. For each count replace so many, the  #
    # most important ones, and read the probability of the class.             #
    ###########################################################################
    ### BEGIN SOLUTION
    N, _, _, C = X.shape
    order = np.argsort(-maps.reshape(N, -1), axis=1)
    changed, new = X.reshape(N, -1, C).copy(), baseline.reshape(N, -1, C)
    probabilities = np.zeros((N, len(counts)))
    for s, count in enumerate(counts):
        for n in range(N):
            gone = order[n, :count]
            changed[n, gone] = new[n, gone]
        scores = model(changed.reshape(X.shape))
        probabilities[:, s] = tf.nn.softmax(scores).numpy()[np.arange(N), y]
    ### END SOLUTION
    return probabilities


# %% check="deletion_curves" points=10
check.deletion_curves(deletion_curve)

# %% [markdown]
# Now the goose by all methods, twice: in 16 equal steps of 3136 pixels, and with steps of 224
# pixels, as in the paper, where most happens, in the first part of the curve. Pixels that are
# deleted become grey (0, ImageNet's mean colour).
#
# **Guess first.** Will the methods come out in the same order? And in the second column, which will
# be the worst of the five methods for the goose?

# %% [markdown] question="guess_goose"
# In the first column we expect everything that is any good at about 0.029, so no order at all. In
# the second, Grad-CAM could be the worst: its blobs remove a patch from the middle of the goose and
# leave the rest of it as it is, while the fine maps spoil all parts of it at once.

# %%
PIXELS = X[0, :, :, 0].size
EQUAL = np.arange(17) * 3136
DENSE = np.array([0, 1, 2, 4, 7, 11, 16, 22, 45, 90, 150, 224]) * 224
grey = np.zeros_like(X)


def area(curves, counts):
    """The area under each curve, (N,)."""
    return np.trapezoid(np.asarray(curves), np.asarray(counts) / PIXELS, axis=1)


goose = slice(15, 16)
if deletion_curve(X[:1], y[:1], maps["saliency"][:1], network, grey[:1], EQUAL[:2]) is None:
    print("Fill in deletion_curve above, then run this cell again.")
else:
    print("deletion area of the goose   16 equal steps   steps of 224 at first")
    for name in METHODS:
        areas = [
            area(
                deletion_curve(X[goose], y[goose], maps[name][goose], network, grey[goose], counts),
                counts,
            )[0]
            for counts in (EQUAL, DENSE)
        ]
        print(f"  {name:<27}{areas[0]:14.4f}{areas[1]:24.4f}")
    least = [probability[15] * counts[1] / PIXELS / 2 for counts in (EQUAL, DENSE)]
    print(f"  {'no smaller than':<27}{least[0]:14.4f}{least[1]:24.4f}")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# In 16 equal steps the three gradients, guided backprop *and a random map* come out at 0.030 to
# 0.033, just above the least that is possible, 0.029. That is your number: the test had no room
# left to tell them apart, and an earlier edition of this notebook concluded from it that deletion
# hardly tells a method from chance. With finer steps the random map has 0.023, the gradients 0.006
# to 0.011.
#
# Grad-CAM has 0.054, more than twice as much as chance: its blobs cut patches out of three geese,
# and what is left of them is enough for a while. Before you ask the data, look whether the
# yardstick has marks.
#
# </details>
#
# One photograph is an anecdote. Here are the eleven of whose class the network is sure: a curve can
# fall only if it begins high. The gradients have signs, so there is a second way to rank: by the
# signed sum, so that pixels which speak *against* the class go last.
#
# **Guess first.** Does ranking by sign make input × gradient better or worse? Does Grad-CAM stay
# the last of the five?

# %% [markdown] question="guess_deletion"
# Better: why delete first what speaks against the class? And Grad-CAM, we thought, would stay last.

# %%
X_sure, y_sure, grey_sure = X[sure], y[sure], grey[sure]
of_sure = {name: each[sure] for name, each in maps.items()}
candidates = of_sure | {
    "input × gradient, signed": signed_map(attributions["input × gradient"][sure]),
}


def tell(kind, areas, chance, better):
    """Print the areas of each method, (11,), beside chance, and put their means in the table."""
    print(f"{kind + ' area':<26}mean ± its s.e.   median   better than chance in, of {len(sure)}")
    for name, each in areas.items():
        error = each.std(ddof=1) / np.sqrt(len(each))
        wins = "" if name == "random map" else f"{np.sum(better(each, chance)):12d}"
        print(f"  {name:<24}{each.mean():6.3f} ± {error:.3f}{np.median(each):12.4f}{wins}")
        if name in table:
            table[name][kind] = each.mean()


deleted = {}
if deletion_curve(X[:1], y[:1], maps["random map"][:1], network, grey[:1], EQUAL[:2]) is not None:
    for name, each in candidates.items():
        deleted[name] = np.asarray(deletion_curve(X_sure, y_sure, each, network, grey_sure, DENSE))
    other = random_map(X_sure, seed=1)
    other = np.asarray(deletion_curve(X_sure, y_sure, other, network, grey_sure, DENSE))
    deleted["random map"] = (deleted["random map"] + other) / 2  # two draws
    deletion_areas = {name: area(curves, DENSE) for name, curves in deleted.items()}
    tell("deletion", deletion_areas, deletion_areas["random map"], np.less)
    first_tenth = DENSE <= PIXELS / 10
    few_lines = [name for name in deleted if name != "saliency"]
    panels = {
        title: {name: deleted[name][chosen].mean(axis=0)[first_tenth] for name in few_lines}
        for title, chosen in (("mean of 11 photographs", slice(None)), ("the goose", sure == 15))
    }
    show_figure(
        lines_figure(
            100 * DENSE[first_tenth] / PIXELS, panels, "pixels deleted (%)", "probability"
        ),
        "Probability against the share of pixels deleted, up to a tenth. "
        "Over 11 photographs the gradients and guided backprop fall together, below the random "
        "map, and input × gradient ranked by sign below all; Grad-CAM follows the random map at "
        "first, and the edge detector hardly falls. For the goose the gradients lose nearly all "
        "within 2 %, the random map within 5, Grad-CAM only after 7.",
    )

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# * **Deletion does tell gradients from chance**: they and guided backprop have little more than
#   half the area of a random map, 0.066 to 0.077 against 0.130, and are better than chance in 9 to
#   11 of the 11 photographs.
# * **Is Grad-CAM the last?** In the mean it has the smallest area of the five, 0.061; by the
#   median, 0.0537, it is the last, and it is better than chance in only 6. A mean of few
#   photographs hides much. The differences among the five are no larger than their standard errors:
#   eleven photographs do not tell which is best.
# * **Ranking by sign** helps most of all: 0.042 after 0.075, and a median of 0.0100 after 0.0168.
#   Input × gradient is about what the score loses when a pixel becomes zero, that is, grey; its
#   sign says in which direction, and the absolute value throws that away.
# * **The edge detector is worse than chance** in all photographs but one (question 2).
#
# </details>
#
# ### Insertion
#
# **Insertion** goes the other way: it starts from a baseline and gives the image its pixels back,
# the most important first. The probability should rise early, so here a *large* area is good. You
# have written it already. Exchange the image and the baseline in the call, and "replacing pixels of
# the baseline by those of the image" is insertion. It starts from a photograph blurred by a
# Gaussian of 5 pixels, as in the authors' code (which cuts the Gaussian off sooner).
#
# **Guess first.** Who wins?

# %% [markdown] question="guess_insertion"
# Grad-CAM, we thought, because it gives whole parts of the animal back at once; an edge detector
# comes after the methods, since it spends its pixels on the background too.

# %%
blurred = blur_image(X_sure, 5)
FIFTHS = np.rint(np.array([0, 0.1, 0.2, 0.4, 0.6, 0.8, 1]) * PIXELS).astype(int)


def insertion_areas(maps):
    """The areas under the insertion curves of the photographs, (11,)."""
    curves = deletion_curve(blurred, y_sure, maps, network, X_sure, FIFTHS)  # exchanged!
    return area(curves, FIFTHS)


if deleted:
    of_class = tf.nn.softmax(network(blurred)).numpy()[np.arange(len(sure)), y_sure]
    print(f"mean probability: whole {probability[sure].mean():.2f}, blurred {of_class.mean():.3f}")
    insertion = {name: insertion_areas(each) for name, each in of_sure.items()}
    tell("insertion", insertion, insertion["random map"], np.greater)

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Grad-CAM comes first, with 0.557. And second is the **edge detector**, with 0.530, before guided
# backprop and all three gradients. It has never asked the network. All five methods beat a random
# map in 10 or 11 of the 11 photographs, so the test is not blind; but what it sees cannot be only
# what a method knows of the network. (The standard errors are those of photographs, which differ
# much; so look also at who is ahead in how many.)
#
# </details>
#
# **A quiz.** Why can an edge detector be so good in insertion? Open the answer that you think is
# right.
#
# <details><summary>A. It has found the edges of the animal, and these are what the network looks
# at.</summary>
#
# Wrong, or at least not shown. The edge detector does not know which edges are the animal's, and it
# was never asked for a class: it would have the same map for *goose* and for *lawn*.
#
# </details>
# <details><summary>B. The blurred photograph differs from the sharp one mostly at edges, so that
# whoever gives edges back first undoes the blur fastest.</summary>
#
# Right. Where nothing changes from pixel to pixel, blurring changed nothing, and pixels that are
# given back there are wasted. The test measures how well a map knows the *baseline*, besides how
# well it knows the network.
#
# </details>
# <details><summary>C. The mean is dominated by a few photographs in which it is lucky.</summary>
#
# Wrong: look at the median, and in how many photographs it is better than chance.
#
# </details>

# %% [markdown]
# ## 3. An explanation that knows nothing
#
# Now turn the attack into a method. Write a map that **never asks a network**, yet in insertion has
# a larger area than the saliency map, which does, in the mean over twenty photographs. The check
# does not compare your maps with any others: it gives your function images and looks what becomes
# of its maps in insertion. (It blurs smaller images, and a little less. A call of a network
# inside your function is an error.)
#
# * The edge detector would pass, as you have seen. Can you find a map that beats it? The cell
#   behind the check tells.
# * All you know is the image. What does the test give back, and where is there much of it?
# * One number for each pixel, for every image of the batch; which axes are rows and columns?
# * `blur_image(X, sigma)` blurs a batch of images.


# %% answer="map_that_knows_nothing"
def map_that_knows_nothing(X):
    """
    A map of each image that passes the insertion test, made without any network.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3); they stay as they are

    Returns:
    - maps: array of shape (N, H, W); large values are given back first
    """
    maps = None
    ###########################################################################
    # TODO: What would you give back first, to whoever sees a blurred image?  #
    ###########################################################################
    ### BEGIN SOLUTION
    maps = np.abs(X - blur_image(X, 3)).max(axis=3)
    ### END SOLUTION
    return maps


# %% check="knows_nothing" points=10
check.knows_nothing(map_that_knows_nothing)

# %%
yours = map_that_knows_nothing(X_sure)
if yours is None or not deleted:
    print("Fill in deletion_curve and map_that_knows_nothing above, then run this cell again.")
else:
    yours = np.asarray(yours)
    mine = insertion_areas(yours)
    print(f"yours, without a network: {mine.mean():.3f}")
    for name in ("saliency", "guided backprop", "Grad-CAM", "edge detector"):
        ahead = f"{np.sum(mine > insertion[name])} of {len(sure)}"
        print(f"{name + ':':<25} {insertion[name].mean():.3f}, behind yours in {ahead}")

# %% [markdown]
# Two points, marked by hand: **what has your map shown?** Somebody publishes a new method and
# writes that it is faithful to the network, because its insertion area is larger than Grad-CAM's.
# What would you answer as a reviewer, and which experiment would you ask for?

# %% [markdown] question="reviewer" points=2
# That a map made without the network has a larger area too, so that a large area is no evidence of
# faithfulness: it shows as much knowledge of the blur as of the network. I would ask for the same
# number of maps that know nothing, edges above all, beside the method's; for another baseline
# (grey, noise, another photograph), under which edges should lose their lead if it came from the
# blur; and for a test that edges cannot pass by construction, such as the randomisation of the
# weights.
#
# *Rubric:* 1 point for saying that passing is no evidence because something without the network
# passes too; 1 point for an experiment that would tell the two apart (an impostor as a control,
# another baseline, or randomisation).

# %% [markdown]
# ## 4. The pointing game
#
# Where *should* a map be bright? For a photograph nobody can tell for sure. For a mosaic of four
# photographs of four classes we can: a map for the class *goose* has its place in the quadrant that
# shows the goose. With the signed map $a_p$ and its positive part $a_p^+ = \max(a_p, 0)$, the
# evidence *for* the class, the score of the map is
#
# $$\frac{\sum_{p \,\in\, \text{quadrant}} a_p^+}{\sum_p a_p^+} ,$$
#
# the share of the evidence that lies where it should. 1 is perfect; a map that does not know one
# class from another has 0.25 on average.
#
# The network cannot point at what it does not see. So the mosaics are of photographs of whose class
# it is sure, p > 0.5, drawn at random, and at full size: the network takes images of any size. Each
# mosaic is explained four times, once for each of its classes.
#
# **Guess first.** Which method will point best? What will the edge detector get?

# %% [markdown] question="guess_pointing"
# Grad-CAM. The edge detector has the same map for all four classes of a mosaic, so its four shares
# add up to 1, and their mean is exactly 0.25.


# %%
def mosaic(four):
    """Four images (4, H, W, 3) in one, of twice the height and width."""
    return np.concatenate([np.concatenate(four[:2], axis=1), np.concatenate(four[2:], axis=1)])


def pointing_game(maps, quadrants):
    """The share of each map's positive part that lies in its quadrant: (N, H, W), (N,) to (N,)."""
    N, H, W = maps.shape
    positive = np.maximum(maps, 0).reshape(N, 2, H // 2, 2, W // 2)
    sums = positive.sum(axis=(2, 4)).reshape(N, 4)
    return sums[np.arange(N), quadrants] / sums.sum(axis=1)


groups = np.random.default_rng(231).permutation(sure)[:8].reshape(2, 4)
mosaics = np.stack([mosaic(X[group]) for group in groups for _ in range(4)])
labels, quadrants = y[groups.ravel()], np.array([0, 1, 2, 3] * 2)

places = (-network(mosaics).numpy()).argsort(axis=1).argsort(axis=1)[np.arange(8), labels]
print("The columns are these classes; in brackets their places among the scores of their mosaic.")
for four in (range(4), range(4, 8)):
    print("  " + ", ".join(f"{class_names[labels[n]]} ({places[n] + 1})" for n in four))
on_mosaics = {name: signed_map(method(mosaics, labels, model)) for name, method in METHODS.items()}
print(f"{'':<18}{'share in the right quadrant':<52}mean ± s.e.")
for name in METHODS:
    shares = pointing_game(on_mosaics[name], quadrants)
    table[name]["pointing"] = shares.mean()
    error = shares.std(ddof=1) / np.sqrt(8)
    print(f"{name:<18}" + "".join(f"{each:6.2f}" for each in shares), end="    ")
    print(f"{shares.mean():.2f} ± {error:.2f}")
kinds = ["saliency", "guided backprop", "Grad-CAM"]
show_figure(
    table_of_maps_figure(
        [
            [mosaic(X_raw[groups[0]])] * 2,
            *([np.maximum(on_mosaics[name][n], 0) for n in range(2)] for name in kinds),
        ],
        ["mosaic", *kinds],
        [f"for {class_names[labels[n]]}" for n in range(2)],
    ),
    "A mosaic of four photographs, and what speaks for two of its classes by three methods. "
    "Saliency's speckles hardly tell the classes apart, guided backprop draws the same outlines "
    "twice, Grad-CAM's brightest blob moves from the chairs to the cannon.",
)

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# Grad-CAM has 0.47 of its positive evidence in the right quadrant, and is above 0.25 in all eight
# maps; the other methods have 0.32 to 0.36. Guided backprop draws much the same outlines for each
# class and has 0.34, no less than saliency: it fails the randomisation and does not stand out here.
#
# Read it with care. Every score is a mean over the whole mosaic, so three quarters of what the
# network sees belongs to other classes; the yurt is at place 360 of 1000. And eight maps are few.
#
# </details>
#
# ## 5. All together
#
# *like edges*: rank correlation with the edge detector. *random*: rank correlation with the map of
# the network that is random down to fire7, without and with signs (low is good). *deletion*: low is
# good. *insertion*: high is good. *pointing*: high is good, and 0.25 comes for nothing. (*like
# edges* is of all photographs, the others of those in which the network is sure, or of three.)

# %%
columns = ["like edges", "random: map", "signed", "deletion", "insertion", "pointing"]
print(" " * 18 + "".join(f"{column:>13}" for column in columns))
for name, numbers in table.items():
    cells = (f"{numbers[c]:13.3f}" if c in numbers else f"{'?':>13}" for c in columns)
    print(f"{name:<18}" + "".join(cells))

# %% [markdown]
# ## Questions
#
# **1.** When all weights are random, the saliency map *without* signs still has a positive rank
# correlation with the trained network's; *with* signs it has none. How can a network that knows
# nothing make a similar map? And which of the two do people look at?

# %% [markdown] question="what_stays"
# How *large* a gradient gets is decided in part by the image and by the architecture, which are the
# same in both networks: the image decides which ReLUs and which max-pool winners let the gradient
# through, and strides let some rows and columns through more than others (the fine grid in the
# maps). Which *sign* it has depends on what the weights have learned, and that is gone. People look
# at maps without signs, and so they see much that no network had to learn.

# %% [markdown]
# **2.** By deletion the edge detector is worse than a random map. What is wrong with concluding
# "the probability falls when these pixels go, so these are the pixels that matter"?

# %% [markdown] question="grey_pixels"
# Pixels do not just go: grey ones take their place, and no photograph that the network was trained
# on looks like that. Grey dots strewn all over an image are strong noise everywhere and ruin it,
# whichever pixels they hit, as the random map shows. The edge detector's pixels hang together and
# leave whole areas untouched, which probably does less harm. The test measures two things at once,
# the importance of the pixels and the harm of the pattern; hence the random map beside it.

# %% [markdown]
# **3.** (3 points, marked by hand.) A hospital wants to show doctors a map beside the network's
# diagnosis. Which of the methods would you defend in front of a doctor, and why? Argue from the
# numbers of the table, with the spread that you have seen beside them, and say what you would *not*
# promise.

# %% [markdown] question="in_front_of_a_doctor" points=3
# One possible answer: Grad-CAM, for a coarse "it looked about here". It changes when the network
# does (0.23 at fire7, though with a wide spread, where guided backprop has 0.88), and it is the
# only one that points clearly better than chance (0.47 ± 0.03, where 0.25 comes for nothing). I
# would not argue with its insertion area, 0.557, the largest of the methods, since a map that knows
# nothing has 0.627; nor with deletion, where the five are within each other's errors. I would not
# show guided backprop, although its pictures are the finest: it would show the doctor nearly the
# same for a network whose upper layers are random, and did so for two networks. Input × gradient,
# ranked by sign, is best in deletion; it depends on the network by its signs, which the usual
# picture does not show.
#
# What I would not promise: that details finer than a cell of 13 × 13 mean anything; that it always
# looks at the right place (in the mosaics more than half of its evidence lay in wrong quadrants);
# that a convincing map makes the diagnosis right. And some photographs with three draws of random
# weights are an exercise, not a study: all has to be measured again on the hospital's network and
# images.
#
# *Rubric:* 1 point for a method with a reason from at least two columns of the table; 1 point for
# naming a test in which an impostor does as well, or a difference that is no larger than its
# spread; 1 point for what is not promised (fine detail, that the diagnosis is right, that it holds
# for another network or other images).

# %% [markdown]
# ## Things to try
#
# * **Integrated gradients**, `methods.integrated_gradients(X, y, model, steps=16)`, as one more
#   candidate. Does it do better than input × gradient?
# * Randomise *one* layer alone, not all above it. Which single layer do the maps miss most?
# * Draw the weights from a normal distribution with the old mean and standard deviation instead of
#   letting them change places. Do the conclusions stay?
# * Insert into grey instead of a blurred photograph. What becomes of the edge detector's lead, and
#   of your map's?
# * Rank SmoothGrad by its signed sum. Why does that not help as it helps input × gradient?
#   (What have the signs of a gradient to do with grey?)

# %% [markdown]
# ## References
#
# * J. Adebayo, J. Gilmer, M. Muelly, I. Goodfellow, M. Hardt, B. Kim: *Sanity Checks for Saliency
#   Maps*. NeurIPS 2018, [arXiv:1810.03292](https://arxiv.org/abs/1810.03292).
# * C. G. Northcutt, A. Athalye, J. Mueller: *Pervasive Label Errors in Test Sets Destabilize
#   Machine Learning Benchmarks*. NeurIPS 2021 (datasets and benchmarks),
#   [arXiv:2103.14749](https://arxiv.org/abs/2103.14749).
# * L. Beyer, O. J. Hénaff, A. Kolesnikov, X. Zhai, A. van den Oord: *Are we done with ImageNet?*
#   2020, [arXiv:2006.07159](https://arxiv.org/abs/2006.07159).
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
