"""Writes a network of torch for onnxruntime, with 8-bit weights."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn


def export_int8(
    network: nn.Module, inputs: tuple[str, ...], outputs: Mapping[str, Mapping[int, str]], out: Path
) -> None:
    """Writes a network whose `inputs` are integers of shape (texts, tokens); `outputs` have their variable axes."""
    network.eval()
    sample = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "texts", 1: "tokens"} for name in inputs} | {name: dict(of) for name, of in outputs.items()}
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "model.onnx"
        torch.onnx.export(
            network,
            (sample,) * len(inputs),
            str(full),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(
            full,
            out,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,  # processors without VNNI add up two products in 16 bits
        )
