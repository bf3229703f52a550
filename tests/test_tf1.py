"""CS231n's graph-mode code runs unchanged, and there is a way back to eager mode."""

import numpy as np
import pytest
import tensorflow as tf
from independent import relative_l2

from cs231n_vis import compute_saliency_maps
from cs231n_vis.tf1 import SqueezeNet, get_session


def cs231n(X, y, model, sess):
    # the heart of the original assignment, to the letter
    correct_scores = tf.gather_nd(model.classifier, tf.stack((tf.range(X.shape[0]), model.labels), axis=1))  # fmt: skip # noqa: E501
    dx = tf.reduce_sum(tf.gradients(correct_scores, model.image), axis=0)
    saliency = sess.run(dx, feed_dict={model.image: X, model.labels: y})
    saliency = np.max(np.abs(saliency), axis=3)
    return saliency


@pytest.fixture
def five(images):
    return images[0][:5], images[1][:5]


def test_the_original_code_agrees_with_the_eager_reference(five, model):
    sess = get_session()
    graph_model = SqueezeNet(sess=sess)
    maps = cs231n(*five, graph_model, sess)
    sess.close()
    assert relative_l2(maps, compute_saliency_maps(*five, model)).max() < 1e-5


def test_the_scores_bear_the_names_of_both_of_cs231ns_versions(five):
    with get_session() as sess:
        model = SqueezeNet(sess=sess)
        both = sess.run([model.classifier, model.scores], {model.image: five[0]})
    assert np.array_equal(*both) and both[0].shape == (5, 1000)


def test_closing_the_session_goes_back_to_eager_mode():
    sess = get_session()
    assert not tf.executing_eagerly()
    sess.close()
    assert tf.executing_eagerly()
    assert tf.constant(231).numpy() == 231
    sess.close()  # twice does no harm
    assert tf.executing_eagerly()


def test_a_with_statement_closes_even_after_an_error():
    with pytest.raises(ZeroDivisionError), get_session():
        assert not tf.executing_eagerly()
        1 / 0  # noqa: B018
    assert tf.executing_eagerly()


def test_running_the_cell_again_replaces_the_session(five):
    first = get_session()
    SqueezeNet(sess=first)
    second = get_session()
    model = SqueezeNet(sess=second)
    scores = second.run(model.classifier, {model.image: five[0]})
    second.close()
    assert scores.shape == (5, 1000) and tf.executing_eagerly()


def test_the_attributes_are_cs231ns(five, model):
    X, y = five
    with get_session() as sess:
        graph = SqueezeNet(sess=sess)
        names = [v.name for v in tf.compat.v1.global_variables()]
        features, layers, scores, loss = sess.run(
            [graph.features, graph.layers, graph.classifier, graph.loss],
            {graph.image: X, graph.labels: y},
        )
    assert names[0] == "features/layer0/weights:0" and names[-1] == "classifier/layer1/bias:0"
    assert "features/layer3/fire/e33/weights:0" in names and len(names) == 52
    assert features.shape == (5, 13, 13, 512) and len(layers) == 17
    np.testing.assert_allclose(scores, model(X).numpy(), rtol=1e-4, atol=1e-4)
    log_softmax = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(loss, -log_softmax[np.arange(5), y].mean(), rtol=1e-4)


def test_features_can_be_extracted_from_another_input(five):
    with get_session() as sess:
        graph = SqueezeNet(sess=sess)
        again = graph.extract_features(tf.constant(five[0][:1]))
        assert len(again) == 13 and len(tf.compat.v1.global_variables()) == 52
        assert np.array_equal(
            sess.run(again[-1]), sess.run(graph.features, {graph.image: five[0][:1]})
        )


def test_its_checkpoint_is_read_back_by_either_interface(five, tmp_path, model):
    path = str(tmp_path / "squeezenet.ckpt")
    with get_session() as sess:
        graph = SqueezeNet(sess=sess)
        tf.compat.v1.train.Saver().save(sess, path)
    with get_session() as sess:
        graph = SqueezeNet(save_path=path, sess=sess)
        scores = sess.run(graph.classifier, {graph.image: five[0]})
    np.testing.assert_allclose(scores, model(five[0]).numpy(), rtol=1e-4, atol=1e-4)


def test_without_a_session_it_says_what_to_call():
    with pytest.raises(RuntimeError, match=r"call `sess = get_session\(\)` first"):
        SqueezeNet()
