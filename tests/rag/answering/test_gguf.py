"""A GGUF model in this process: what is said where it cannot be loaded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from octavo.ingest import MissingToolError
from octavo.rag import Settings
from octavo.rag.answering import AnswerError, make_answerer
from tests.rag.model_server import MemoryPages

PAGES = MemoryPages([])


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingToolError, match=r'pip install "octavo\[local\]"'):
        make_answerer(Settings(llm_gguf=str(tmp_path / "a.gguf")), PAGES)


@pytest.mark.parametrize("name", ["/no/such/file.gguf", "file.gguf", "a/b/c"])
def test_a_file_that_is_not_there(name: str) -> None:
    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    with pytest.raises(AnswerError, match=r"OCTAVO_LLM_GGUF is a \.gguf file"):
        make_answerer(Settings(llm_gguf=name), PAGES)


def test_an_endpoint_goes_before_a_file() -> None:
    with pytest.raises(AnswerError, match="cannot be reached"):
        make_answerer(Settings(llm_gguf="file.gguf", llm_url="http://127.0.0.1:9/v1", llm_fallback=False), PAGES)
