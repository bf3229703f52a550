# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Start here
#
# A network says that a photograph shows a bald eagle. *What in the photograph made it say so?* In
# this course you write the methods that claim to answer this question, each in a few lines, and
# then put the question to the methods themselves: why should anyone believe *you*?
#
# 1. [Saliency maps](01_saliency_maps.ipynb): the gradient of a score, and of a weighted sum of
#    losses. *1 hour*
# 2. [Fooling images](02_fooling_images.ipynb): a change that nobody sees, and that makes the
#    network say what you like. *1 hour*
# 3. [Class visualization](03_class_visualization.ipynb): a picture of what the network takes a
#    tarantula to be. *1½ hours*
# 4. [Beyond the gradient](04_beyond_the_gradient.ipynb): guided backpropagation, SmoothGrad,
#    integrated gradients and Grad-CAM, side by side. *2 hours*
# 5. [Can you trust a map?](05_can_you_trust_a_map.ipynb): three tests that an explanation should
#    pass. *2½ hours*
# 6. [Right for the wrong reason](06_right_for_the_wrong_reason.ipynb): a classifier that cheats, a
#    map that lies, and what maps do to people. *2½ hours*
#
# Take them in this order; one that is not in your folder yet is handed out later. You need to know
# what a convolutional network is and to have trained one; some NumPy; and what a gradient is. The
# network comes trained, and no graphics card is needed: each notebook runs from top to bottom in
# about a minute on a laptop.
#
# This one takes ten minutes. At its end you know that everything works on your machine, and how
# your answers are checked.

# %% [markdown]
# ## How to run a notebook
#
# A notebook is made of **cells**. Click into one and press <kbd>Shift</kbd> + <kbd>Enter</kbd>: it
# runs, and the next one is selected. Code runs in a process of its own, the **kernel**, which
# remembers what ran before. So order matters: run the cells from the top. If you are lost, choose
# *Restart Kernel and Run All Cells…* from the menu *Kernel*.
#
# * **On your own machine**: `make lab` in the folder of the course sets everything up and opens
#   this notebook in JupyterLab; the README says what to do on Windows or with conda. In VS Code,
#   choose the Python in the folder `.venv` as the kernel.
# * **In Colab**: run the cell below the title of each notebook first; it installs the course. What
#   you do is kept if you save a copy in your Drive.
# * **On Binder**: everything is installed already. What you do is lost when you leave: download the
#   notebook (menu *File*, *Download*) before.

# %% [markdown]
# ## Does everything work here?
#
# The next cell looks. Every line should begin with ✓, and the last one say *All is well*; a line
# with ✗ says what is wrong and what to do. The first run takes several seconds, because TensorFlow
# is large.
#
# If instead it says `No module named 'cs231n_vis'`, the notebook runs on a Python that the course
# was not installed in: choose another kernel, or install it as above.

# %%
import numpy as np

from cs231n_vis import check, check_installation

all_is_well = check_installation()
# %% [markdown]
# ## How your answers are checked
#
# In the assignments most cells run as they are. Those with a **TODO** are yours: each defines one
# function, and its docstring says exactly what goes in and what comes out. The cell after it is a
# **check cell**, which calls your function and looks at the numbers that it returns, never at how
# you wrote it. Here is what one says to an answer that is not right: maps that show where the image
# itself is far from grey, without asking the network anything.


# %%
def compute_saliency_maps(X, y, model):
    return np.abs(X).max(axis=3)


try:
    check.saliency_maps(compute_saliency_maps)
except check.NotYetRight as told:
    print("NotYetRight:", told)

# %% [markdown]
# Read such a message from its beginning. The lines with ✓ say what is right already. The first
# sentence after *not right yet* says what is wrong. If your numbers are those of a mistake that
# many have made before you, a hint follows. The pictures are your maps, the expected ones and the
# difference, all three of a column in the same colours. Here yours are pale yellow nearly
# everywhere: their values are far above the expected ones.
#
# * **Small differences do not count.** Another processor rounds otherwise; a check allows for that.
# * **You can try as often as you like.** A check cell keeps no record.
# * **What is graded** is your functions, called once more, in a fresh copy of the notebook and
#   *with other inputs too*: other images, other classes, other sizes. A function that does what its
#   docstring says has nothing to fear. One that only fits the inputs of the check cell fails.
# * **What is not looked at**: what you print, other cells that you change, the check cells
#   themselves. Cells that you add are run, so helper functions are fine.
# * **Before you hand in**, restart the kernel and run all cells once. What works only in the order
#   in which you happened to run things will not work elsewhere.
#
# Most of the questions in words carry no points; those that do say so and are marked by a person.
# Answer them all: they are what an examiner would ask. Where it says **Guess first**, do, and write
# your guess down before you run on. Findings are folded away: a click on the triangle opens one.

# %% [markdown]
# ## If you get stuck
#
# * *What was that word again?* The [glossary](../docs/glossary.md) has the terms of the course, a
#   sentence or two for each.
# * *The gradient is `None`.* The tape did not see what you differentiate by: `tape.watch` it inside
#   the `with`, before it is used, and make a tensor of it first.
# * *Shapes do not fit.* Print them: `print(X.shape)`. Images are (N, H, W, 3): number, height,
#   width, colours. Scores are (N, 1000).
# * *It is slow.* Check that no other notebook is running: the tab *Running Terminals and Kernels*,
#   at the left in JupyterLab, lists them.
#
# Now open [01_saliency_maps.ipynb](01_saliency_maps.ipynb).
