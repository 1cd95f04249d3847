"""Files of every kind, made here, opened as the ingest opens them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pymupdf
import pytest
from PIL import Image
from pptx import Presentation

from octavo.ingest import MissingToolError, PasswordError, ReadError, ReadOptions
from octavo.ingest.readers import Source, content_id, find, find_unsupported, open
from tests.conftest import make_pdf

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def opened(path: Path, workdir: Path, password: str = "", **options: object) -> Source:
    return open(path, ReadOptions.model_validate(options), workdir=workdir, password=password)


def text_of(source: Source, number: int = 0) -> str:
    with pymupdf.open(source.pdf) as document:
        return str(document[number].get_text())


def test_folders_globs_and_files_are_found_once(tmp_path: Path) -> None:
    below = tmp_path / "b" / "c"
    below.mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for name in ("a.pdf", "b/n.txt", "b/c/deck.PPTX", "b/program.exe", ".hidden/x.pdf", "b/~$deck.pptx", "b/.y.pdf"):
        (tmp_path / name).write_text("x")
    names = ["a.pdf", "deck.PPTX", "n.txt"]
    assert [path.name for path in find([tmp_path])] == names
    assert [path.name for path in find([tmp_path / "a.pdf", tmp_path, tmp_path / "**" / "*.PPTX"])] == names
    assert [path.name for path in find([tmp_path / "b" / "program.exe"])] == ["program.exe"]
    assert [path.name for path in find_unsupported([tmp_path, tmp_path / "a.pdf"])] == ["program.exe"]
    with pytest.raises(ReadError, match=r"no file, folder or match for .*absent"):
        find([tmp_path / "absent"])
    with pytest.raises(ReadError, match="not a list: pass the paths one by one"):
        find([[tmp_path]])  # type: ignore[list-item]


def test_links_are_followed_within_a_folder_and_not_out_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    for made in (folder / "deep", outside):
        made.mkdir(parents=True)
        (made / "note.txt").write_text("x")
    (folder / "inner.txt").symlink_to(folder / "deep" / "note.txt")
    (folder / "link.txt").symlink_to(outside / "note.txt")
    (folder / "up").symlink_to(outside)
    (folder / "a.md").symlink_to(folder / "b.md")
    (folder / "b.md").symlink_to(folder / "a.md")
    assert find([folder]) == [folder / "a.md", folder / "b.md", folder / "deep" / "note.txt"]
    [record] = caplog.records
    assert "link.txt is a link that leads out of" in record.getMessage()
    assert find([folder / "link.txt"]) == [outside / "note.txt"]
    (tmp_path / "named").symlink_to(folder)
    assert folder / "deep" / "note.txt" in find([tmp_path / "named"])


def test_a_pdf_brings_title_labels_and_outline(tmp_path: Path, workdir: Path) -> None:
    path = make_pdf(tmp_path / "report.pdf")
    with pymupdf.open(path) as document:
        document.set_metadata({"title": "The  Report"})
        document.set_page_labels([{"startpage": 0, "prefix": "A-", "style": "D", "firstpagenum": 1}])
        document.set_toc([[1, "Start", 1], [2, "Money", 2]])
        document.saveIncr()
    source = opened(path, workdir)
    assert (source.pdf, source.page_count, source.title) == (path, 3, "The Report")
    assert source.labels == ("A-1", "A-2", "A-3")
    assert source.outline == ((1, "Start", 0), (2, "Money", 1))
    assert source.id == content_id(path)


def test_an_encrypted_pdf_asks_for_its_password(tmp_path: Path, workdir: Path) -> None:
    plain, locked = make_pdf(tmp_path / "plain.pdf"), tmp_path / "locked.pdf"
    with pymupdf.open(plain) as document:
        document.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="sesame", owner_pw="other")
    with pytest.raises(PasswordError, match=r"locked\.pdf is encrypted: give its password"):
        opened(locked, workdir)
    with pytest.raises(PasswordError, match="password given does not open it"):
        opened(locked, workdir, "wrong")
    assert opened(locked, workdir, "sesame").page_count == 3


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp"])
def test_a_picture_is_a_page_of_its_own_size(tmp_path: Path, workdir: Path, suffix: str) -> None:
    path = tmp_path / f"picture{suffix}"
    Image.new("RGB", (400, 300), "teal").save(path, dpi=(100, 100))
    source = opened(path, workdir)
    with pymupdf.open(source.pdf) as document:
        dpi = 96 if suffix == ".webp" else 100
        assert tuple(document[0].rect) == pytest.approx((0, 0, 400 * 72 / dpi, 300 * 72 / dpi), abs=0.01)
        assert document[0].get_pixmap().pixel(50, 50) == pytest.approx((0, 128, 128), abs=3)


def test_the_frames_of_a_tiff_are_pages_and_transparency_is_white(tmp_path: Path, workdir: Path) -> None:
    frames = [Image.new("RGB", (200, 100 + 50 * n), "white") for n in range(3)]
    frames[0].save(tmp_path / "fax.tiff", save_all=True, append_images=frames[1:])
    source = opened(tmp_path / "fax.tiff", workdir)
    with pymupdf.open(source.pdf) as document:
        assert [round(page.rect.height / page.rect.width, 2) for page in document] == [0.5, 0.75, 1.0]
    Image.new("RGBA", (80, 80), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    with pymupdf.open(opened(tmp_path / "clear.png", workdir).pdf) as document:
        assert document[0].get_pixmap().pixel(30, 30) == (255, 255, 255)
    with pytest.raises(ReadError, match=r"fax\.tiff has 3 pages, over the limit of 2"):
        opened(tmp_path / "fax.tiff", workdir, max_pages=2)


def test_markup_is_laid_out_and_nothing_in_it_runs(tmp_path: Path, workdir: Path) -> None:
    (tmp_path / "page.html").write_text(
        "<title>Of &amp; on</title><script>alert('script')</script><style>p {color: red}</style>"
        "<p>Kept</p><img src='http://127.0.0.1:9/x.png'><iframe src='file:///etc/passwd'>frame</iframe><p>Also"
    )
    source = opened(tmp_path / "page.html", workdir)
    assert source.title == "Of & on"
    assert text_of(source).split() == ["Kept", "Also"]
    (tmp_path / "notes.md").write_text("# Plan\n\n| a | b |\n|---|---|\n| 17 | 18 |\n\n<script>no</script>")
    source = opened(tmp_path / "notes.md", workdir)
    assert source.title == "Plan"
    assert {"Plan", "17", "18"} <= set(text_of(source).split())


@pytest.mark.parametrize(("encoding", "word"), [("utf-8-sig", "Größe"), ("utf-16", "Größe"), ("cp1252", "Größe")])
def test_texts_of_any_encoding_are_read(tmp_path: Path, workdir: Path, encoding: str, word: str) -> None:
    (tmp_path / "a.txt").write_bytes(f"{word} <b>5 < 6</b>".encode(encoding))
    assert f"{word} <b>5 < 6</b>" in text_of(opened(tmp_path / "a.txt", workdir))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.pdf", b"", r"empty\.pdf is empty"),
        ("cut.pdf", b"%PDF-1.7 and no more", r"cut\.pdf is no readable PDF"),
        ("cut.png", b"\x89PNG\r\n\x1a\n no more", r"cut\.png is no readable picture"),
        ("data.txt", b"ab\x00cd", r"data\.txt is no text"),
        ("game.exe", b"MZ", r"game\.exe is of no kind that can be read"),
    ],
)
def test_a_broken_file_is_one_sentence_with_its_name(
    tmp_path: Path, workdir: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ReadError, match=says):
        opened(tmp_path / name, workdir)


def test_limits_name_the_setting_that_raises_them(tmp_path: Path, workdir: Path) -> None:
    path = make_pdf(tmp_path / "long.pdf")
    with pytest.raises(ReadError, match=r"long\.pdf has 3 pages.*OCTAVO_READING__MAX_PAGES"):
        opened(path, workdir, max_pages=2)
    with pytest.raises(ReadError, match=r"long\.pdf has .* bytes.*OCTAVO_READING__MAX_FILE_BYTES"):
        opened(path, workdir, max_file_bytes=100)


def test_a_pdf_without_its_suffix_is_known_by_its_first_bytes(tmp_path: Path, workdir: Path) -> None:
    path = make_pdf(tmp_path / "report.pdf").rename(tmp_path / "download")
    assert opened(path, workdir).media_type == "application/pdf"


@needs_office
@pytest.mark.parametrize("suffix", [".pptx", ".ppt", pytest.param(".odp", marks=pytest.mark.slow)])
def test_a_deck_keeps_notes_and_marks_hidden_slides(tmp_path: Path, workdir: Path, suffix: str) -> None:
    deck = Presentation()
    for n in range(3):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = f"Slide number {n}"
        slide.notes_slide.notes_text_frame.text = f"Say\nthis {n}"
    deck.slides[1].element.set("show", "0")
    deck.save(str(tmp_path / "deck.pptx"))
    path = tmp_path / "deck.pptx"
    if suffix != ".pptx":
        from octavo.ingest.readers.libreoffice import convert

        path = convert(path, suffix[1:], workdir, 60).rename(tmp_path / f"deck{suffix}")
    source = opened(path, workdir)
    assert source.page_count == 3
    assert "Slide number 1" in text_of(source, 1)
    assert source.notes == {n: f"Say this {n}" for n in range(3)}
    assert source.hidden == {1}


@needs_office
def test_a_broken_office_file_is_one_sentence(tmp_path: Path, workdir: Path) -> None:
    (tmp_path / "broken.pptx").write_bytes(b"PK\x03\x04 not a deck")
    with pytest.raises(ReadError, match=r"broken\.pptx"):
        opened(tmp_path / "broken.pptx", workdir)
    path = tmp_path / "slow.rtf"
    path.write_bytes(b"{\\rtf1 Slow}")
    with pytest.raises(ReadError, match=r"slow\.rtf was not converted .* within 0 s: raise OCTAVO_READING__CONVERT"):
        opened(path, workdir, convert_timeout=0.01)


def test_without_libreoffice_the_package_to_install_is_named(
    tmp_path: Path, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    Presentation().save(str(tmp_path / "deck.pptx"))
    with pytest.raises(MissingToolError, match=r"deck\.pptx needs LibreOffice: install libreoffice-impress"):
        opened(tmp_path / "deck.pptx", workdir)
