"""The small networks that come with the package, run by onnxruntime, and their tokenizer."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

_loading = threading.Lock()


def load_session(model: Path, threads: int) -> Any:
    """Returns the network of a file, which the first of several threads loads; `threads` bounds the cores of a run."""
    with _loading:
        return _load(model, threads)


@cache
def _load(model: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # further levels take twice as long to load and run no faster
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@cache
def load_tokenizer(file: Path, max_tokens: int = 0, overlap: int = 0) -> Any:
    """Returns the tokenizer of a file.

    With `max_tokens`, a text has no more of them. With an `overlap`, it is the second of a pair that is cut into
    windows that overlap by so many tokens.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if overlap:
        tokenizer.enable_truncation(max_tokens, stride=overlap, strategy="only_second")
    elif max_tokens:
        tokenizer.enable_truncation(max_tokens)
    return tokenizer
