"""The small networks that come with the package, run by onnxruntime, and their tokenizer."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

_loading = threading.Lock()


def load_session(model: Path) -> Any:
    """Returns the network of a file, which the first of several threads loads."""
    with _loading:
        return _load(model)


@cache
def _load(model: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # a second thread takes 1.4 times the processor's time, for runs of 2 to 10 ms that end no sooner
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # further levels take twice as long to load and run no faster
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@cache
def load_tokenizer(file: Path) -> Any:
    """Returns the tokenizer of a file, which neither pads nor truncates."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
