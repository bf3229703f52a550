# Tabs and spaces mixed up.
# misconception: none
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = tf.convert_to_tensor(X)
      return X
