"""The library on disk."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from sqlite3 import IntegrityError

import pytest
from PIL import Image

from ingest import Box, Chunk, Document, Element, Kind, LibraryError, Line, Page, Region, TextSource
from ingest.library import Library
from ingest.options import ReadOptions
from ingest.render import webp


def document(identity: str = "a" * 32, text: str = "Some text.", image: str = "") -> Document:
    line = Line(text, Box(10, 10, 90, 20))
    table = Element(1, Kind.TABLE, Box(10, 30, 90, 60), "a | b", (line,), "| a | b |")
    elements = (
        Element(0, Kind.TEXT, Box(10, 10, 90, 20), text, (line,)),
        table,
        Element(2, Kind.CAPTION, Box(1, 1, 2, 2), "Table 1", about=1),
    )
    page = Page(0, 100, 200, image, 10, 20, "iv", text, TextSource.LAYER, elements, "a note", True, "a problem")
    chunk = Chunk(0, "One › Two", text, (Region(0, Box(10, 10, 90, 20), 0), Region(0, Box(1, 2, 3, 4))))
    return Document(
        identity, "a.pdf", "/a.pdf", "A", "application/pdf", (page,), (chunk,), ((1, "One", 0),), ("a problem",)
    )


def publish(library: Library, made: Document, path: str) -> list[str]:
    with library.writer(), library.transaction():
        library.write(made)
        return library.publish(made.id, Path(path))


def test_a_document_comes_back_as_it_was(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        made = document()
        publish(library, made, "/a.pdf")
        assert library.document(made.id) == made
        assert library.page(made.id, 0) == made.pages[0]
    with Library(tmp_path / "library") as library:
        assert library.document(made.id) == made


def test_what_is_pending_or_removed_is_not_seen(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        made = document()
        with library.transaction():
            library.write(made)
        assert not library.has(made.id)
        assert library.documents() == []
        assert library.unfinished() == [made.id]
        with pytest.raises(LibraryError):
            library.page(made.id, 0)
        with library.transaction():
            library.publish(made.id, Path("/a.pdf"))
        assert library.has(made.id)
        with library.transaction():
            assert library.retire(made.id) == [made.id]
        assert not library.has(made.id)
        with library.transaction():
            library.purge(made.id)
        assert library.unfinished() == []


def test_a_path_that_holds_something_else_gives_up_what_it_held(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        assert publish(library, document("a" * 32), "/x.pdf") == []
        assert publish(library, document("b" * 32), "/x.pdf") == ["a" * 32]
        assert [info.id for info in library.documents()] == ["b" * 32]
        with library.transaction():
            library.alias("b" * 32, Path("/y.pdf"))
        assert library.find("/y.pdf").paths == ("/x.pdf", "/y.pdf")
        assert publish(library, document("c" * 32), "/x.pdf") == []


def test_documents_are_found_by_id_name_and_path(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        publish(library, document("a" * 32), "/one/a.pdf")
        assert library.find("a.pdf").id == library.find("aaaaaa").id == library.find("/one/a.pdf").id
        publish(library, document("b" * 32), "/two/a.pdf")
        with pytest.raises(LibraryError, match="Several documents"):
            library.find("a.pdf")
        with pytest.raises(LibraryError, match="holds no document"):
            library.find("nothing.pdf")


def test_screenshots_are_stored_once_and_cropped_within_the_page(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        picture = Image.new("RGB", (200, 400), "white")
        picture.paste("black", (20, 20, 180, 40))
        data = webp(picture, ReadOptions())
        image = library.save_image(data)
        assert library.save_image(data) == image
        assert library.image(image) == data
        assert len(list((tmp_path / "library" / "pages").glob("*/*"))) == 1
        publish(library, document(image=image), "/a.pdf")
        assert library.crop("a" * 32, 0, Box(10, 10, 90, 20)).size == (160, 20)
        assert library.crop("a" * 32, 0, Box(-50, -50, 5000, 5000)).size == (200, 400)
        assert library.crop("a" * 32, 0, Box(99.9, 199.9, 99.95, 199.95)).size == (1, 1)


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 40, "", "g" * 40, "a" * 39])
def test_no_path_leaves_the_library(tmp_path: Path, name: str) -> None:
    with Library(tmp_path / "library") as library, pytest.raises(LibraryError, match="not the hash"):
        library.image(name)


def test_a_sweep_takes_what_nothing_needs(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        kept = library.save_image(b"kept")
        gone = library.save_image(b"gone")
        (library.image_path(kept).parent / "x.part").touch()
        publish(library, document(image=kept), "/a.pdf")
        library.sweep()
        assert library.image(kept) == b"kept"
        with pytest.raises(LibraryError, match="gone"):
            library.image(gone)
        assert [path.name for path in (tmp_path / "library" / "pages").glob("*/*")] == [f"{kept}.webp"]


def test_folders_that_are_no_library_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    with pytest.raises(LibraryError, match="other files"):
        Library(tmp_path / "mine")
    (tmp_path / "file").touch()
    with pytest.raises(LibraryError, match="is a file"):
        Library(tmp_path / "file")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "library.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 9)
    with pytest.raises(LibraryError, match="library"):
        Library(tmp_path / "broken")


def test_a_library_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        library.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(LibraryError, match="newer Octavo"):
        Library(tmp_path / "library")


def test_a_second_writer_is_told_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.library.LOCK_WAIT", 0.1)
    with Library(tmp_path / "library") as first, Library(tmp_path / "library") as second, first.writer():
        with pytest.raises(LibraryError, match="Another process is writing"), second.writer():
            pass
        assert second.documents() == []


def test_threads_have_connections_of_their_own(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        publish(library, document(), "/a.pdf")
        found: list[int] = []
        threads = [threading.Thread(target=lambda: found.append(len(library.documents()))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [1] * 4


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        with library.transaction():
            library.write(document())
        with pytest.raises(IntegrityError), library.transaction():
            library.write(replace(document("b" * 32), pages=document().pages * 2))
        assert library.unfinished() == ["a" * 32]
