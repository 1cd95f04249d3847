"""A GGUF model in this process, through xllamacpp: llama.cpp behind the same protocol as any other endpoint."""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any

from octavo.ingest import MissingToolError
from octavo.rag.answering.base import AnswerError
from octavo.rag.settings import Settings

_CONTEXT = 8_192
_loading = threading.Lock()


def with_local(settings: Settings) -> Settings:
    """Returns settings whose endpoint is the GGUF model that they name; it is loaded at first use, once a process.

    `llm_gguf` is a file, or a hub's repository such as `Qwen/Qwen3-VL-2B-Instruct-GGUF`; `llm_mmproj` the file of the
    projector that makes it see (without one it is given no pictures). Raises `AnswerError` where it cannot be loaded.
    """
    with _loading:
        server = _server(settings.llm_gguf, settings.llm_mmproj, settings.llm_context or _CONTEXT)
    images = settings.llm_images if settings.llm_mmproj or not Path(settings.llm_gguf).is_file() else 0
    updates = {"llm_url": f"{server.listening_address}/v1", "llm_model": "", "llm_key": "", "llm_images": images}
    return settings.model_copy(update=updates)


@cache
def _server(gguf: str, mmproj: str, context: int) -> Any:
    try:
        import xllamacpp
    except ImportError as error:
        raise MissingToolError(
            'A GGUF model in this process needs xllamacpp: run `pip install "octavo[local]"`.'
        ) from error
    parameters = xllamacpp.CommonParams()
    _name(parameters.model, gguf, "OCTAVO_LLM_GGUF")
    if mmproj:
        _name(parameters.mmproj, mmproj, "OCTAVO_LLM_MMPROJ")
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity = context, 1, -1
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    try:
        return xllamacpp.Server(parameters)
    except RuntimeError as error:
        raise AnswerError(f"{gguf} cannot be loaded ({error}): check OCTAVO_LLM_GGUF.") from error


def _name(model: Any, name: str, setting: str) -> None:
    if Path(name).is_file():
        model.path = name
    elif name.count("/") == 1 and not name.endswith(".gguf"):
        model.hf_repo = name
    else:
        raise AnswerError(f"There is no file {name}: {setting} is a .gguf file, or a repository of the hub.")
