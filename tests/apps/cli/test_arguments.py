"""Options of the command line as the settings that they stand for."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from octavo.apps.cli.arguments import reading_of, region_of, settings_of
from octavo.ingest import Box, LibraryError, Profile
from octavo.rag import PageRegion, Pipeline


def test_a_profile_is_set_beside_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTAVO_READING__DPI", "100")
    monkeypatch.setenv("OCTAVO_READING__PROFILE", "thorough")
    named, unnamed = (settings_of(Path("library"), reading=reading_of(profile)).reading for profile in ("fast", ""))
    assert (named.profile, named.dpi) == (Profile.FAST, 100)
    assert (unnamed.profile, unnamed.dpi) == (Profile.THOROUGH, 100)


def test_a_profile_that_is_none_is_said() -> None:
    with pytest.raises(typer.BadParameter, match=r"--profile is fast, balanced, thorough; not quick\."):
        reading_of("quick")


@pytest.mark.parametrize(
    ("place", "page", "box"),
    [
        ("report.pdf:3:70,90", 2, Box(70, 90, 70, 90)),
        ("report.pdf:1:300,200,60.5,80", 0, Box(60.5, 80, 300, 200)),
        ("report.pdf:2:0%,50%,100%,100%", 1, Box(0, 421, 595, 842)),
    ],
)
def test_a_place_is_part_of_a_page(pipeline: Pipeline, place: str, page: int, box: Box) -> None:
    assert region_of(pipeline, place) == PageRegion("report.pdf", page, box)


@pytest.mark.parametrize("place", ["report.pdf", "report.pdf:1", "report.pdf:0:1,2", "report.pdf:1:1,2,3", ":1:1,2"])
def test_a_place_that_is_none_is_said(pipeline: Pipeline, place: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"--at is DOCUMENT:PAGE:X,Y"):
        region_of(pipeline, place)


def test_a_place_on_no_page_is_said(pipeline: Pipeline) -> None:
    with pytest.raises(LibraryError, match=r"^There is no page 9 of report\.pdf, which has 3 pages\.$"):
        region_of(pipeline, "report.pdf:9:1,2")
