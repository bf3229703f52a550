# CS231n's own graph-mode code, in a session that is closed again.
# %% answer="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    from cs231n_vis.tf1 import SqueezeNet, get_session

    sess = get_session()
    try:
        net = SqueezeNet(sess=sess)
        pairs = tf.stack((tf.range(X.shape[0]), net.labels), axis=1)
        correct_scores = tf.gather_nd(net.classifier, pairs)
        dx = tf.reduce_sum(tf.gradients(correct_scores, net.image), axis=0)
        saliency = sess.run(dx, feed_dict={net.image: X, net.labels: y})
    finally:
        sess.close()
    return np.max(np.abs(saliency), axis=3)
