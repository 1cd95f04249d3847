"""The ingest loop over good, bad, crashing and hanging files: each ends in a document or one sentence."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from octavo.ingest import Chunk, Document, Page, ReadError, ReadOptions, read_document
from octavo.ingest.chunking.chunker import chunk
from octavo.ingest.engines import pool
from octavo.ingest.readers import content_id
from octavo.ingest.reading import Failure, Progress, Result, Skipped, read
from octavo.ingest.workers import tasks
from octavo.rag import Pipeline
from tests.conftest import REPORT, make_pdf
from tests.ingest import faults
from tests.ingest.pages import drawn


def save(webp: bytes) -> str:
    assert webp[8:12] == b"WEBP"
    return hashlib.sha256(webp).hexdigest()


def results(*paths: Path, **options: object) -> dict[str, Result]:
    found = read(paths, ReadOptions.model_validate({"workers": 2} | options), save_image=save)
    return {Path(result.path).name: result for result in found}


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return make_pdf(tmp_path / "report.pdf")


def test_bad_files_do_not_cost_the_good_ones(report: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "gone.pdf").symlink_to(tmp_path / "nowhere.pdf")
    note = tmp_path / "note.txt"
    note.write_text("A note.")
    found = results(tmp_path / "cut.pdf", tmp_path / "gone.pdf", report, note)
    cut, gone, document = found["cut.pdf"], found["gone.pdf"], found["report.pdf"]
    assert isinstance(cut, Failure)
    assert cut.reason.startswith("cut.pdf is no readable PDF")
    assert isinstance(gone, Failure)
    assert gone.reason == "gone.pdf cannot be read: No such file or directory."
    assert isinstance(document, Document)
    assert [page.title for page in document.pages] == [heading for heading, _ in REPORT]
    assert isinstance(found["note.txt"], Document)


def test_the_same_content_is_read_once_and_skipped_when_asked(report: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin.pdf"
    twin.write_bytes(report.read_bytes())
    seen: set[str] = set()

    def skip(path: Path, content: str) -> str | None:
        return f"{path.name} is there" if content in seen else None

    found: list[Result] = []
    for result in read([report, twin], ReadOptions(workers=2), skip=skip, save_image=save):
        found.append(result)
        seen.add(result.id if isinstance(result, Document | Skipped) else "")
    assert isinstance(found[0], Document)
    assert found[1] == Skipped(twin, content_id(report), "twin.pdf is there")


def test_progress_counts_every_page(report: Path) -> None:
    steps: list[Progress] = []
    (document,) = read([report], ReadOptions(workers=1), save_image=save, progress=steps.append)
    assert isinstance(document, Document)
    assert list(dict.fromkeys((s.stage, s.page, s.pages) for s in steps)) == [
        ("opening", 0, 0), ("reading", 1, 3), ("reading", 2, 3), ("reading", 3, 3), ("done", 3, 3),
    ]  # fmt: skip


@pytest.mark.usefixtures("own_workers")
def test_whoever_is_told_can_stop_the_reading_of_a_page_that_never_ends(
    report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "read", faults.hang_from_page_2)
    monkeypatch.setattr(pool, "BEAT", 0.01)
    steps: list[Progress] = []

    def progress(step: Progress) -> None:
        steps.append(step)
        if steps.count(step) == 3 and step.stage == "reading":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(read([report], ReadOptions(workers=1), save_image=save, progress=progress))
    assert steps[-3:] == [Progress(report, "reading", 1, 3)] * 3


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts another function in the place of the one that reads a page."""
    return lambda fault: monkeypatch.setattr(tasks, "read", fault)


def test_a_page_whose_pictures_crash_the_reader_keeps_its_text(report: Path, reading: Callable[..., None]) -> None:
    reading(faults.crash_on_page_2)
    document = results(report)["report.pdf"]
    assert isinstance(document, Document)
    assert [page.title for page in document.pages] == [heading for heading, _ in REPORT]
    [problem] = document.problems
    assert problem.startswith("page 2: the words in its pictures were not read (they crashed the reader")


def test_a_page_that_crashes_the_reader_costs_itself_only(
    report: Path, reading: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading(faults.crash_on_page_2)
    monkeypatch.setattr(tasks, "without_pictures", faults.crash_without_pictures)
    document = results(report)["report.pdf"]
    assert isinstance(document, Document)
    assert [bool(page.elements) for page in document.pages] == [True, False, True]
    assert document.problems == (document.pages[1].problem,)
    assert "page 2 cannot be read: it crashed the reader" in document.problems[0]


def test_a_file_that_keeps_hanging_is_given_up(tmp_path: Path, reading: Callable[..., None]) -> None:
    path = make_pdf(tmp_path / "long.pdf", tuple((f"Part {n}", "Words.") for n in range(12)))
    reading(faults.hang_from_page_2)
    document = results(path, page_timeout=1, workers=1)["long.pdf"]
    assert isinstance(document, Document)
    assert document.pages[0].text == "Part 0"
    assert len(document.problems) == 11
    assert any("took longer than 1 s" in problem for problem in document.problems)
    assert any("other pages of this file took too long" in problem for problem in document.problems)


def test_a_file_of_which_no_page_can_be_read_is_a_failure(
    tmp_path: Path, reading: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_pdf(tmp_path / "report.pdf", (("Part 1", "Words."),))
    reading(faults.crash_on_every_page)
    monkeypatch.setattr(tasks, "without_pictures", faults.crash_without_pictures)
    failure = results(path)["report.pdf"]
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("report.pdf cannot be read: page 1 cannot be read: ")


@pytest.mark.usefixtures("own_workers")
def test_stopping_early_leaves_no_process_behind(report: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    running = read([report], ReadOptions(workers=2), save_image=save)
    next(running)
    assert started
    running.close()  # type: ignore[attr-defined]
    assert all(process.returncode is not None for process in started)


def test_pages_are_called_by_the_numbers_printed_under_their_text_which_is_left_out(tmp_path: Path) -> None:
    sentence = "The observatory employed more people than before."

    def draw(number: str) -> Callable[[pymupdf.Page], object]:
        def page(sheet: pymupdf.Page) -> None:
            sheet.insert_textbox((60, 60, 535, 160), f"{sentence} " * 4)
            sheet.insert_text((295, 320), number)

        return page

    file = drawn(tmp_path / "filing.pdf", *(draw(number) for number in ("ii", "iii", "iv", "1", "2", "3")))
    document = results(file)["filing.pdf"]
    assert isinstance(document, Document)
    assert [page.label for page in document.pages] == ["ii", "iii", "iv", "1", "2", "3"]
    said = " ".join(chunk.text for chunk in document.chunks)
    assert set(said.split()) == set(sentence.split())


def test_irregular_files_are_refused_and_large_ones_before_hashing(
    report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[Path] = []
    monkeypatch.setattr(pool, "content_id", lambda path: hashed.append(path) or content_id(path))
    os.mkfifo(tmp_path / "pipe.pdf")
    with (tmp_path / "large.txt").open("wb") as large:
        large.truncate(10_000_000_000)
    (tmp_path / "device.txt").symlink_to("/dev/zero")
    (tmp_path / "loop.md").symlink_to(tmp_path / "loop.md")
    (tmp_path / "folder.txt").mkdir()
    bad = [tmp_path / name for name in ("pipe.pdf", "large.txt", "device.txt", "loop.md", "folder.txt")]
    with socket.socket(socket.AF_UNIX) as server:
        with contextlib.chdir(tmp_path):  # the path of a socket has to be short
            server.bind("socket.txt")
        found = results(*bad, tmp_path / "socket.txt", report)
    reasons = {name: result.reason for name, result in found.items() if isinstance(result, Failure)}
    assert reasons.pop("large.txt").startswith("large.txt has 10,000,000,000 bytes, over the limit")
    assert reasons == {
        "pipe.pdf": "pipe.pdf is a named pipe: only regular files are read.",
        "socket.txt": "socket.txt is a socket: only regular files are read.",
        "device.txt": "device.txt is a device: only regular files are read.",
        "folder.txt": "folder.txt is a folder: only regular files are read.",
        "loop.md": "loop.md cannot be read: Too many levels of symbolic links.",
    }
    assert isinstance(found["report.pdf"], Document)
    assert set(hashed) == {report}


@pytest.mark.parametrize("change", [lambda path: path.unlink(missing_ok=True), lambda path: os.truncate(path, 900)])
def test_a_file_that_changes_while_it_is_read_is_a_failure(report: Path, change: Callable[[Path], None]) -> None:
    def progress(step: Progress) -> None:
        if step.stage == "reading" and step.page == 1:
            change(report)

    [failure] = read([report], ReadOptions(workers=1), save_image=save, progress=progress)
    assert isinstance(failure, Failure)
    assert failure.reason in (
        "report.pdf changed while it was read: ingest it again.",
        "report.pdf cannot be read: No such file or directory.",
    )


def test_whatever_goes_wrong_with_a_file_is_its_failure(
    report: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("A note.")

    def chunked(pages: list[Page], words: int) -> tuple[Chunk, ...]:
        if len(pages) > 1:
            raise KeyError("nobody thought of this")
        return chunk(pages, words)

    monkeypatch.setattr(pool, "chunk", chunked)
    found = results(report, note)
    assert isinstance(found["note.txt"], Document)
    failure = found["report.pdf"]
    assert isinstance(failure, Failure)
    assert failure.reason == "report.pdf cannot be read: 'nobody thought of this'."
    assert "in chunked" in caplog.text


def test_a_file_is_read_without_a_library(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "report.pdf")
    one = read_document(path, ReadOptions(workers=1))
    other = pickle.loads(pickle.dumps(read_document(path.read_bytes(), name="report.pdf")))
    assert replace(one.document, path="report.pdf") == other.document
    assert one.images == other.images
    assert set(one.images) == {page.image for page in one.document.pages}
    with Pipeline(tmp_path / "library") as pipeline:
        [done] = pipeline.ingest(path)
        chunks = pipeline.library.document(done.document).chunks
        assert [c.text for c in chunks] == [c.text for c in one.document.chunks]
        assert {i: pipeline.library.image(i) for i in one.images} == one.images


@pytest.mark.parametrize(
    ("file", "name", "reason"),
    [
        (b"%PDF-1.7", "broken.pdf", r"^broken\.pdf is no readable PDF"),
        (b"text", "", r"need a file name"),
        (b"text", "../a.txt", r"need a file name"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(file: bytes, name: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read_document(file, name=name)
