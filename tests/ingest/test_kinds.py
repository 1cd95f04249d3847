"""Mail, books, subtitles, archives, attachments and kinds of pictures, each made here and read."""

from __future__ import annotations

import zipfile
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from octavo.ingest import Element, ReadError, ReadOptions, UnsupportedError
from octavo.ingest.errors import PasswordError
from octavo.ingest.readers import Source, open
from octavo.ingest.workers import tasks
from tests.conftest import make_pdf


def opened(path: Path, **options: object) -> Source:
    return open(path, ReadOptions.model_validate(options), workdir=path.parent)


def known(source: Source) -> list[Element]:
    """What the file itself says, without the pages that are read from their picture."""
    return [e for page in sorted(source.elements) for e in source.elements[page]]


def png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (300, 200), "teal").save(out, "PNG")
    return out.getvalue()


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Kim <kim@example.org>", "bo@example.org", "Größe der Fläche"
    made.set_content("The lease ends on 30 June.")
    made.add_alternative("<p>The lease ends on <b>30 June</b>.</p><img src='cid:plan' alt='Site plan'>", subtype="html")
    html = made.get_payload()[1]
    html.add_related(png(), "image", "png", cid="<plan>")
    return made


def test_a_message_is_its_head_its_text_and_its_attachments(tmp_path: Path) -> None:
    mail = message()
    mail.add_attachment(make_pdf(tmp_path / "report.pdf").read_bytes(), "application", "pdf", filename="report.pdf")
    mail.add_attachment(b"Plant,Cost\nAshby,7\n", "text", "csv", filename="costs.csv")
    mail.add_attachment(b"MZ\x90\x00", "application", "octet-stream", filename="setup.exe")
    (tmp_path / "a.eml").write_bytes(bytes(mail))
    source = opened(tmp_path / "a.eml")
    assert source.title == "Größe der Fläche"
    said = [e.text for e in known(source)]
    assert said == [
        "From: Kim <kim@example.org>\nTo: bo@example.org\nSubject: Größe der Fläche",
        "The lease ends on 30 June.",
        "Site plan",
        "Plant | Cost\nAshby | 7",
    ]
    assert source.page_count == 5
    assert [(title, page) for level, title, page in source.outline if level == 1] == [
        ("report.pdf", 1),
        ("costs.csv", 4),
    ]
    assert source.labels == ("", "report.pdf 1", "report.pdf 2", "report.pdf 3", "costs.csv 1")
    assert source.problems == ("of no kind that can be read, and left out: setup.exe",)
    page, _ = tasks.read(source.for_page(1), 1, ReadOptions())
    assert page.text


def test_a_message_within_a_message_is_read(tmp_path: Path) -> None:
    outer = EmailMessage()
    outer["Subject"] = "Forwarded"
    outer.set_content("See below.")
    outer.add_attachment(message())
    (tmp_path / "a.eml").write_bytes(bytes(outer))
    assert "The lease ends on 30 June." in [e.text for e in known(opened(tmp_path / "a.eml"))]


def test_an_archive_is_the_documents_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        out.writestr("b/notes.txt", "Nutrias weigh 9 kg.")
        out.writestr("a.md", "# Capybaras\n\nThey weigh 50 kg.")
        out.writestr("broken.pdf", "%PDF-1.7 and no more")
        out.writestr("game.exe", b"MZ\x90\x00")
        out.writestr("__MACOSX/._a.md", b"\x00")
    source = opened(tmp_path / "a.zip")
    assert [e.text for e in known(source)] == ["Capybaras", "They weigh 50 kg.", "Nutrias weigh 9 kg."]
    assert source.labels == ("a.md 1", "b/notes.txt 1")
    assert source.problems == (
        "broken.pdf is no readable PDF: it is broken or cut off.",
        "of no kind that can be read, and left out: game.exe",
    )
    assert not list(tmp_path.glob("octavo-within-*"))


def test_files_of_an_archive_that_are_locked_are_told(tmp_path: Path) -> None:
    def locked(*names: str) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
            for name in ("a.txt", "b.txt"):
                out.writestr(name, f"Text {name}")
        data = bytearray((tmp_path / "a.zip").read_bytes())
        for name in names:
            place = data.rindex(name.encode()) - 46  # its entry in the directory
            data[place + 8] |= 1
        (tmp_path / "a.zip").write_bytes(data)

    locked("b.txt")
    source = opened(tmp_path / "a.zip")
    assert ([e.text for e in known(source)], source.problems) == (
        ["Text a.txt"],
        ("protected by a password, and left out: b.txt",),
    )
    locked("a.txt", "b.txt")
    with pytest.raises(PasswordError, match=r"a\.zip is protected by a password"):
        opened(tmp_path / "a.zip")


def test_archives_within_archives_end(tmp_path: Path) -> None:
    inner = b""
    for n in range(6):
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as packed:
            packed.writestr(f"{n}.txt", f"Level {n}.")
            if inner:
                packed.writestr("inner.zip", inner)
        inner = out.getvalue()
    (tmp_path / "a.zip").write_bytes(inner)
    assert [e.text for e in known(opened(tmp_path / "a.zip"))] == ["Level 5.", "Level 4.", "Level 3."]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("a.exe", b"MZ\x90\x00")
    with pytest.raises(UnsupportedError, match=r"b\.zip holds no file of a kind that can be read"):
        opened(tmp_path / "b.zip")


def test_files_attached_to_a_pdf_are_read_after_it(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "report.pdf")
    with pymupdf.open(path) as document:
        document.embfile_add("notes", b"Nutrias weigh 9 kg.", filename="notes.txt")
        document.embfile_add("data", b"<x/>", filename="data.xml")
        document.saveIncr()
    source = opened(path)
    assert source.page_count == 4
    assert [e.text for e in source.elements[3]] == ["Nutrias weigh 9 kg."]
    assert source.problems == ("of no kind that can be read, and left out: data.xml",)


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.epub", "w") as out:
        out.writestr("mimetype", "application/epub+zip")
        out.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        out.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata><dc:title '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">On Nutrias</dc:title><dc:creator '
            'xmlns:dc="http://purl.org/dc/elements/1.1/">Bo Kim</dc:creator></metadata><manifest>'
            '<item id="n" href="nav.xhtml" properties="nav"/><item id="b" href="two.xhtml"/>'
            '<item id="a" href="text/one%201.xhtml"/></manifest>'
            '<spine><itemref idref="n" linear="no"/><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        out.writestr(
            "OEBPS/text/one 1.xhtml", "<html><body><h1>One</h1><img src='../p.png' alt='Nutria'/></body></html>"
        )
        out.writestr("OEBPS/two.xhtml", "<html><body><p>They weigh 9 kg.</p></body></html>")
        out.writestr("OEBPS/p.png", png())
    source = opened(tmp_path / "a.epub")
    assert (source.title, source.page_count, source.problems) == ("On Nutrias", 3, ())
    assert [e.text for e in known(source)] == ["On Nutrias", "Bo Kim", "One", "Nutria", "They weigh 9 kg."]


SRT = "1\r\n00:01:02,5 --> 00:01:04,0\r\n<i>Good</i> morning,\r\nall.\r\n\r\n2\r\n00:02:00,0 --> 00:02:01,0\r\nYes\r\n"
VTT = "WEBVTT\n\n01:02.500 --> 01:04.000 align:start\n<v Kim>Good</v> morning,\nall.\n\n02:00.0 --> 02:01.0\nYes\n"


@pytest.mark.parametrize(("name", "text"), [("a.srt", SRT), ("a.vtt", VTT)])
def test_subtitles_are_times_and_words(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode())
    [table] = known(opened(tmp_path / name))
    speaker = "Kim: " if name == "a.vtt" else ""
    assert table.text == f"Time | Words\n00:01:02–00:01:04 | {speaker}Good morning, all.\n00:02:00–00:02:01 | Yes"


def test_a_cue_without_words_does_not_take_those_of_the_next(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:01,0 --> 00:00:02,0\n\n2\n00:00:03,0 --> 00:00:04,0\nYes\n")
    [table] = known(opened(tmp_path / "a.srt"))
    assert table.text == "Time | Words\n00:00:03–00:00:04 | Yes"


@pytest.mark.parametrize("suffix", [".bmp", ".gif", ".heic", ".avif"])
def test_pictures_of_more_kinds_are_pages(tmp_path: Path, suffix: str) -> None:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    Image.new("RGB", (400, 300), "teal").save(tmp_path / f"a{suffix}")
    with pymupdf.open(opened(tmp_path / f"a{suffix}").pdf) as document:
        assert document.page_count == 1
        assert document[0].get_pixmap().pixel(50, 50) == pytest.approx((0, 128, 128), abs=6)


def test_of_a_picture_that_moves_the_first_frame_is_read(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (80, 80), color) for color in ("red", "green", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    source = opened(tmp_path / "a.gif")
    assert (source.page_count, source.problems) == (1, ("only the first of 3 frames is read",))


def test_a_drawing_is_drawn_and_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(png())
    (tmp_path / "a.svg").write_text(
        '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "secret.txt">]><svg xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="100"><image xlink:href="secret.png" '
        'width="90" height="90"/><text x="10" y="50">Sales rose</text><script>alert(1)</script></svg>'
    )
    (tmp_path / "secret.txt").write_text("hunter2")
    with pymupdf.open(opened(tmp_path / "a.svg").pdf) as document:
        assert document[0].get_text().split() == ["Sales", "rose"]
        assert document[0].get_images() == []


def test_html_in_a_drawing_is_its_text_and_pictures_elsewhere_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="100"><image href="http://example.org/a.png"/>'
        '<foreignObject x="100" y="20" width="100" height="40"><div xmlns="http://www.w3.org/1999/xhtml">Pump<br/>'
        "<b>station</b></div></foreignObject></svg>"
    )
    source = opened(tmp_path / "a.svg")
    with pymupdf.open(source.pdf) as document:
        words = document[0].get_text("words")
    assert [word[4] for word in words] == ["Pump", "station"]
    assert all(word[0] >= 100 and word[2] <= 200 and word[1] >= 20 and word[3] <= 60 for word in words)
    assert source.problems == ("1 picture is elsewhere and not fetched",)


@pytest.mark.parametrize("name", ["a.srt", "a.msg", "a.epub", "a.heic"])
def test_a_broken_file_is_an_error_of_one_sentence(tmp_path: Path, name: str) -> None:
    starts = {
        "a.msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "a.epub": b"PK\x03\x04",
        "a.heic": b"\x00\x00\x00\x18ftypheic",
    }
    (tmp_path / name).write_bytes(starts.get(name, b"") + b" no more")
    with pytest.raises(ReadError, match=name.replace(".", r"\.")):
        opened(tmp_path / name)
