"""The examples of docs/keras_vis.md run, and its table names things that exist."""

import re
from pathlib import Path

import matplotlib

DOCUMENT = Path(__file__).parents[2] / "docs" / "keras_vis.md"


def test_the_examples_run_in_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("agg")
    blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.M | re.S)
    assert len(blocks) >= 7
    names: dict = {"__name__": "example"}
    for number, block in enumerate(blocks, 1):
        exec(compile(block, f"{DOCUMENT.name}, example {number}", "exec"), names)
    assert "bullmastiff" in capsys.readouterr().out.lower()
    assert names["picture"].shape == (224, 224, 3) and names["wish"].shape == (64, 64, 3)
    assert (tmp_path / "progress.gif").exists()


def test_the_modules_of_keras_vis_are_all_here():
    from cs231n_vis.keras_vis import (
        backend,
        backprop_modifiers,
        callbacks,
        grad_modifiers,
        input_modifiers,
        losses,
        optimizer,
        regularizers,
        visualization,
    )
    from cs231n_vis.keras_vis.utils import test_utils, utils
    from cs231n_vis.keras_vis.visualization import activation_maximization, saliency

    for module, names in {
        backend: "modify_model_backprop set_random_seed",
        backprop_modifiers: "guided rectified relu deconv get",
        callbacks: "OptimizerCallback Print GifGenerator",
        grad_modifiers: "negate absolute invert relu small_values get",
        input_modifiers: "InputModifier Jitter",
        losses: "Loss ActivationMaximization",
        optimizer: "Optimizer",
        regularizers: "normalize LPNorm TotalVariation",
        visualization: "overlay get_num_filters visualize_activation visualize_saliency "
        "visualize_cam visualize_activation_with_losses visualize_saliency_with_losses "
        "visualize_cam_with_losses",
        saliency: "visualize_saliency visualize_cam",
        activation_maximization: "visualize_activation visualize_activation_with_losses",
        test_utils: "skip_backends across_data_formats",
        utils: "set_random_seed reverse_enumerate listify add_defaults_to_kwargs get_identifier "
        "apply_modifications random_array find_layer_idx deprocess_input stitch_images "
        "get_img_shape load_img lookup_imagenet_labels draw_text bgr2rgb normalize slicer",
    }.items():
        assert not [name for name in names.split() if not hasattr(module, name)], module
