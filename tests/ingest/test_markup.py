"""HTML, Markdown and text, read as the ingest reads them: what pages say, and boxes that lie on it."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from octavo.ingest import Kind, Page, ReadOptions
from octavo.ingest.readers import open
from octavo.ingest.workers import tasks
from tests.ingest.pages import read_page


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def ink(page: Page, image: Image.Image, text: str) -> float:
    """The share of dark pixels where the line that begins with `text` is said to stand."""
    box = next(line.box for e in page.elements for line in e.lines if line.text.startswith(text))
    part = image.convert("L").crop(page.pixels(box, image.size))
    return float((np.asarray(part) < 128).mean())


def picture(text: str = "OPEN AT SEVEN") -> bytes:
    image = Image.new("RGB", (500, 160), "white")
    ImageDraw.Draw(image).text((20, 50), text, fill="black", font_size=48)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_boxes_lie_on_the_words_that_the_tree_says(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.html",
        "<h1>Annual report</h1><p>" + "Revenue grew in every region of the country last year. " * 8 + "</p>"
        "<table><tr><th>Plant<th>Cost<tr><td>Moorend<td>1,204</table><ul><li>Boats<li>Cranes</ul>",
    )
    page, image = read_page(path)
    assert [e.kind for e in page.elements] == [Kind.TITLE, Kind.TEXT, Kind.TABLE, Kind.LIST]
    paragraph = page.elements[1]
    assert paragraph.text == ("Revenue grew in every region of the country last year. " * 8).strip()
    assert len(paragraph.lines) == 5
    assert " ".join(line.text for line in paragraph.lines) == paragraph.text
    for text in ("Annual", "Revenue", "Plant", "Moorend", "• Boats", "• Cranes"):
        assert ink(page, image, text) > 0.04, text
    table = page.elements[2].table
    assert table is not None
    cell = next(cell for cell in table.cells if cell.text == "1,204")
    assert (np.asarray(image.convert("L").crop(page.pixels(cell.box, image.size))) < 128).mean() > 0.04
    assert page.elements[2].markdown == "| Plant | Cost |\n|---|---|\n| Moorend | 1,204 |"


def test_a_long_text_goes_on_over_pages_and_nothing_is_lost(tmp_path: Path) -> None:
    words = [f"word{n}" for n in range(3_000)]
    path = written(tmp_path / "a.txt", " ".join(words) + "\n\nThe end.")
    source = open(path, ReadOptions(), workdir=tmp_path)
    pages = [tasks.read(source, n, ReadOptions())[0] for n in range(source.page_count)]
    assert len(pages) > 2
    assert " ".join(page.text for page in pages).split() == [*words, "The", "end."]


def test_wide_tables_and_long_lines_of_code_are_whole(tmp_path: Path) -> None:
    cells = "".join(f"<td>R0C{n} value that is long" for n in range(30))
    heads = "".join(f"<th>Column {n}" for n in range(30))
    code = "call(" + ", ".join(f"argument_{n}=value" for n in range(30)) + ', queue="high-priority")'
    path = written(tmp_path / "a.html", f"<pre>{code}</pre><table><tr>{heads}</tr><tr>{cells}</tr></table>")
    source = open(path, ReadOptions(), workdir=tmp_path)
    pages = [tasks.read(source, n, ReadOptions())[0] for n in range(source.page_count)]
    assert pages[0].elements[0].text == code
    tables = [e.table for page in pages for e in page.elements if e.table]
    said = {(table.header(cell.column), cell.text) for table in tables for cell in table.row(1)}
    assert said == {((f"Column {n}",), f"R0C{n} value that is long") for n in range(30)}
    for page in pages:
        assert all(e.box.x0 >= 0 and e.box.x1 <= page.width and e.box.y1 <= page.height for e in page.elements)
        assert page.height >= page.width


def test_a_table_over_pages_says_its_header_again(tmp_path: Path) -> None:
    rows = "".join(f"<tr><td>Pump {n}<td>Check the seals of pump {n}<td>{n + 2} weeks" for n in range(90))
    path = written(tmp_path / "a.html", f"<table><tr><th>Part<th>Task<th>Every</tr>{rows}</table>")
    source = open(path, ReadOptions(), workdir=tmp_path)
    tables = [source.elements[n][0].table for n in range(source.page_count)]
    assert [(table.header_rows, table.continues) for table in tables if table] == [(1, False), (1, True), (1, True)]
    body = [[c.text for c in t.row(n)] for t in tables if t for n in range(t.header_rows, t.row_count)]
    assert body == [[f"Pump {n}", f"Check the seals of pump {n}", f"{n + 2} weeks"] for n in range(90)]


def test_pictures_in_the_page_and_beside_it_are_shown_and_read(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "outside.png").write_bytes(picture("SECRET WORDS"))
    (tmp_path / "site" / "beside.png").write_bytes(picture("PUMP NUMBER NINE"))
    (tmp_path / "site" / "linked.png").symlink_to(tmp_path / "outside.png")
    inside = base64.b64encode(picture()).decode()
    path = written(
        tmp_path / "site" / "a.html",
        f"<img src='data:image/png;base64,{inside}' alt='Opening hours'><img src='beside.png' alt='Plate'>"
        "<img src='../outside.png' alt='Up'><img src='linked.png' alt='Link'><img src='http://127.0.0.1:9/x.png'>",
    )
    page, _ = read_page(path)
    figures = [e.text for e in page.elements]
    assert figures == ["Opening hours OPEN AT SEVEN", "Plate PUMP NUMBER NINE", "Up", "Link"]
    source = open(path, ReadOptions(), workdir=tmp_path)
    assert source.problems == ("1 picture is elsewhere and not fetched", "2 pictures are missing or not readable")


def test_html_in_markdown_is_read_and_what_is_struck_out_is_told(tmp_path: Path) -> None:
    path = written(
        tmp_path / "manual.md",
        "# Pumps\n\n<table><tr><th>Part</th><th>Price</th></tr><tr><td>Seal</td><td>14 euros</td></tr></table>\n\n"
        "<details><summary>Warranty</summary>\n\nIt lasts **36** months, ~~24~~.\n\n</details>\n\n"
        "- [x] sealed\n- [ ] painted\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n",
    )
    page, _ = read_page(path)
    assert [(e.kind.value, e.text) for e in page.elements] == [
        ("title", "Pumps"),
        ("table", "Part | Price\nSeal | 14 euros"),
        ("text", "Warranty"),
        ("text", "It lasts 36 months, ~~24~~."),
        ("list", "• ☒ sealed\n• ☐ painted"),
        ("table", "A | B\n1 | 2"),
    ]


def test_lines_of_a_text_stay_lines_and_columns_are_a_table(tmp_path: Path) -> None:
    path = written(
        tmp_path / "log.txt",
        "Server log\n08:00 start of shift\n08:14 pump 4 stopped\n\n"
        "Item      Price   Stock\n-------  ------  ------\nBolt M8    0.12   1,204\nNut M8     0.08     977\n",
    )
    page, _ = read_page(path)
    log, table = page.elements
    assert [line.text for line in log.lines] == ["Server log", "08:00 start of shift", "08:14 pump 4 stopped"]
    assert table.table is not None
    assert (table.table.header_rows, table.text) == (
        1,
        "Item | Price | Stock\nBolt M8 | 0.12 | 1,204\nNut M8 | 0.08 | 977",
    )


@pytest.mark.parametrize("encoding", ["cp932", "utf-16"])
def test_the_declared_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    text = "<meta charset=shift_jis><title>年次報告</title><p>売上高は48億円でした。"
    source = open(written(tmp_path / "a.html", text, encoding), ReadOptions(), workdir=tmp_path)
    assert source.title == "年次報告"
    assert source.elements[0][0].text == "売上高は48億円でした。"
