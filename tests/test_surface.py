"""The public surface of each package is what it says it is."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "package",
    [
        "octavo.apps.chat",
        "octavo.ingest",
        "octavo.ingest.readers",
        "octavo.rag",
        "octavo.rag.answering",
        "octavo.rag.embedding",
        "octavo.rag.index",
        "octavo.rag.relevancy",
    ],
)
def test_all_is_sorted_and_true(package: str) -> None:
    module = importlib.import_module(package)
    assert list(module.__all__) == sorted(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("octavo.ingest", {"pymupdf", "rapidocr", "pptx", "llama_index"}),
        ("octavo.apps.cli.main", {"pymupdf", "llama_index", "chromadb", "numpy", "pydantic"}),
        (
            "octavo.rag.pipeline",
            {
                "asyncio",
                "filelock",
                "httpx",
                "onnxruntime",
                "tokenizers",
                "wordllama",
                "requests",
                "llama_index",
                "pydantic_settings",
                "octavo.rag.answering.quote",
            },
        ),
        ("octavo.ingest.reading", {"pymupdf", "cv2", "onnxruntime", "numpy"}),
        ("octavo.ingest.store.library", {"asyncio", "filelock", "httpx", "numpy", "PIL", "pymupdf"}),
        ("octavo.apps.chat", {"gradio", "fastapi", "llama_index", "numpy"}),
    ],
)
def test_optional_modules_are_not_loaded(module: str, heavy: set[str]) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not heavy & set(loaded)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        importlib.import_module("octavo.rag").nonsense  # noqa: B018
