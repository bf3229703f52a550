"""The interface of keras-vis 0.5 on today's Keras: ``from vis...`` becomes
``from cs231n_vis.keras_vis...``.

Same modules, names, arguments, defaults and results as the library by Raghavendra Kotikalapudi
(2017-2020), which stopped at Keras 2; written anew. What differs, and why, is in a table in
``docs/keras_vis.md``.

How it holds together: a loss is an expression over symbolic tensors of a Keras model. The
:class:`~cs231n_vis.keras_vis.optimizer.Optimizer` traces it once into a TensorFlow graph
(:mod:`~cs231n_vis.keras_vis.backend.graph`), differentiates it there, and steps down the gradient;
the functions of :mod:`~cs231n_vis.keras_vis.visualization` are short programs over that.
"""

from .backend import keras_additions

keras_additions.install()
