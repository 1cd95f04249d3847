"""Settings: from keywords, then the environment, within their bounds."""

from __future__ import annotations

import pytest

from octavo.ingest.errors import SettingsError
from octavo.rag import Settings


def test_keywords_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_K", "7")
    monkeypatch.setenv("OCTAVO_THRESHOLD", "0.5")
    monkeypatch.setenv("OCTAVO_READING__OCR", "always")
    settings = Settings.from_env(k=3)
    assert (settings.k, settings.threshold, settings.reading.ocr) == (3, 0.5, "always")


@pytest.mark.parametrize(
    "wrong", [{"k": 0}, {"threshold": 1.5}, {"candidates": 1}, {"reading": {"dpi": 7}}, {"kk": 1}, {"llm_timeout": 0}]
)
def test_out_of_range_and_unknown_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        Settings(**wrong)  # type: ignore[arg-type]


def test_the_key_is_not_shown() -> None:
    assert "secret" not in repr(Settings(llm_key="secret"))


def test_a_library_of_ones_own_reads_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_K", "banana")
    assert Settings().k == 5
    with pytest.raises(SettingsError, match=r"^k: Input should be a valid integer") as caught:
        Settings.from_env()
    assert (caught.value.code, caught.value.setting) == ("invalid-setting", "k")


def test_a_rule_about_questions_is_switched_off_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_QUERY__STATEMENTS", "false")
    assert Settings.from_env().query.off == ("statements",)
    monkeypatch.setenv("OCTAVO_QUERY__STATEMENT", "false")
    with pytest.raises(SettingsError, match="query"):
        Settings.from_env()


def test_options_of_a_model_without_its_kind_are_refused_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_EMBEDDING__INSTRUCTION", "Find the clause")
    with pytest.raises(SettingsError, match="embedding: its options depend on its kind: set the kind as well"):
        Settings.from_env()
