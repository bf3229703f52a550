# A bracket is missing, so the cell does not even compile.
# misconception: none
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X
    return X
