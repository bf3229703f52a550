# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# ### The explorer
#
# Choose an image or drop in a photo of yours, choose a class and a method, drag, and watch the map.

# %%
from cs231n_vis import explore

explore()  # or explore(my_function), called as my_function(X, y, model), for maps of your own
