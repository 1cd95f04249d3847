"""The site: its pages are gathered, its reference is written from the code, and its links lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.site import examples, links, llms, pages, reference
from octavo import Settings


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's pages before Zensical makes HTML of them, without those that need jupytext."""
    folder = tmp_path_factory.mktemp("site")
    pages.gather(folder)
    reference.write(folder / "reference")
    return folder


def test_the_navigation_has_every_page_once(source: Path) -> None:
    shown = [file for _, _, file in pages.navigation()]
    assert len(set(shown)) == len(shown)
    scripts = {f"examples/{name}.md" for name in examples.NAMES}
    assert {path.relative_to(source).as_posix() for path in source.rglob("*.md")} == set(shown) - scripts


def test_links_between_pages_lead_to_pages(source: Path) -> None:
    scripts = {source / "examples" / f"{name}.md" for name in examples.NAMES}
    for page in source.rglob("*.md"):
        for link in pages.LINK.finditer(page.read_text(encoding="utf-8")):
            target = (page.parent / link[1]).resolve()
            assert target.is_file() or target in scripts, f"{page.relative_to(source)}: {link[1]}"


def test_the_reference_has_every_setting_command_operation_and_code(source: Path) -> None:
    settings = (source / "reference" / "settings.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"`{name}`" in settings or f"## {name}" in settings, name
    assert (
        "`OCTAVO_READING__DPI` | `144` | screenshot resolution, pixels per inch; at least 36, at most 600" in settings
    )
    assert "`OCTAVO_SERVICE_PORT` | `8080`" in settings
    assert "## `octavo ingest`" in (source / "reference" / "commands.md").read_text(encoding="utf-8")
    http = (source / "reference" / "http.md").read_text(encoding="utf-8")
    assert "`POST /api/collections/{collection}/ask`" in http
    assert '"question": ' in http
    errors = (source / "reference" / "errors.md").read_text(encoding="utf-8")
    assert "| `password` | 422 | `octavo.ingest.errors.PasswordError` |" in errors
    assert "::: octavo.rag.pipeline.Pipeline" in (source / "reference" / "python.md").read_text(encoding="utf-8")


def test_settings_are_described() -> None:
    for line in reference.settings.page().splitlines():
        if line.startswith("| `"):
            assert line.split(" | ")[2].strip(" |"), line


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<h1 id="top">A</h1><a href="b.html">b</a><a href="a.html#top">t</a><a href="#none">n</a>'
        '<script src="https://cdn.example.com/x.js"></script><a href="https://example.com">out</a>'
    )
    assert links.check(tmp_path) == [
        "a.html loads https://cdn.example.com/x.js from another host",
        "a.html links to b.html, which is not there",
        "a.html links to #none, which has no such place",
    ]


def test_llms_txt_names_the_pages_with_their_first_sentences(source: Path, tmp_path: Path) -> None:
    for name in examples.NAMES:
        page = source / "examples" / f"{name}.md"
        page.parent.mkdir(exist_ok=True)
        page.write_text(f"# {name}\n\nAn example.\n")
    llms.write(source, tmp_path)
    text = (tmp_path / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith("# Octavo\n\n> Octavo answers questions from PDFs")
    assert "- [What the score means](concepts/score.md): The relevancy score is the estimated probability" in text
    assert (tmp_path / "concepts" / "score.md").is_file()
