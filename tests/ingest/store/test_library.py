"""A library on disk: documents and screenshots as they were written, one writer, many readers."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, strategies as st
from PIL import Image

from octavo.ingest import Box, Cell, Document, Kind, LibraryError, Table
from octavo.ingest.model import READING
from octavo.ingest.store.images import FolderImages, MemoryImages
from octavo.ingest.store.library import Library
from octavo.ingest.store.migrations import MIGRATIONS
from octavo.ingest.store.rows import ConstraintError
from tests.rag import made


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library(tmp_path / "library") as opened:
        yield opened


def put(library: Library, document: Document, *paths: str) -> None:
    with library.transaction():
        library.write(document)
        for path in paths or (document.path,):
            library.point(path, document.id)


def screenshot_file(library: Library, image: str) -> Path:
    return Path(unquote(urlsplit(library.image_url(image)).path))


def test_a_document_comes_back_as_it_was(library: Library) -> None:
    document = made.document(library, "report.pdf", "Revenue grew.", "Costs fell.")
    put(library, document)
    assert library.document(document.id) == document
    assert library.pages(document.id) == document.pages
    assert library.page(document.id, 1) == document.pages[1]
    assert library.has(document.id)
    (info,) = library.documents()
    assert info == library.info(document.id)
    assert (info.name, info.pages, info.paths) == ("report.pdf", 2, (document.path,))
    assert info.problems == document.problems


def test_documents_are_listed_in_parts(library: Library) -> None:
    for name in ("b.pdf", "a.pdf", "c.pdf"):
        put(library, made.document(library, name, "dome"), f"/{name}")
    with library.transaction():
        library.set_metadata(library.find("a.pdf").id, {"year": 2018})
    every = library.documents()
    assert [(info.name, info.paths, info.metadata) for info in every] == [
        ("a.pdf", ("/a.pdf",), {"year": 2018}),
        ("b.pdf", ("/b.pdf",), {}),
        ("c.pdf", ("/c.pdf",), {}),
    ]
    assert [library.documents(2), library.documents(2, 2), library.documents(offset=1)] == [
        every[:2],
        every[2:],
        every[1:],
    ]


def test_paths_inside_the_library_move_with_it(tmp_path: Path) -> None:
    inside = tmp_path / "old" / "uploads" / "report.pdf"
    with Library(tmp_path / "old") as library:
        document = made.document(library, "report.pdf", "Revenue grew.")
        put(library, document, "/elsewhere/report.pdf", "x.pdf")
        library.connection.execute("INSERT INTO paths VALUES (?, ?)", (str(inside), document.id))  # as before
        with library.transaction():
            library.point(inside, document.id)
        assert set(library.info(document.id).paths) == {str(inside), "/elsewhere/report.pdf", "x.pdf"}
    (tmp_path / "old").rename(tmp_path / "new")
    with Library(tmp_path / "new") as library:
        (info,) = library.documents()
        assert set(info.paths) == {str(tmp_path / "new/uploads/report.pdf"), "/elsewhere/report.pdf", "x.pdf"}
        assert library.find(str(tmp_path / "new/uploads/report.pdf")) == info


def test_a_table_comes_back_with_its_cells(library: Library) -> None:
    cells = (Cell(0, 0, "2022", Box(1, 2, 30, 4.5), column_span=2), Cell(1, 0, "a"), Cell(1, 1, "b"))
    table = Table(cells, header_rows=1, continues=True, carried=(("x", "y"), ("z",)))
    document = made.document(library, "report.pdf", "Revenue grew.")
    page = replace(document.pages[0], elements=(table.element(Box(0, 0, 50, 9)),))
    document = replace(document, pages=(page,))
    put(library, document)
    assert library.document(document.id) == document


def test_a_library_without_cells_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("migrations", "library"):
        monkeypatch.setattr(f"octavo.ingest.store.{module}.MIGRATIONS", MIGRATIONS[:1])
    with Library(tmp_path / "library") as library:
        library.connection.execute("INSERT INTO documents VALUES ('d', 'n', 't', 'm', 'p', 1, '[]', '[]', '')")
        library.connection.execute(
            "INSERT INTO pages VALUES ('d', 0, 9, 9, '', 0, 0, '', '', 'none', '', 0, '')",
        )
        library.connection.execute(
            "INSERT INTO elements VALUES ('d', 0, 0, 'table', 0, 0, 9, 9, 'a | b', '[]', '| a | b |', NULL)"
        )
    monkeypatch.undo()
    with Library(tmp_path / "library") as library:
        (element,) = library.page("d", 0).elements
        assert (element.text, element.markdown, element.table) == ("a | b", "| a | b |", None)


def test_a_missing_document_is_an_error_of_one_sentence(library: Library) -> None:
    document = made.document(library, "report.pdf", "Revenue grew.")
    put(library, document)
    with pytest.raises(LibraryError, match="no page 2 of"):
        library.page(document.id, 1)
    for ask in (library.document, library.info, library.find):
        with pytest.raises(LibraryError, match="holds no document"):
            ask("nothing")
    assert library.pages("nothing") == ()


def test_a_document_is_found_by_id_path_or_name(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a = made.document(library, "a.pdf", "One.")
    b = made.document(library, "b.pdf", "Two.")
    put(library, a, str(tmp_path / "x" / "a.pdf"), str(tmp_path / "y" / "a.pdf"))
    put(library, b, str(tmp_path / "b.pdf"))
    for name in (a.id, a.id[:6], "a.pdf", str(tmp_path / "y" / "a.pdf"), "x/../x/a.pdf"):
        assert library.find(name).id == a.id
    with pytest.raises(LibraryError, match="no document"):
        library.find(a.id[:5])
    put(library, made.document(library, "a.pdf", "Three."), str(tmp_path / "z.pdf"))
    with pytest.raises(LibraryError, match=f"Several documents are called a.pdf.*{a.id[:8]}"):
        library.find("a.pdf")


def test_screenshots_are_stored_once_and_deleted_when_no_page_has_them(library: Library) -> None:
    webp = made.screenshot((255, 0, 0))
    image = library.save_image(webp)
    assert library.save_image(webp) == image
    assert library.image(image) == webp
    assert [path.name for path in (library.folder / "pages").rglob("*.*")] == [f"{image}.webp"]
    document = made.document(library, "a.pdf", "One.")
    put(library, document)
    library.tidy()
    assert not screenshot_file(library, image).exists()
    assert screenshot_file(library, document.pages[0].image).exists()
    with pytest.raises(LibraryError, match=r"is gone: read its document again"):
        library.image(image)


def test_screenshots_may_be_kept_elsewhere(tmp_path: Path) -> None:
    images = MemoryImages()
    with Library(tmp_path / "library", images=images) as library:
        document = made.document(library, "a.pdf", "One.", "Two.")
        put(library, document)
        loose = library.save_image(made.screenshot((255, 0, 0)))
        assert library.image_url(loose).startswith("data:image/webp;base64,")
        library.tidy()
        assert set(images.images) == {page.image for page in document.pages}
        assert library.screenshot(document.id, 1).size == (60, 80)
        assert list((library.folder / "pages").rglob("*.webp")) == []
        library.save_image(made.screenshot((0, 255, 0)))
        library.sweep()
        assert set(images.images) == {page.image for page in document.pages}
        with pytest.raises(LibraryError, match=f"The screenshot {loose} is gone"):
            library.image(loose)


@given(st.text(max_size=50))
def test_a_hash_never_leads_out_of_the_library(name: str) -> None:
    with pytest.raises(LibraryError, match="not the hash"):
        FolderImages(Path("/nowhere")).path(name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 39, "A" * 40, "a" * 40 + "\n", "g" * 40, "/" + "a" * 39])
def test_names_that_look_like_hashes_are_refused(library: Library, name: str) -> None:
    with pytest.raises(LibraryError, match="not the hash"):
        library.image(name)


def test_a_crop_shows_what_the_box_shows(library: Library) -> None:
    picture = Image.new("RGB", (60, 80), (255, 255, 255))
    picture.paste((0, 0, 255), (10, 20, 30, 40))  # points: 100, 200, 300, 400
    buffer = BytesIO()
    picture.save(buffer, "WEBP", lossless=True)
    document = made.document(library, "a.pdf", "One.")
    page = made.page(0, "One.", library.save_image(buffer.getvalue()))
    put(library, Document(document.id, "a.pdf", "/a.pdf", "A", "application/pdf", (page,)))
    assert library.screenshot(document.id, 0).size == (60, 80)
    crop = library.crop(document.id, 0, Box(100, 200, 300, 400))
    assert crop.size == (20, 20)
    assert crop.getcolors() == [(400, (0, 0, 255))]


@pytest.fixture(scope="module")
def one_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, str]]:
    """A library with one document of one page, and its id."""
    with Library(tmp_path_factory.mktemp("one") / "library") as library:
        document = made.document(library, "a.pdf", "One.")
        put(library, document)
        yield library, document.id


@given(xs=st.tuples(*[st.floats(-2_000, 2_000)] * 2), ys=st.tuples(*[st.floats(-2_000, 2_000)] * 2))
def test_a_crop_is_cut_at_the_page_and_never_empty(
    one_page: tuple[Library, str], xs: tuple[float, float], ys: tuple[float, float]
) -> None:
    library, document = one_page
    crop = library.crop(document, 0, Box(min(xs), min(ys), max(xs), max(ys)))
    assert 1 <= crop.width <= 60
    assert 1 <= crop.height <= 80


def test_a_page_without_a_screenshot_says_why(library: Library) -> None:
    document = made.document(library, "a.pdf", "One.")
    put(library, Document(document.id, "a.pdf", "/a.pdf", "A", "application/pdf", (made.page(0, "One."),)))
    with pytest.raises(LibraryError, match="Page 1 has no screenshot: none was made"):
        library.screenshot(document.id, 0)


# folders


def test_a_folder_with_other_files_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").touch()
    with pytest.raises(LibraryError, match="holds other files and no library"):
        Library(tmp_path)
    with pytest.raises(LibraryError, match="is a file"):
        Library(tmp_path / "thesis.doc")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.doc"]


def test_a_library_is_made_only_when_asked(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="There is no library in"):
        Library(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()
    Library(tmp_path / "some").close()
    Library(tmp_path / "some", create=False).close()


def test_another_file_under_the_name_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"not a database, but long enough to be looked at" * 50)
    with pytest.raises(LibraryError, match="cannot be opened as a library"):
        Library(tmp_path)


@pytest.mark.parametrize("damage", [Path.unlink, lambda file: file.write_bytes(b"")])
def test_a_database_that_is_gone_beside_screenshots_is_no_new_library(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    with Library(tmp_path) as library:
        document = made.document(library, "report.pdf", "Revenue grew.")
        put(library, document)
    damage(tmp_path / "library.sqlite")
    with pytest.raises(LibraryError, match=r"holds the screenshots of a library, but its library\.sqlite is gone"):
        Library(tmp_path)
    assert [path.stem for path in (tmp_path / "pages").glob("*/*")] == [document.pages[0].image]


def test_a_damaged_screenshot_is_said_and_healed_when_it_is_saved_again(library: Library) -> None:
    webp = made.screenshot((250, 20, 20))
    image = library.save_image(webp)
    for damaged in (webp[:20], b"", webp[:-1] + b"x"):
        screenshot_file(library, image).write_bytes(damaged)
        with pytest.raises(LibraryError, match="is damaged: read its document again"):
            library.image(image)
        assert library.save_image(webp) == image
        assert library.image(image) == webp


def test_only_its_owner_can_read_a_library_also_one_that_was_open_to_all(tmp_path: Path) -> None:
    folder, old = tmp_path / "library", os.umask(0o022)
    try:
        with Library(folder) as library, library.writer():
            put(library, made.document(library, "report.pdf", "Revenue grew."))
            library.tidy()
            assert _open_to_others(folder) == []
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o755 if path.is_dir() else 0o644)
        assert _open_to_others(folder)
        with Library(folder) as library, library.writer():
            put(library, made.document(library, "other.pdf", "Costs fell."))
            assert _open_to_others(folder) == []
    finally:
        os.umask(old)


def _open_to_others(folder: Path) -> list[Path]:
    return [path for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]


def test_documents_of_an_older_reading_say_so(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = made.document(library, "old.pdf", "Revenue grew."), made.document(library, "new.pdf", "Costs fell.")
    put(library, old)
    for module in ("catalog", "records"):
        monkeypatch.setattr(f"octavo.ingest.store.{module}.READING", READING + 1)
    put(library, new)
    assert [(info.name, info.outdated) for info in library.documents()] == [("new.pdf", False), ("old.pdf", True)]
    with library.transaction():
        library.erase(old.id)
        library.write(old)
    assert not library.info(old.id).outdated


def test_a_newer_library_is_refused(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        library.connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(LibraryError, match="made by a newer Octavo"):
        Library(tmp_path / "library")


def test_an_older_library_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library(tmp_path / "library") as library:
        document = made.document(library, "a.pdf", "One.")
        put(library, document)
    more = (*MIGRATIONS, "CREATE TABLE later (x); INSERT INTO later VALUES (1);")
    monkeypatch.setattr("octavo.ingest.store.migrations.MIGRATIONS", more)
    monkeypatch.setattr("octavo.ingest.store.library.MIGRATIONS", more)
    for _ in range(2):
        with Library(tmp_path / "library") as library:
            assert library.document(document.id) == document
            assert library.connection.execute("SELECT * FROM later").fetchall() == [(1,)]


def test_a_closed_library_says_so(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    library.close()
    library.close()
    with pytest.raises(LibraryError, match="is closed"):
        library.documents()


# writers and readers


def test_a_second_writer_waits_and_then_gives_up(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; from octavo.ingest.store.library import Library\n"
    code += "with Library(sys.argv[1]) as library, library.writer(): print('in', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(library.folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "in\n"
        monkeypatch.setattr(library._writer, "_wait", 0.2)
        with (
            pytest.raises(LibraryError, match=r"Another writer \(process \d+, since .*\) is at work in the library"),
            library.writer(),
        ):
            pass
        assert library.documents() == []  # reading goes on
        other.stdin.write("\n")
        other.stdin.flush()
        monkeypatch.setattr(library._writer, "_wait", 20)
        with library.writer():  # the other one ends, and this one's turn comes
            pass


def test_a_writer_in_the_same_process_is_another_writer_too(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with Library(library.folder) as other:
        monkeypatch.setattr(other._writer, "_wait", 0.2)
        with (
            library.writer(),
            library.writer(),
            pytest.raises(LibraryError, match="is at work in the library"),
            other.writer(),
        ):
            pass
        with other.writer():
            pass


def test_a_transaction_that_fails_leaves_nothing(library: Library) -> None:
    document = made.document(library, "a.pdf", "One.")
    generation = library.generation
    with pytest.raises(ConstraintError):
        _write_twice(library, document)
    assert library.documents() == []
    assert library.generation == generation


def _write_twice(library: Library, document: Document) -> None:
    with library.transaction():
        library.write(document)
        library.write(document)


def test_a_reader_sees_one_moment(library: Library) -> None:
    document = made.document(library, "a.pdf", "One.", "Two.")
    put(library, document)
    with library.snapshot():
        assert library.has(document.id)
        thread = threading.Thread(target=lambda: _erase(library, document.id))
        thread.start()
        thread.join()
        assert library.document(document.id) == document
    assert not library.has(document.id)


def _erase(library: Library, document: str) -> None:
    with library.transaction():
        library.erase(document)


def test_threads_read_beside_a_writer(library: Library) -> None:
    """Whatever a reader gets, it gets whole; and the connections of threads that ended are closed."""
    documents = [made.document(library, f"{n}.pdf", *"abc") for n in range(8)]
    stop, wrong = threading.Event(), list[object]()

    def read() -> None:
        while not stop.is_set():
            for info in library.documents():
                try:
                    got = library.document(info.id)
                except LibraryError:
                    continue  # erased in between
                if got not in documents or any(e.kind is Kind.FIGURE for p in got.pages for e in p.elements):
                    wrong.append(got)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        for document in documents:
            put(library, document)
        for document in documents:
            _erase(library, document.id)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    for _ in range(5):
        thread = threading.Thread(target=library.documents)
        thread.start()
        thread.join()
    assert len(library._database._connections) <= 2
