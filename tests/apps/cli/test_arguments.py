"""Options of the command line as the settings that they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from octavo.apps.cli.arguments import reading_of, settings_of
from octavo.ingest import Profile


def test_a_profile_is_set_beside_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_READING__DPI", "100")
    monkeypatch.setenv("OCTAVO_READING__PROFILE", "thorough")
    named, unnamed = (settings_of(Path("library"), reading=reading_of(profile)).reading for profile in ("fast", ""))
    assert (named.profile, named.dpi) == (Profile.FAST, 100)
    assert (unnamed.profile, unnamed.dpi) == (Profile.THOROUGH, 100)


def test_a_profile_that_is_none_is_said() -> None:
    with pytest.raises(typer.BadParameter, match=r"--profile is fast, balanced, thorough; not quick\."):
        reading_of("quick")
