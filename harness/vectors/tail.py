"""What stands behind the pooling of a saved model: Dense, LayerNorm, Normalize; weights from safetensors alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.vectors.modules import Module

if TYPE_CHECKING:
    import torch

Layer = Callable[["torch.Tensor"], "torch.Tensor"]  # (n, d) to (n, d')
ACTIVATIONS = ("Tanh", "Identity", "ReLU", "GELU", "SiLU", "Sigmoid")


def layer(folder: Path, module: Module, device: str) -> Layer:
    """Return one module behind the pooling as a function; raise InputError for settings or weights that are not as they should be."""
    import torch

    if module.kind == "Dropout":
        return lambda rows: rows  # nothing is dropped where nothing is trained
    if module.kind == "Normalize":
        return lambda rows: torch.nn.functional.normalize(rows, p=2, dim=1)
    if module.kind == "LayerNorm":
        scale, shift = _weights(folder, module, ("norm.weight", "norm.bias"), device)
        return lambda rows: torch.nn.functional.layer_norm(rows, scale.shape, scale, shift)
    return _dense(folder, module, device)


def _dense(folder: Path, module: Module, device: str) -> Layer:
    import torch

    for key, known in (("use_residual", False), ("module_input_name", "sentence_embedding"), ("module_output_name", "sentence_embedding")):
        module.value(key, (known,), folder)
    written = str(module.settings.get("activation_function", "torch.nn.modules.activation.Tanh"))
    name = written.rsplit(".", 1)[-1]
    if not written.startswith("torch.nn.modules.") or name not in ACTIVATIONS:
        where = folder / module.path / "config.json"
        raise InputError(f"{where}: activation_function: '{written[:60]}' is not supported; known: {', '.join(ACTIVATIONS)}")
    activation: Layer = getattr(torch.nn, name)()
    with_bias = bool(module.value("bias", (True, False), folder))
    names = ("linear.weight", "linear.bias") if with_bias else ("linear.weight",)
    weight, *bias = _weights(folder, module, names, device)
    expected = [module.settings.get(key) for key in ("out_features", "in_features")]
    if expected != list(weight.shape):
        raise InputError(f"{folder / module.path}: config.json says {expected} out and in, linear.weight is {list(weight.shape)}")
    return lambda rows: activation(torch.nn.functional.linear(rows, weight, bias[0] if bias else None))


def _weights(folder: Path, module: Module, names: tuple[str, ...], device: str) -> list[torch.Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder / module.path / "model.safetensors"
    if not path.is_file():
        raise InputError(f"{path}: the weights of {module.path} are missing; weights in other formats are not opened")
    try:
        found = load_file(path)
    except SafetensorError as error:
        raise InputError(f"{path}: damaged ({error})") from None
    if found.keys() != set(names):
        raise InputError(f"{path}: holds {', '.join(sorted(found))}, needed: {', '.join(names)}")
    return [found[name].float().to(device) for name in names]
