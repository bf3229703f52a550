# The answer cell is a text cell in which the right code stands, with nothing to run.
# attacks: notebook
# %% replace="compute_saliency_maps"
"""The code is obvious and left to the reader: 10 points."""
