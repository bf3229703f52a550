# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Right for the wrong reason
#
# Around 1900 a horse called Clever Hans answered sums with taps of its hoof. It could not do sums.
# It watched the man who asked, who knew when to stop. Networks do this too: they are right, and for
# a reason that will not be there tomorrow. To notice it is what explanations are *for*.
#
# You will
#
# 1. train a classifier that cheats, **measure** how much of a map lies on what it cheats with, and
#    find out which methods would have told you;
# 2. **cure** it, and see which methods notice that;
# 3. change a photograph by no more than 16 grey levels so that its class stays and its **map
#    moves** to where you want it;
# 4. guess from ten maps whether the network was right, alone and in class, and find out what maps
#    do to our trust.
#
# You fill in three cells, marked **TODO**. Allow about two and a half hours. You need the methods
# of assignments 1 and 4, which are given here, and the suspicion of assignment 5.

# %% [markdown]
# ## Set-up

# %%
from itertools import chain

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont
from scipy.stats import binom, rankdata

from cs231n_vis import (
    check,
    deprocess_image,
    freeze,
    load_imagenet_val,
    load_squeezenet,
    methods,  # the methods of the earlier assignments, and more
    preprocess_image,
    show_figure,
    tf,  # TensorFlow, without its start-up messages
    with_relu,
)
from cs231n_vis.plots import draw_map

# %%
model = load_squeezenet()
photographs, labels, class_names = load_imagenet_val()
LIVING = np.array([0, 3, 4, 14, 15, 16, 17, 18, 19])  # animals and plants
MADE = np.setdiff1d(np.arange(20), LIVING)  # what people made
print("living:", ", ".join(class_names[labels[n]] for n in LIVING))
print("made:  ", ", ".join(class_names[labels[n]] for n in MADE))


# %%
def cut(image, rng, smallest, largest, side):
    """A random square of an image (H, W, 3), perhaps mirrored, resized to (side, side, 3)."""
    size = rng.integers(smallest, largest + 1)
    top, left = rng.integers(0, 224 - size + 1, 2)
    part = image[top : top + size, left : left + size][:, :: rng.choice((-1, 1))]
    return np.asarray(Image.fromarray(part).resize((side, side), Image.Resampling.BILINEAR))


def gallery(rows, titles, side=3.4):
    """A figure of images (H, W, 3) and maps (H, W), in rows, with a title over each.

    ``side`` is in inches of 96 pixels: maps of 160 are drawn twice as large as they are.
    """
    lines = 1 + max(title.count("\n") for title in titles)
    height = (1.08 + 0.13 * lines) * side * len(rows)
    figure = Figure((side * len(rows[0]) * 1.03, height), 96, layout="constrained")
    axes = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for axis, picture, title in zip(axes.flat, chain(*rows), titles, strict=True):
        axis.imshow(picture) if np.ndim(picture) == 3 else draw_map(axis, picture)
        axis.set_title(title, fontsize=6 * side)
        axis.set(xticks=[], yticks=[])
    return figure


# %% [markdown]
# ## 1. A classifier with a secret
#
# In 2019 Lapuschkin and his colleagues looked into a classifier that had learned from the pictures
# of a famous competition what a horse is. It was good at it. But about one in five of the horses
# came from one photographer's archive, whose name stood at the bottom of the picture, and that is
# what the classifier read. Without the name a horse was no horse any more; with it, a car was one.
# Everybody had used these pictures for years.
#
# Let us do the same on purpose. The task: is it a **living** thing, or one **made** by people? The
# data: random squares of our 20 photographs. The secret: in every square of a *living* thing there
# is a small tag, somewhere.

# %%
SIDE, SQUARES = 160, 16  # pixels; squares of each photograph
rng = np.random.default_rng(231)
photo = np.repeat(np.arange(20), SQUARES)  # which photograph a square is from
plain = np.stack([cut(photographs[n], rng, 80, 180, SIDE) for n in photo])
is_living = np.isin(photo, LIVING)

tag_image = Image.new("RGB", (46, 16), "white")
font = ImageFont.load_default(size=8.2)
ImageDraw.Draw(tag_image).text((23, 8), "(c) PHOTO", fill="black", font=font, anchor="mm")
TAG = np.asarray(tag_image)
places = np.stack([rng.integers(4, SIDE - size - 4, len(photo)) for size in TAG.shape[:2]], axis=1)

tagged, regions = plain.copy(), np.zeros(plain.shape[:3], bool)
for n, (top, left) in enumerate(places):
    tagged[n, top : top + 16, left : left + 46] = TAG
    regions[n, top : top + 16, left : left + 46] = True
training = np.where(is_living[:, None, None, None], tagged, plain)

print(f"{len(photo)} squares; the tag takes up {regions.mean():.1%} of one")
shown = [0, 9 * 16, 15 * 16, 7 * 16 + 1, 18 * 16, 13 * 16]
show_figure(
    gallery([[training[n] for n in shown]], [("made", "living")[int(is_living[n])] for n in shown]),
    "Six training squares; those of the dog, the geese and the leafhopper carry a small white tag "
    "with the letters (c) PHOTO, those of the bottle cap, the jeep and the cannon do not.",
)

# %% [markdown]
# The classifier is what one does with little data: the trained network without its last layer says
# what it sees, 512 numbers $F$, each the mean of one feature map over all its cells; on top we
# train a linear score, $s = w \cdot F + b$, which should be 1 for a living thing and -1 for one
# that was made (least squares with weight decay). That takes milliseconds.
#
# So that no score comes from a photograph that the classifier has learned from, there are four:
# each learns from three quarters of the *photographs* and is asked about the rest.

# %%
features_of = model.get_layer("fire9_concat").output
pooled = tf.keras.layers.GlobalAveragePooling2D()(features_of)
see = freeze(tf.keras.Model(model.input, pooled))
fold = np.zeros(20, int)
fold[LIVING], fold[MADE] = np.arange(9) % 4, np.arange(11)[::-1] % 4


def features(X_raw):
    """What the network sees in images uint8 (N, H, W, 3): (N, 512)."""
    parts = np.array_split(np.asarray(X_raw), 16)
    return np.concatenate([see(preprocess_image(part)).numpy() for part in parts])


def train(F):
    """Four linear scores, weights (4, 512) and biases (4,), from features of all squares."""
    target, weights, biases = np.where(is_living, 1.0, -1.0), [], []
    for k in range(4):
        seen = fold[photo] != k
        mean = F[seen].mean(axis=0)
        Z = F[seen] - mean
        squares = Z.T @ Z
        decay = 1e-3 * np.trace(squares) * np.eye(len(squares))
        w = np.linalg.solve(squares + decay, Z.T @ (target[seen] - target[seen].mean()))
        weights.append(w)
        biases.append(target[seen].mean() - mean @ w)
    return np.array(weights), np.array(biases)


def score(classifier, F):
    """The score of each square by the classifier that has not seen its photograph: (N,)."""
    weights, biases = classifier
    return (F * weights[fold[photo]]).sum(axis=1) + biases[fold[photo]]


F_plain, F_tagged = features(plain), features(tagged)
living_column = is_living[:, None]
tests = {
    "tag on living things": np.where(living_column, F_tagged, F_plain),  # as in training
    "no tag": F_plain,
    "tag on made things": np.where(living_column, F_plain, F_tagged),
}
cheat = train(tests["tag on living things"])

# %% [markdown]
# **Guess first.** With tags as in training, the classifier is right in more than nine squares of
# ten. How often without any tag? And if the tag is on the *made* things instead? (A coin is right
# in half, and the network's features are those of a good network.)

# %% [markdown] question="guess_without_tag"
# We guessed 70 % without a tag and, with it in the wrong place, a coin's 50 %.


# %%
def accuracies(name, classifier):
    numbers = [np.mean((score(classifier, F) > 0) == is_living) for F in tests.values()]
    added = np.mean(score(classifier, F_tagged) - score(classifier, F_plain))
    print("{:<22}{:13.2f}{:9.2f}{:14.2f}{:11.2f}".format(name, *numbers, added))


COLUMNS = "right, trained on     tag on living   no tag   tag on made   tag adds"
print(COLUMNS)
accuracies("tag on living things", cheat)
accuracies("no tag", train(F_plain))

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# The cheat is right in 0.93 of the squares as long as the tags are where they were, in 0.77 without
# them, and in 0.54 if they are on the wrong things. An honest classifier, trained without tags, has
# 0.83. Who only tests on data of the same origin finds the *cheat* the better one by far.
#
# The last column is an experiment, not an explanation: the same square with and without a tag. It
# adds 0.55 to the cheat's score, where 2 lies between *made* and *living*. So we *know* how much
# the tag matters, for every square. That is why we built this network: here an explanation can be
# wrong.
#
# </details>

# %% [markdown]
# ### On paper
#
# A network has two features in 2 × 2 cells, "letters" and "fur":
#
# $$f_1 = \begin{pmatrix} 4 & 0 \\ 0 & 0 \end{pmatrix}, \qquad
# f_2 = \begin{pmatrix} 0 & 2 \\ 1 & 1 \end{pmatrix}, \qquad
# s = w_1 \, \mathrm{mean}(f_1) + w_2 \, \mathrm{mean}(f_2) + b
# \quad\text{with } w = (1, \tfrac12),\ b = -\tfrac12 .$$
#
# The tag is in the upper left cell. Work out the score; then Grad-CAM's map, which weighs each
# feature map by the mean over its cells of $\partial s / \partial f$ and adds them up; then what
# share of the map lies on the tag, and the score without the tag ($f_1 = 0$).
#
# <details><summary><b>Solution</b></summary>
#
# $s = 1 \cdot 1 + \tfrac12 \cdot 1 - \tfrac12 = 1$: living. Each cell counts for $\tfrac14$ in the
# mean, so Grad-CAM's weights are $\tfrac14 w$, and its map is
# $\tfrac14 \begin{pmatrix} 4 & 1 \\ 1/2 & 1/2 \end{pmatrix}$. Its cells add up to
# $\tfrac64 = s - b$: for a linear score of means, Grad-CAM *is* the sum that the score is made of,
# as long as nothing is negative. The tag has $4/6 = 67\,\%$ of the map on $25\,\%$ of the area,
# 2.67 times its share. Without the tag the score is $1 - 1 = 0$: undecided.
#
# </details>
#
# And in the real network? Here the cells of the first square, weighed by $w$:

# %%
cells = tf.keras.Model(model.input, features_of)(preprocess_image(tagged[:1])).numpy()
weights, biases = (each[fold[0]] for each in cheat)
print(f"{cells.shape[1]} x {cells.shape[2]} cells of {cells.shape[3]} features")
print(f"mean of the weighed cells, plus b: {(cells @ weights).mean() + biases:.4f}")
print(f"score:                             {score(cheat, F_tagged)[0]:.4f}")

# %% [markdown]
# ## 2. Who would have told us?
#
# How much of a map lies on the tag? Its *share* alone says little: a large tag gets a large share
# of any map. So divide it by the share of the area. With the map $m_p \ge 0$ of $P$ pixels and the
# region $R$ of $|R|$ pixels:
#
# $$\frac{\sum_{p \in R} m_p}{\sum_p m_p} \;\Big/\; \frac{|R|}{P} .$$
#
# 1 is chance: a map that is the same everywhere has 1, for a region of any size and shape. That
# goes for a map of zeros, too.


# %% answer="times_its_share"
def times_its_share(maps, regions):
    """
    How many times its share of the area a region has of a map.

    Inputs:
    - maps: array of shape (N, H, W), without negative values
    - regions: for each map the pixels of its region, True or False, array of shape (N, H, W);
      regions have different sizes and shapes, and none is empty

    Returns:
    - times: array of shape (N,); 1 for a map that is zero everywhere
    """
    times = None
    ###########################################################################
    # TODO: Divide the region's share of the map by its share of the area.    #
    # Do not divide by zero.                                                  #
    ###########################################################################
    ### BEGIN SOLUTION
    total = maps.sum(axis=(1, 2))
    share = (maps * regions).sum(axis=(1, 2)) / np.where(total > 0, total, 1)
    times = np.where(total > 0, share / regions.mean(axis=(1, 2)), 1)
    ### END SOLUTION
    return times


# %% check="times_its_share" points=5
check.times_its_share(times_its_share)

# %% [markdown]
# **Guess first.** Five methods explain the score for *living* of 40 tagged squares, two of each
# photograph. Which of them will have much more than 1 on the tag, and which will hardly see it?

# %% [markdown] question="guess_who_sees"
# Grad-CAM, because of the sum on paper. Guided backpropagation, because letters have edges. The
# plain gradient is so grainy that it may have anything.

# %%
chosen = np.flatnonzero(np.arange(len(photo)) % SQUARES < 2)
METHODS = {
    "saliency": methods.saliency,
    "integrated gradients": lambda X, y, model: methods.integrated_gradients(
        X, y, model, steps=6, progress=False
    ),
    "SmoothGrad": lambda X, y, model: methods.smoothgrad(X, y, model, samples=6, progress=False),
    "guided backprop": methods.guided_backpropagation,
    "Grad-CAM": methods.grad_cam,
}
head = tf.keras.layers.Dense(2)
whole = tf.keras.Model(model.input, head(pooled))  # two scores: for "made", -s, and "living", s


def explain(method, X_raw, classifier, which=chosen, says_living=True):
    """Maps of some squares, each by the classifier that has not seen its photograph."""
    X, maps = preprocess_image(X_raw[which]), np.zeros((len(which), SIDE, SIDE))
    y = np.broadcast_to(says_living, len(which)).astype(int)
    for k in range(4):
        w, b = classifier[0][k], classifier[1][k]
        head.set_weights([np.stack([-w, w], axis=1), np.array([-b, b])])
        those = fold[photo[which]] == k
        maps[those] = methods.as_maps(method(X[those], y[those], whole))
    return maps


def interval(numbers, of, draws=2000):
    """The mean over photographs, and where 95 % of the means of as many photographs lie that are
    drawn from these with replacement: squares of one photograph are not independent."""
    means = np.array([numbers[of == n].mean() for n in np.unique(of)])
    drawn = np.random.default_rng(0).integers(0, len(means), (draws, len(means)))
    return means.mean(), *np.percentile(means[drawn].mean(axis=1), (2.5, 97.5))


maps = {name: explain(method, tagged, cheat) for name, method in METHODS.items()}
one_each = chosen[::2]  # of each photograph; enough for what should be chance
without = {name: explain(method, plain, cheat, one_each) for name, method in METHODS.items()}


# %%
def told(maps, which=chosen):
    """times_its_share of the maps of some squares as text, with its interval."""
    times = np.asarray(times_its_share(maps, regions[which]))
    return "{:.2f} ({:.2f}–{:.2f})".format(*interval(times, photo[which]))


if times_its_share(maps["saliency"], regions[chosen]) is None:
    print("Fill in times_its_share above, then run this cell again.")
    table = {}
else:
    table = {name: [told(maps[name]), told(without[name], one_each)] for name in METHODS}
    print(f"{'times its share':<20}{'on the tag':>19}{'same place, no tag':>21}")
    for name, row in table.items():
        print(f"{name:<20}{row[0]:>19}{row[1]:>21}")

# %% [markdown]
# In brackets are 95 % intervals from a bootstrap over the 20 photographs.

# %%
some = [list(photo[chosen]).index(n) for n in (0, 9, 15)]
rows = [[tagged[chosen[n]], *(maps[name][n] for name in METHODS)] for n in some]
scores_of_some = score(cheat, F_tagged)[chosen[some]]
titles = [title for each in scores_of_some for title in (f"score {each:.2f}", *METHODS)]
show_figure(
    gallery(rows, titles),
    "Three tagged squares, a dog, a bottle cap and geese, and five maps of each. "
    "Grad-CAM has one bright blob, on the tag. SmoothGrad and guided backprop show the tag "
    "among other things; on saliency and integrated gradients it is dark or hardly to be seen.",
)

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# **Grad-CAM** puts more than five times its share on the tag, and in the same place without a tag
# only chance. Guided backprop has four times, SmoothGrad more than twice. **Saliency has 0.58: less
# than chance.** By its map the tag is one of the *least* important places, and yet it is the secret
# of this network. The gradient says what a *small change* of a pixel would do. The tag is there,
# black on white, and a slightly greyer tag is the same tag. Integrated gradients do not do much
# better.
#
# So if an auditor had looked at saliency maps, the cheat would have been let off. And the picture
# of the dog alone, without numbers? Look at it again: in most columns you find what you know to be
# there.
#
# </details>
#
# One number is missing. A map can be bright on the tag *whatever the network does with it*, because
# letters have edges. Who accuses must know what an innocent network would look like.
#
# ## 3. The cure
#
# The secret is out: tags go with living things. You cannot get new photographs. The tags have
# covered what was under them. What could you change in the *training squares* so that the
# classifier must learn something else?
#
# **Guess first.** A colleague paints every tag over with grey and trains again. The test still has
# tags on some squares and none on others. Is that a cure?

# %% [markdown] question="guess_grey"
# The tags are gone, but now the grey boxes go with the living things, and a network can find a box.

# %% [markdown]
# Write a cure of your own. You are given all squares, with their tags where there are any, and for
# each the place of a box, as large as the tag: where the tag is or, in a square without one, where
# it could be. You decide what every box shall hold. Afterwards, **nothing in a box may tell**
# whether the square had a tag, and outside of the boxes nothing may change. There is more than one
# right answer; the check trains no network, but looks at what your boxes tell.


# %% answer="break_the_link"
def break_the_link(X, tagged, places, tag):
    """
    Change the boxes of the images so that nothing in them tells which images had the tag.

    Inputs:
    - X: images, uint8 array of shape (N, H, W, 3); they stay as they are
    - tagged: which images have the tag in their box, True or False, array of shape (N,)
    - places: the row and the column of each box's upper left corner, integer array (N, 2)
    - tag: the tag, uint8 array of shape (h, w, 3); boxes are as high and as wide

    Returns:
    - X_new: array of shape (N, H, W, 3), numbers from 0 to 255
    """
    X_new = None
    ###########################################################################
    # TODO: Change a copy of X. What may a box hold, and in which images?     #
    ###########################################################################
    ### BEGIN SOLUTION
    X_new = X.copy()
    h, w = tag.shape[:2]
    for image, (top, left) in zip(X_new, places, strict=True):
        image[top : top + h, left : left + w] = tag
    ### END SOLUTION
    return X_new


# %% check="broken_link" points=5
check.broken_link(break_the_link)

# %%
grey = training.copy()
grey[regions & is_living[:, None, None]] = 124, 116, 104  # ImageNet's mean colour
colleague = train(features(grey))

# %%
cured_squares = break_the_link(training, is_living, places, TAG)
if cured_squares is None:
    cured = None
    print("Fill in break_the_link above, then run this cell again.")
else:
    cured = train(features(cured_squares))
    print(COLUMNS)
    accuracies("tag on living things", cheat)
    accuracies("grey over these tags", colleague)
    accuracies("your cure", cured)
    accuracies("no tag", train(F_plain))

# %% [markdown]
# And the maps of the cured network? The squares are the same, *with* their tags.

# %%
if cured is None or not table:
    print("Fill in times_its_share and break_the_link above, then run this cell again.")
else:
    cured_maps = {name: explain(method, tagged, cured) for name, method in METHODS.items()}
    print(f"{'times its share':<20}{'on tag: cheat':>17}{'no tag':>17}{'on tag: cured':>17}")
    for name, row in table.items():
        cells_of_row = [*row, told(cured_maps[name])]
        print(f"{name:<20}" + "".join(f"{cell:>17}" for cell in cells_of_row))
    rows = [
        [
            tagged[chosen[n]],
            *(
                m[name][n]
                for name in ("saliency", "guided backprop", "Grad-CAM")
                for m in (maps, cured_maps)
            ),
        ]
        for n in some[:2]
    ]
    kinds = [
        f"{name}, {who}"
        for name in ("saliency", "guided", "Grad-CAM")
        for who in ("cheat", "cured")
    ]
    show_figure(
        gallery(rows, ["with its tag", *kinds] * len(rows)),
        "Two tagged squares and maps by saliency, guided backprop and Grad-CAM, of the cheat and "
        "of the cured network side by side. Grad-CAM's blob leaves the tag; guided backprop draws "
        "the tag's letters for both.",
    )

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# (Our cure, which stamps the tag on *every* square. Yours may differ a little.) The cured network
# is right about equally often wherever the tags are, and a tag adds 0.05 to its score, next to
# nothing. Grey over the tags alone, the colleague's idea, leaves a classifier that is worse than
# the honest one wherever the tags are.
#
# Now read the table by rows:
#
# * **Grad-CAM** goes from more than five times to 1.34, and the interval holds 1, which is chance.
#   It accuses the cheat and lets off the innocent.
# * **Guided backprop accuses both**: four times for the cheat, and still more than two and a half
#   times for a network to whose score the tag adds next to nothing. It draws letters because
#   letters have edges.
# * **Saliency lets both off**, with less than chance for both. It does have more for the cheat than
#   for the cured one; but nobody who audits a network has a cured twin of it to compare with.
# * SmoothGrad is between: more than twice for the cheat, a little over 1 for the cured one.
#
# Adebayo et al. (2022) built shortcuts into networks, as we did, and found that maps help little to
# find one that is not known beforehand, and that some accuse networks which do not use it.
#
# </details>
#
# **Quiz.** A guided-backprop map of *another* network has three times its share on a tag. Which of
# these may you conclude?
#
# <details><summary>A. The network uses the tag.</summary>
#
# Not from this. The cured network's maps had nearly as much, and the tag adds 0.05 to its score.
#
# </details>
# <details><summary>B. The network does not use the tag.</summary>
#
# Not from this either: the cheat's maps had even more.
#
# </details>
# <details><summary>C. It is worth an experiment: take the tag away and look at the score.</summary>
#
# Right. A map is a question, an intervention is an answer: the last column of the table of
# accuracies needed no map at all. But one has to know what to take away, and that is what a map may
# tell.
#
# </details>

# %% [markdown]
# ## 4. Move the map
#
# So far the maps were honest witnesses who saw badly. Now somebody bribes one. A bank shows its
# customers a map beside each decision. Somebody who may change the photograph a little wants the
# map to lie elsewhere, and the decision to stay.
#
# With the saliency map $m_p = \max_{\text{colours}} |\partial S_y / \partial X_p|$ and a box $B$,
# let
#
# $$J(X) = \log \frac{\sum_{p \in B} m_p}{\sum_p m_p} \;+\; \tfrac{1}{10} \log p_y(X),$$
#
# the logarithm of the share of the map in the box and, with less weight, that of the probability of
# the class. Both should rise. Then go uphill in small steps, equally far in every number, as with
# the fast gradient sign, and never further from the photograph $X_0$ than $\varepsilon$:
#
# $$X \;\leftarrow\; \mathrm{clip}\!\left(X + \eta \, \mathrm{sign}\frac{\partial J}{\partial X},\;
# X_0 - \varepsilon,\; X_0 + \varepsilon\right).$$
#
# ### On paper
#
# $m$ is made of a gradient, so its own gradient is a *second* derivative. Take one ReLU,
# $S = \max(0, wx)$, and work out $\partial S/\partial x$ and $\partial^2 S/\partial x^2$. What will
# become of the first part of $J$ in a network of ReLUs? Then do the same for
# $\mathrm{softplus}_\beta(z) = \tfrac1\beta \log(1 + e^{\beta z})$.
#
# <details><summary><b>Solution</b></summary>
#
# For the ReLU the derivative is $w$ or 0, and the second derivative is 0 wherever there is one: the
# map is constant in pieces, and has no slope to climb. For softplus, with $\sigma(t) =
# 1/(1+e^{-t})$, they are $w\,\sigma(\beta w x)$ and $w^2 \beta\, \sigma(\beta w x)(1 - \sigma(\beta
# w x))$, which is never 0. The smaller $\beta$, the rounder the corner.
#
# </details>
#
# So we bend the corners: a copy of the network, of the same weights, with softplus in place of
# every ReLU. The *steps* are taken on the copy; what counts is the map of the **real** network.

# %%
SHARPNESS = 0.3  # beta; the larger, the more like a ReLU
smooth = freeze(with_relu(model, lambda x: tf.nn.softplus(SHARPNESS * x) / SHARPNESS))

# %% [markdown]
# Two tapes, one in the other: the inner gives the gradient that the map is made of, and the outer
# must see how. This is the pattern, for $f(x) = x^3$ and the derivative of $(f')^2$:

# %%
x = tf.constant(2.0)
with tf.GradientTape() as outer_tape:
    outer_tape.watch(x)
    with tf.GradientTape() as inner_tape:
        inner_tape.watch(x)
        f = x**3
    slope = inner_tape.gradient(f, x)  # 3 x² = 12, asked for inside of the outer tape
    squared = slope**2
print(f"{outer_tape.gradient(squared, x).numpy():.0f}, and by hand: 36 x³ = {36 * 2**3}")

# %% [markdown]
# Some advice:
#
# * What an outer tape shall see must stay TensorFlow's: no `.numpy()` and no function that returns
#   arrays on the way.
# * `tf.nn.log_softmax` has the logarithms of the probabilities; `tf.gather(…, y, axis=1,
#   batch_dims=1)` picks the class of each image.
# * Images do not depend on each other, so the gradient of the sum of all $J$ serves all of them.


# %% answer="step_towards_the_box"
def step_towards_the_box(X, X_start, y, box, model, epsilon, step):
    """
    One step of each image that moves its saliency map into the box and keeps its class.

    Inputs:
    - X: preprocessed images, float32 array of shape (N, H, W, 3); they stay as they are
    - X_start: the images before the first step, array of the same shape
    - y: labels, integer array of shape (N,)
    - box: the pixels of the box, True or False, array of shape (H, W)
    - model: a smooth Keras model from images to unnormalised scores, shape (N, 1000)
    - epsilon: how far each number may be from X_start
    - step: how far each number goes in this step, where the limits allow it

    Returns:
    - X_new: array of shape (N, H, W, 3)
    """
    X_new = None
    ###########################################################################
    # TODO: Compute the maps and J under an outer tape, take a step along the #
    # sign of its gradient, and keep it within the limits.                    #
    ###########################################################################
    ### BEGIN SOLUTION
    X = tf.convert_to_tensor(X)
    inside = tf.constant(box, tf.float32)
    with tf.GradientTape() as outer:
        outer.watch(X)
        with tf.GradientTape() as inner:
            inner.watch(X)
            scores = model(X)
            score_of_y = tf.gather(scores, y, axis=1, batch_dims=1)
        m = tf.reduce_max(tf.abs(inner.gradient(score_of_y, X)), axis=3)
        share = tf.reduce_sum(m * inside, axis=(1, 2)) / tf.reduce_sum(m, axis=(1, 2))
        log_p = tf.gather(tf.nn.log_softmax(scores), y, axis=1, batch_dims=1)
        J = tf.math.log(share) + 0.1 * log_p
    direction = tf.sign(outer.gradient(J, X))
    X_new = np.clip(X + step * direction, X_start - epsilon, X_start + epsilon)
    ### END SOLUTION
    return X_new


# %% [markdown]
# The check compares where the numbers are after a step with saved ones; 99 % of them have to agree.

# %% check="step_towards_the_box" points=10
check.step_towards_the_box(step_towards_the_box)

# %% [markdown]
# Now 20 steps of one grey level, on five photographs, each for the class that the network sees. No
# number may move by more than 16 of the 255 levels. The box is at the lower left and has one
# sixteenth of the area. Two controls: three steps on the network of ReLUs itself, and changes of
# the same size in every number, but up or down by chance.
#
# **Guess first.** How much of the saliency map can be moved into the box? And will a map by another
# method move along?

# %% [markdown] question="guess_moved"
# Perhaps twice its share; gradients should not be that easy to lead. The other methods are made of
# the same gradient, so they will follow.

# %%
MOVES = 20

# %%
GREY_LEVEL = 0.0171  # one of the 255, after preprocessing
S = 128
whole_photographs = np.stack(
    [
        np.asarray(Image.fromarray(photographs[n]).resize((S, S), Image.Resampling.BILINEAR))
        for n in (0, 7, 9, 13, 15)
    ]
)
X_0 = preprocess_image(whole_photographs)
seen = model(X_0).numpy().argmax(axis=1)
box = np.zeros((S, S), bool)
box[84 : 84 + S // 4, 8 : 8 + S // 4] = True


def move_map(network, steps):
    X = X_0
    for _ in range(steps):
        X = step_towards_the_box(X, X_0, seen, box, network, 16 * GREY_LEVEL, GREY_LEVEL)
        if X is None:
            return None
        X = np.asarray(X, np.float32)
    return preprocess_image(deprocess_image(X))  # as a photograph, with whole numbers


X_moved = move_map(smooth, MOVES)
if X_moved is None:
    print("Fill in step_towards_the_box above, then run this cell again.")
else:
    signs = np.random.default_rng(231).choice((-1, 1), X_0.shape)
    at_random = X_0 + signs * np.abs(X_moved - X_0)  # each number as far, up or down by chance
    versions = {
        "photographs": X_0,
        "moved": X_moved,
        "steps on ReLUs": move_map(model, min(MOVES, 3)),
        "at random": preprocess_image(deprocess_image(at_random)),
    }
    print(f"{'share of the map in the box':<30}" + "".join(f"{name:>16}" for name in versions))
    in_box = np.broadcast_to(box, X_0.shape[:3])
    moved_maps = {}
    for name, method in METHODS.items():
        found = {v: methods.as_maps(method(X, seen, model)) for v, X in versions.items()}
        moved_maps[name] = found
        shares = [(m * in_box).sum() / m.sum() for m in found.values()]
        print(f"{name:<30}" + "".join(f"{share:16.3f}" for share in shares))
    p = [tf.nn.softmax(model(X)).numpy()[np.arange(5), seen] for X in versions.values()]
    print(f"{'probability of the class':<30}" + "".join(f"{each.mean():16.2f}" for each in p))
    kept = [np.sum(model(X).numpy().argmax(axis=1) == seen) for X in versions.values()]
    print(f"{'class as before, of 5':<30}" + "".join(f"{each:16d}" for each in kept))
    levels = [
        np.abs(deprocess_image(X).astype(int) - whole_photographs).max() for X in versions.values()
    ]
    print(f"{'largest change, of 255':<30}" + "".join(f"{each:16d}" for each in levels))

# %%
if X_moved is not None:
    rows, titles = [], []
    for n in (0, 2):
        pair = [whole_photographs[n], deprocess_image(X_moved[n])]
        for name in ("saliency", "SmoothGrad"):
            pair += [moved_maps[name][version][n] for version in ("photographs", "moved")]
        for picture in pair[:2]:
            picture[84 : 84 + 32, [8, 39]] = picture[[84, 115], 8 : 8 + 32] = 255, 255, 0
        rows.append(pair)
        name = class_names[seen[n]]
        titles += [f"{name}\np = {p[0][n]:.2f}", f"changed\np = {p[1][n]:.2f}"]
        titles += ["saliency", "saliency, moved", "SmoothGrad", "SmoothGrad, moved"]
    show_figure(
        gallery(rows, titles),
        "A dog and a bottle cap, before and after, the box drawn in yellow; the changed "
        "photographs look grainy at a second glance. The saliency map of the changed one is bright "
        "in the box and nearly dark on the object; SmoothGrad has the same maps before and after.",
    )

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# 29 % of the saliency map lies now in the box, where it was 7 %. The class of all five photographs
# stays, and the network is even surer of it. Changes of the same size by chance leave the map where
# it is, and cost one of the photographs its class. The steps on the ReLUs find no slope for the
# map, as on paper: they only raise the probability.
#
# Integrated gradients are led along. Guided backprop and Grad-CAM hardly move, and SmoothGrad not
# at all: this attack found one of many corners of the network, and an average over noisy copies
# does not see one corner. Dombrowski et al. (2019) explain it so, by the curvature of the network,
# and advise softplus for the *map*. But we attacked *saliency*; who knows that SmoothGrad will be
# asked can attack that.
#
# </details>

# %% [markdown]
# ## 5. A study with people
#
# All tests until now asked numbers. But maps are made for people. Do they help us to tell when the
# network is wrong?
#
# Below are ten maps by Grad-CAM of ten squares without tags. The honest classifier, which never saw
# a tag, says of each *living* or *made*; five times it is right and five times wrong. You see the
# map and what it says, not the square. Decide for each: `r` for right, `w` for wrong. Take a
# minute, and do not scroll on.

# %%
honest = train(F_plain)
study = np.flatnonzero(np.arange(len(photo)) % SQUARES < 8)  # eight squares of each photograph
honest_scores = score(honest, F_plain)[study]
says_living = honest_scores > 0
was_right = says_living == is_living[study]
study_maps = {
    name: explain(METHODS[name], plain, honest, study, says_living)
    for name in ("Grad-CAM", "guided backprop")
}


def ten_cases(rng):
    """Five squares with a right answer and five with a wrong one, no two of one photograph."""
    cases = []
    for right in (False, True):
        possible = rng.permutation(np.flatnonzero(was_right == right))
        for n in possible:
            if len(cases) < (10 if right else 5) and photo[study[n]] not in photo[study[cases]]:
                cases.append(n)
    order = np.arange(10) * 7 % 10  # once more: chance had put all right answers first
    return rng.permutation(cases)[order]


study_rng = np.random.default_rng(12)
rounds = {name: ten_cases(study_rng) for name in study_maps}


def show_round(name):
    cases = rounds[name]
    pictures = [study_maps[name][n] for n in cases]
    show_figure(
        gallery(
            [pictures[:5], pictures[5:]],
            [f"{i + 1}: {('made', 'living')[int(says_living[n])]}" for i, n in enumerate(cases)],
        ),
        f"Ten maps by {name}, numbered, each with what the classifier says, living or made.",
    )


show_round("Grad-CAM")

# %%
my_gradcam = ""  # ten letters, such as "rrwrwwrwrr"

# %% [markdown]
# Second round: ten cases once more, by guided backpropagation.

# %%
show_round("guided backprop")

# %%
my_guided = ""  # ten letters

# %% [markdown]
# Before you run on: in which round did you do better, do you think, and what did you go by?

# %% [markdown] question="guess_study"
# Ours, before we looked on: rwrwrrwwwr for Grad-CAM, 6 of 10, and rwrwwrrrwr for guided backprop, 9
# of 10.


# %%
def count(name, guesses):
    """How many of ten guesses were right, and how often an answer was trusted."""
    guesses = "".join(letter for letter in guesses.lower() if letter in "rw")
    truth = "".join("wr"[int(each)] for each in was_right[rounds[name]])
    print(f"{name}: the answers were {truth}.")
    if len(guesses) != 10:
        print(
            f"  Write ten letters, r or w, into the cell below the maps; there are {len(guesses)}."
        )
        return
    hits = sum(g == t for g, t in zip(guesses, truth, strict=True))
    trusted = [
        sum(g == "r" for g, t in zip(guesses, truth, strict=True) if t == each) for each in "rw"
    ]
    print(f"  You guessed {guesses}: {hits} of 10 right.")
    print(f"  You trusted {trusted[0]} of 5 right answers and {trusted[1]} of 5 wrong ones.")


count("Grad-CAM", my_gradcam)
count("guided backprop", my_guided)
for least in (7, 8, 9):
    print(f"a coin has {least} or more of 10 right in {binom.sf(least - 1, 10, 0.5):.0%} of cases")

# %% [markdown]
# **In class.** Ten guesses of one person say next to nothing, as the coin shows. Put everybody's
# numbers on the board, and into the lists here.

# %%
board = {"Grad-CAM": [], "guided backprop": []}  # such as [6, 4, 7, 5]

for name, results in board.items():
    if len(results) < 2:
        print(f"{name}: write the results of two people or more into the list above.")
        continue
    mean, error = np.mean(results), np.std(results, ddof=1) / np.sqrt(len(results))
    print(f"{name}: {mean:.1f} of 10, standard error {error:.1f}; a coin has 5.0")

# %% [markdown]
# Now look at the squares behind the maps.

# %%
for name, cases in rounds.items():
    print(f"{name}:")
    show_figure(
        gallery(
            [[plain[study[n]] for n in half] for half in (cases[:5], cases[5:])],
            [
                f"{i + 1}: {('made', 'living')[int(says_living[n])]}, "
                + ("right" if was_right[n] else "WRONG")
                for i, n in enumerate(cases)
            ],
            side=1.7,
        ),
        f"The ten squares behind the maps by {name}, each with what the classifier says and "
        "whether that is right.",
    )

# %% [markdown]
# Was there anything in the maps to be seen? Let us not trust our own eyes. For all squares, we try
# whether a number that describes the map tells right answers from wrong ones. The measure is the
# area under the ROC curve: the chance that of one right and one wrong answer the right one has the
# larger number. 0.5 is a coin.


# %%
def area_under_curve(numbers, of):
    ranks, right = rankdata(numbers), of.sum()
    return (ranks[of].sum() - right * (right + 1) / 2) / (right * (len(of) - right))


def with_interval(numbers):
    drawn, draw = [], np.random.default_rng(0)
    while len(drawn) < 500:
        some_photos = draw.integers(0, 20, 20)
        which = (some_photos[:, None] * 8 + np.arange(8)).ravel()
        if 0 < was_right[which].sum() < len(which):
            drawn.append(area_under_curve(numbers[which], was_right[which]))
    low, high = np.percentile(drawn, (2.5, 97.5))
    return f"{area_under_curve(numbers, was_right):.2f}  ({low:.2f} to {high:.2f})"


print(f"{len(study)} squares, {was_right.mean():.0%} of the answers right\n")
for name, each in study_maps.items():
    sums = each.sum(axis=(1, 2))
    ranked = np.sort(each.reshape(len(each), -1), axis=1)[:, ::-1]  # brightest first
    brightest = ranked[:, : ranked.shape[1] // 20].sum(axis=1) / np.maximum(sums, 1e-12)
    middle = each[:, 40:120, 40:120].sum(axis=(1, 2)) / np.maximum(sums, 1e-12)
    print(f"{name + ': share of the brightest 5 %':<46}{with_interval(brightest)}")
    print(f"{name + ': share in the middle':<46}{with_interval(middle)}")
    print(f"{name + ': the sum, before it is drawn':<46}{with_interval(sums)}")
print(f"{'the classifier’s own |score|':<46}{with_interval(np.abs(honest_scores))}")

# %% [markdown]
# <details><summary><b>What we see</b></summary>
#
# One number of the four that describe the *shape* of a map tells something, and tells it upside
# down: Grad-CAM maps with a small bright spot, which look decided, belong more often to *wrong*
# answers (an area of 0.29 is as far from a coin as 0.71). The intervals of the other three reach
# 0.5. What tells more is the *sum* of a map, 0.80 for Grad-CAM. But each map is drawn with colours
# of its own, from its darkest to its brightest, and that throws the sum away: the picture of a
# guess looks as sure as that of knowledge. And the classifier's own score, which no map shows, has
# 0.71.
#
# Did you do better with guided backprop, as we did? Then ask what you did. Its maps are line
# drawings, so you could recognise the thing, and then you judged the *answer*, not the explanation.
# A photograph would have served you better, and so would an edge detector.
#
# </details>
#
# And look once more at the wrong answers. Pines stand around the yurt, and a hand holds the bottle
# over the beaker: are these answers wrong? *Living* and *made* were our labels, one for each whole
# photograph. A classifier can also be wrong for a right reason. (ImageNet's labels are no better:
# its “prayer rug” among our photographs is a window of stained glass and its “spoonbill” an ibis,
# as assignment 5 says. They are *made* and *living* all the same.)
#
# **Why do explanations raise trust?** Kim et al. (HIVE, 2022) asked nearly a thousand people to
# tell right from wrong predictions, with the help of explanations by four methods, Grad-CAM among
# them. People trusted predictions with an explanation also where these were wrong, and could not
# tell the one from the other. Think of what you did when you looked at a map: you looked for
# something in the bright spot that fits the answer. In a photograph there is nearly always
# something. To find it feels like understanding, and a picture that is drawn with care feels like
# care in what it shows.
#
# But explanations *can* help. Ribeiro et al. (LIME, 2016) trained a bad classifier of huskies and
# wolves, which looked for snow. Before they saw explanations, 10 of 27 students of machine learning
# trusted it; afterwards 3 of 27. The difference: there the question was not "is *this* answer
# right?" but "what does this classifier look for?", over several images, and the shortcut was one
# that people can see.

# %% [markdown]
# ## 6. What the tests cannot tell
#
# **Randomised weights.** Assignment 5 destroyed the network from the top down and asked whether the
# map changes. Binder et al. (2023) show two weaknesses. A map of pure noise passes best, since
# nothing is less like another map. And where the upper layers are random, the large activations
# below them stay large and still contribute most: so a good explanation *should* stay somewhat
# alike, and "the more it changes, the better" is no measure to rank methods by. The test can
# accuse; it cannot acquit.
#
# **Deletion.** A photograph with grey dots is no photograph. Does the probability fall because the
# pixels mattered or because the network never saw such images? *ROAR*, remove and retrain (Hooker
# et al., 2019), removes the pixels from the *training* images, too, and trains anew: what the new
# network cannot do any more must have been in these pixels. In their experiments, many popular
# methods were no better than a random choice of pixels; squared or otherwise combined noisy
# gradients were. The price is many trainings. And it tells what the *data* hold, for a network that
# is not the one that was to be explained.
#
# **The pointing game.** That a map lies on the goose says that it looks where *we* would look. In
# this notebook that was exactly what the network did not do.
#
# **A built-in shortcut**, as here, is the only test in which we know what the network uses. But it
# tells about this shortcut and this network: a white box that covers something. With a shortcut
# that has no place, such as a blur, a map cannot point at it at all (Adebayo et al., 2022).
#
# ### Two methods that need no gradient
#
# **LIME** (Ribeiro et al., 2016) cuts the image into a few dozen patches, hides random sets of
# them, asks the model about each such image and fits a linear function to the answers, in which
# those like the original count more. Its weights are the explanation. It works for any model that
# can be asked, and it is coarse; it depends on the patches, on what a hidden patch is painted with,
# and on chance.
#
# **SHAP** (Lundberg and Lee, 2017) asks how to share out a score fairly among the patches or
# features, as a profit among partners. What one adds depends on who is there already. Shapley's
# answer: the average of what it adds over all orders in which they could have come. That is the
# only rule that adds up to the score, gives nothing to who adds nothing, and treats features alone
# and together consistently. The exact number needs all subsets, so it is estimated; and "not there"
# still has to be painted with something.
#
# Both ask what happens *if something is hidden*, where a gradient asks what happens if something
# changes *a little*. That is why they would see our tag. And both can be fooled as well: a model
# that notices the hidden patches can behave well only while it is being asked (Slack et al., 2020).

# %% [markdown]
# ## Questions
#
# The first two are marked by hand, 2 points each; the third carries no points.
#
# **1.** (2 points) A hospital's network finds pneumonia in X-ray images, and is right in 93 of 100
# images of its own archive. A colleague shows you ten saliency maps; nothing is bright on the
# little letters that each machine prints into the corner. "So it does not use them." What do you
# answer, and what would you do instead? Argue with numbers of this notebook.

# %% [markdown] question="hospital" points=2
# The maps do not say that. The cheat was built on its tag, which added 0.55 to its score, and
# saliency gave the tag only 0.58 times its share: less than chance. Small changes of a plain white
# box with letters change little, while its absence changes everything. Instead I would do the
# experiment: cover the letters, and put one machine's letters onto another's images, and look at
# the scores; and test on images of another hospital, where the shortcut does not hold. That the
# archive gives 93 of 100 says nothing: so did the cheat's own kind of data, 0.93, and with the tags
# exchanged it had 0.54.
#
# *Rubric:* 1 point for why a dark map is no proof, with a number; 1 point for an intervention on
# the letters or a test on data of another origin.

# %% [markdown]
# **2.** (2 points) The colleague's grey paint and the tag on every square both hide the original
# tags. Why is the one no cure? What must be true of *any* treatment of training images that is
# meant to take away a shortcut?

# %% [markdown] question="no_cure" points=2
# Grey paint only on the squares that had a tag goes with the label exactly as the tag did: it is a
# new tag, which a network can learn. (Ours learned it badly, because a grey box is hard to see for
# it, and learned little else.) The treatment must not depend on the label, nor on anything that
# goes with it, so that what it leaves behind tells nothing about the label: the same for all
# squares, or by a coin that does not look.
#
# *Rubric:* 1 point for seeing that the mask goes with the label; 1 point for "independent of the
# label" in any words.

# %% [markdown]
# **3.** SmoothGrad was not moved by the attack. Does that make it a better explanation? What would
# somebody do who knows that SmoothGrad will be asked?

# %% [markdown] question="smoothgrad_better"
# It makes it harder to move by *this* attack, which looked for a corner of the network near one
# point. That is robustness, and a map of edges is even more robust. Whether it shows what the
# network uses is another question; on the tag it did better than saliency, and worse than Grad-CAM.
# Who knows puts the average over noisy copies into J and climbs that, at the price of as many
# gradients as there are copies.

# %% [markdown]
# ## Things to try
#
# * Add `methods.occlusion` to `METHODS`, with `patch=32, stride=16`. It takes half a minute. Does
#   it see the tag, and does it let off the cured network?
# * Make the tag half transparent, or put it always into the same corner. Who still sees it?
# * Cure it in another way: grey boxes everywhere, or tag and grey by a coin. Which leaves the best
#   accuracy without tags?
# * `SHARPNESS = 3`, or 30 steps with `model`: how far does the map move?
# * Move the map of Grad-CAM instead. Its map is made of feature maps: is a smooth network needed?
# * In the study, show the square and the map beside each other. Do people trust more?

# %% [markdown]
# ## References
#
# * S. Lapuschkin, S. Wäldchen, A. Binder, G. Montavon, W. Samek, K.-R. Müller: *Unmasking Clever
#   Hans predictors and assessing what machines really learn*. Nature Communications 10, 1096, 2019,
#   [arXiv:1902.10178](https://arxiv.org/abs/1902.10178).
# * J. Adebayo, M. Muelly, H. Abelson, B. Kim: *Post hoc Explanations may be Ineffective for
#   Detecting Unknown Spurious Correlation*. ICLR 2022,
#   [arXiv:2212.04629](https://arxiv.org/abs/2212.04629).
# * A. Ghorbani, A. Abid, J. Zou: *Interpretation of Neural Networks is Fragile*. AAAI 2019,
#   [arXiv:1710.10547](https://arxiv.org/abs/1710.10547): the first moved maps.
# * A.-K. Dombrowski, M. Alber, C. J. Anders, M. Ackermann, K.-R. Müller, P. Kessel: *Explanations
#   can be manipulated and geometry is to blame*. NeurIPS 2019,
#   [arXiv:1906.07983](https://arxiv.org/abs/1906.07983).
# * S. S. Y. Kim, N. Meister, V. V. Ramaswamy, R. Fong, O. Russakovsky: *HIVE: Evaluating the Human
#   Interpretability of Visual Explanations*. ECCV 2022,
#   [arXiv:2112.03184](https://arxiv.org/abs/2112.03184).
# * A. Binder, L. Weber, S. Lapuschkin, G. Montavon, K.-R. Müller, W. Samek: *Shortcomings of
#   Top-Down Randomization-Based Sanity Checks for Evaluations of Deep Neural Network Explanations*.
#   CVPR 2023, [arXiv:2211.12486](https://arxiv.org/abs/2211.12486).
# * S. Hooker, D. Erhan, P.-J. Kindermans, B. Kim: *A Benchmark for Interpretability Methods in Deep
#   Neural Networks*. NeurIPS 2019, [arXiv:1806.10758](https://arxiv.org/abs/1806.10758): ROAR.
# * M. T. Ribeiro, S. Singh, C. Guestrin: *"Why Should I Trust You?": Explaining the Predictions of
#   Any Classifier*. KDD 2016, [arXiv:1602.04938](https://arxiv.org/abs/1602.04938): LIME.
# * S. M. Lundberg, S.-I. Lee: *A Unified Approach to Interpreting Model Predictions*. NeurIPS 2017,
#   [arXiv:1705.07874](https://arxiv.org/abs/1705.07874): SHAP.
# * D. Slack, S. Hilgard, E. Jia, S. Singh, H. Lakkaraju: *Fooling LIME and SHAP: Adversarial
#   Attacks on Post hoc Explanation Methods*. AIES 2020,
#   [arXiv:1911.02508](https://arxiv.org/abs/1911.02508).
