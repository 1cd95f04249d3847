"""A file whose reading is killed goes on with the page that was not read, and nothing of it is seen before its end."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from octavo.ingest import ReadOptions
from octavo.ingest.reading import Progress
from octavo.ingest.store import checkpoints
from octavo.rag import Pipeline, Settings
from tests.conftest import make_pdf

PAGES = tuple((f"Part {n}", f"The herons of pond {n} are counted in the week before the harvest.") for n in range(7))
READ = """
import sys, time
from pathlib import Path
from octavo.ingest import ReadOptions
from octavo.rag import Pipeline, Settings

def told(step):
    if step.stage == "reading" and step.page == 3:
        print(step.page, flush=True)
        time.sleep(600)

settings = Settings(library=Path(sys.argv[1]), reading=ReadOptions(workers=1))
Pipeline(settings).ingest(sys.argv[2], progress=told)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `herons.pdf` and a library whose writer was killed when it had read three of its seven pages."""
    folder = tmp_path_factory.mktemp("killed")
    make_pdf(folder / "herons.pdf", PAGES)
    command = [sys.executable, "-c", READ, str(folder / "library"), str(folder / "herons.pdf")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "3\n"
        reader.kill()
    return folder


@pytest.fixture
def stopped(killed: Path, tmp_path: Path) -> Settings:
    """The settings of a copy of that library, beside `herons.pdf`."""
    shutil.copytree(killed, tmp_path, dirs_exist_ok=True)
    return Settings(library=tmp_path / "library", reading=ReadOptions(workers=1))


def pages_told(steps: list[Progress]) -> list[int]:
    return list(dict.fromkeys(step.page for step in steps if step.stage == "reading"))


def test_reading_goes_on_where_it_was_killed(stopped: Settings, tmp_path: Path) -> None:
    steps: list[Progress] = []
    with Pipeline(stopped) as pipeline:
        assert pipeline.documents() == []
        assert pipeline.search("How many herons are there?") == []
        (tmp_path / "note.txt").write_text("Otters swim in the river.")
        pipeline.ingest(tmp_path / "note.txt")  # a writer in between leaves them alone
        [done] = pipeline.ingest(tmp_path / "herons.pdf", progress=steps.append)
        assert (done.status, done.pages) == ("added", 7)
        assert pages_told(steps) == [3, 4, 5, 6, 7]  # none of the first three is read again
        resumed = pipeline.library.document(done.document)
        assert pipeline.library.checkpoints.expire() == []
        used = {page.image for info in pipeline.documents() for page in pipeline.library.pages(info.id)}
        assert {path.stem for path in (stopped.library / "pages").glob("*/*")} == used
    with Pipeline(tmp_path / "whole") as pipeline:
        pipeline.ingest(tmp_path / "herons.pdf")
        assert pipeline.library.document(done.document) == resumed


def test_other_options_read_all_pages(stopped: Settings, tmp_path: Path) -> None:
    steps: list[Progress] = []
    other = stopped.model_copy(update={"reading": ReadOptions(workers=1, dpi=100)})
    with Pipeline(other) as pipeline:
        pipeline.ingest(tmp_path / "herons.pdf", progress=steps.append)
    assert pages_told(steps) == [1, 2, 3, 4, 5, 6, 7]


def test_a_page_whose_screenshot_is_gone_is_read_again(stopped: Settings, tmp_path: Path) -> None:
    next((stopped.library / "pages").glob("*/*.webp")).unlink()
    steps: list[Progress] = []
    with Pipeline(stopped) as pipeline:
        [done] = pipeline.ingest(tmp_path / "herons.pdf", progress=steps.append)
        assert pages_told(steps)[0] == 2
        for page in pipeline.library.pages(done.document):
            assert pipeline.library.image(page.image)


def test_pages_that_nobody_comes_back_for_are_deleted(
    stopped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "note.txt").write_text("Otters swim in the river.")
    with Pipeline(stopped) as pipeline:
        pipeline.ingest(tmp_path / "note.txt")
        assert len(list((stopped.library / "pages").glob("*/*.webp"))) == 4
        monkeypatch.setattr(checkpoints, "DAYS", -1)
        pipeline.ingest(tmp_path / "note.txt", force=True)
        assert len(list((stopped.library / "pages").glob("*/*.webp"))) == 1
        (count,) = pipeline.library.connection.execute("SELECT count(*) FROM checkpoints").fetchone()
        assert count == 0
