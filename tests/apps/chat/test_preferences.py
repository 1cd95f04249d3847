"""Settings of the chat: the library's first, checked, in the place of the program's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from octavo.apps.chat.embedder import chosen_options
from octavo.apps.chat.options import ChatOptions
from octavo.apps.chat.preferences import load, save
from octavo.apps.chat.service import ChatService
from octavo.apps.chat.store.history import History
from octavo.ingest import OctavoError
from octavo.rag import Level, Settings


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    opened = History(tmp_path)
    yield opened
    opened.close()


def test_settings_count_until_something_is_saved(history: History) -> None:
    settings = Settings(k=50, threshold=0.3, llm_url="")
    assert (load(history, settings).k, load(history, settings).threshold) == (20, 0.3)
    made = save(history, settings, k=2, threshold=0.6, level="page", llm_url="http://a.example/v1", llm_model="m")
    assert load(history, settings) == made
    applied = made.apply_to(settings)
    assert (applied.k, applied.llm_url, made.level) == (2, "http://a.example/v1", Level.PAGE)


def test_started_with_another_endpoint_it_takes_that_one(history: History) -> None:
    first, second = Settings(llm_url="http://a.example/v1"), Settings(llm_url="http://b.example/v1", llm_model="m")
    save(history, first, k=2, threshold=0.6, llm_url="http://chosen.example/v1")
    assert load(history, first).llm_url == load(history, Settings(llm_url="")).llm_url == "http://chosen.example/v1"
    assert (load(history, second).llm_url, load(history, second).llm_model) == ("http://b.example/v1", "m")
    assert load(history, second).k == 2


def test_a_key_goes_to_the_endpoint_that_it_was_set_with_only(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "library", llm_url="http://own.example/v1", llm_key="from-outside")

    def key(service: ChatService, **values: object) -> tuple[str, str]:
        service.prefer("", **{"k": 5, "threshold": 0.5} | values)
        applied = service.preferences.apply_to(settings)
        return applied.llm_url, applied.llm_key

    with ChatService(settings, ChatOptions()) as service:
        assert service.preferences.apply_to(settings).llm_key == "from-outside"
        assert key(service, llm_url="http://own.example/v1/") == ("http://own.example/v1/", "from-outside")
        assert key(service, llm_url="http://other.example/v1") == ("http://other.example/v1", "")
        assert key(service, llm_url="http://other.example/v1", llm_key="its own") == (
            "http://other.example/v1",
            "its own",
        )
        assert key(service, llm_url="http://other.example/v1", k=3) == ("http://other.example/v1", "its own")
        assert key(service, llm_url="http://third.example/v1") == ("http://third.example/v1", "")
        assert key(service, llm_url="http://own.example/v1") == ("http://own.example/v1", "from-outside")
    served = {"kind": "served", "url": "http://own.example/v1", "model": "m", "key": "outside"}
    embedding = Settings(embedding=served)
    assert chosen_options("served", "http://own.example/v1", "m", "", "", embedding).key == "outside"
    assert chosen_options("served", "http://other.example/v1", "m", "", "", embedding).key == ""
    assert chosen_options("served", "http://other.example/v1", "m", "", "own", embedding).key == "own"


@pytest.mark.parametrize("wrong", [{"k": 0}, {"threshold": 1.5}, {"llm_url": "ftp://a.example"}, {"level": "line"}])
def test_a_wrong_setting_is_named_and_nothing_is_saved(history: History, wrong: dict[str, object]) -> None:
    with pytest.raises(OctavoError, match=next(iter(wrong)).replace("llm_url", "is a URL")):
        save(history, Settings(llm_url=""), **({"k": 3, "threshold": 0.5} | wrong))
    assert history.get("preferences") is None


def test_an_endpoint_without_a_scheme_is_said_and_leaves_nothing_open(tmp_path: Path) -> None:
    with pytest.raises(OctavoError, match="The model endpoint is a URL such as"):
        ChatService(Settings(library=tmp_path, llm_url="localhost:8000/v1"), ChatOptions())
    assert not list(tmp_path.glob("*-wal"))  # SQLite deletes it with the last connection
