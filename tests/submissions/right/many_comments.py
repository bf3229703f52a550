# Long comments, non-ASCII identifiers, and a docstring in two languages.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    """
    Berechnet die Wichtigkeitskarten — 计算显著图 — für Bilder X und Klassen y. 🦅
    """
    ###########################################################################
    # ∂S_c/∂I: how much does the score of class c change if I change a pixel? #
    # First I tried softmax, but ∂p/∂I → 0 when p → 1. ¯\_(ツ)_/¯             #
    ###########################################################################
    Bildstapel = tf.convert_to_tensor(X)
    with tf.GradientTape() as Band:
        Band.watch(Bildstapel)
        # tape.gradient(scores, X)  <- all classes, wrong!
        größe = tf.gather(model(Bildstapel), y, axis=1, batch_dims=1)
    Δ = Band.gradient(größe, Bildstapel)
    # %timeit was 0.4 s
    карта = tf.reduce_max(tf.abs(Δ), axis=3)
    return карта.numpy()
