"""What decks say that their slides do not show, or that would be guessed back from them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from octavo.ingest import Page, ReadOptions
from octavo.ingest.model import Box, Kind
from octavo.ingest.readers import open, slideml
from octavo.ingest.workers import tasks

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_NAMES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def blank(deck: Any) -> Any:
    return deck.slides.add_slide(deck.slide_layouts[6])


def add_chart(slide: Any, title: str) -> None:
    data = CategoryChartData(number_format="#,##0")
    data.categories = ["2022", "2023"]
    data.add_series("Red", (1210, 1395))
    data.add_series("Blue", (640, 702))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(1), Inches(5), Inches(3), data)
    frame.chart.has_title = True
    frame.chart.chart_title.text_frame.text = title


def add_picture(shapes: Any, folder: Path, text: str) -> None:
    Image.new("RGB", (300, 200), "teal").save(folder / "p.png")
    picture = shapes.add_picture(str(folder / "p.png"), Inches(2), Inches(2), Inches(2), Inches(1))
    picture._element.nvPicPr.cNvPr.set("descr", text)


def add_comment(deck: Any, slide: Any, author: str, text: str) -> None:
    def part(name: str, kind: str, markup: str) -> Part:
        content = f"application/vnd.openxmlformats-officedocument.presentationml.{kind}+xml"
        return Part(PackURI(name), content, deck.part.package, markup.encode())

    authors = f'<p:cmAuthorLst {_NAMES}><p:cmAuthor id="0" name="{author}" initials="B"/></p:cmAuthorLst>'
    comment = (
        f'<p:cmLst {_NAMES}><p:cm authorId="0" dt="2021-01-01T00:00:00.000" idx="1"><p:pos x="3000" y="1000"/>'
        f"<p:text>{text}</p:text></p:cm></p:cmLst>"
    )
    deck.part.relate_to(part("/ppt/commentAuthors.xml", "commentAuthors", authors), f"{_RELS}/commentAuthors")
    slide.part.relate_to(part("/ppt/comments/comment1.xml", "comments", comment), f"{_RELS}/comments")


def add_formula(slide: Any) -> None:
    run = "<m:r><m:t>{}</m:t></m:r>".format
    square = f"<m:sSup><m:e>{run('c')}</m:e><m:sup>{run('2')}</m:sup></m:sSup>"
    math = f"<m:oMath>{run('E')}{run('=')}{run('m')}{square}</m:oMath>"
    shape = (
        '<p:sp><p:nvSpPr><p:cNvPr id="9" name="F"/><p:cNvSpPr txBox="1"/><p:nvPr/></p:nvSpPr><p:spPr><a:xfrm><a:off '
        'x="914400" y="5000000"/><a:ext cx="5486400" cy="914400"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:p>{}</a:p></p:txBody></p:sp>"
    )
    said = f"<a:r><a:t>We know</a:t></a:r><a14:m><m:oMathPara>{math}</m:oMathPara></a14:m>"
    slide.shapes._spTree.append(
        etree.fromstring(
            f'<mc:AlternateContent {_NAMES}><mc:Choice Requires="a14">{shape.format(said)}</mc:Choice><mc:Fallback>'
            f"{shape.format('<a:r><a:t>?</a:t></a:r>')}</mc:Fallback></mc:AlternateContent>"
        )
    )


def pages(path: Path) -> list[Page]:
    source = open(path, ReadOptions(), workdir=path.parent)
    return [tasks.read(source.for_page(n), n, ReadOptions())[0] for n in range(source.page_count)]


def test_charts_pictures_in_groups_and_tables_are_described_where_they_stand(tmp_path: Path) -> None:
    deck = Presentation()
    slide = blank(deck)
    add_chart(slide, "Riders")
    group = slide.shapes.add_group_shape()
    add_picture(group.shapes, tmp_path, "Pump with 4 valves")
    group.left, group.top, group.width, group.height = Inches(6), Inches(3), Inches(4), Inches(2)
    second = blank(deck)
    add_picture(second.shapes, tmp_path, "p.png")
    table = second.shapes.add_table(2, 3, Inches(1), Inches(3), Inches(6), Inches(2)).table
    for row, texts in enumerate((("Line", "Riders", ""), ("Red", "1,210", "640"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    deck.save(str(tmp_path / "a.pptx"))
    found = slideml.read(tmp_path / "a.pptx", "a.pptx").described
    chart, picture = found[0]
    assert (chart.kind, chart.text, chart.box) == (
        Kind.CHART,
        "Chart: Riders",
        pytest.approx((0.1, 2 / 15, 0.6, 8 / 15)),
    )
    assert chart.table is not None
    assert chart.table.csv() == ',Red,Blue\r\n2022,"1,210",640\r\n2023,"1,395",702\r\n'
    assert (picture.text, picture.box) == ("[Picture: Pump with 4 valves]", pytest.approx((0.6, 0.4, 1.0, 2 / 3)))
    [cells] = found[1]
    assert cells.table is not None
    assert [(cell.text, cell.column_span) for cell in cells.table.cells] == [
        ("Line", 1),
        ("Riders", 2),
        *(("Red", 1), ("1,210", 1), ("640", 1)),
    ]
    assert cells.table.header(2) == ("Riders",)
    assert cells.table.cells[0].box == pytest.approx(Box(0.1, 0.4, 0.3, 0.4 + 2 / 15))


def test_formulas_are_written_in_one_line(tmp_path: Path) -> None:
    deck = Presentation()
    add_formula(blank(deck))
    deck.save(str(tmp_path / "a.pptx"))
    changed = slideml.prepare_pptx(tmp_path / "a.pptx", ReadOptions())
    root = etree.fromstring(changed["ppt/slides/slide1.xml"])
    assert [t.text for t in root.iter("{*}t")] == ["We know", " E = mc² "]
    assert not any(True for _ in root.iter("{*}AlternateContent"))


def test_points_of_a_diagram_and_media_are_told(tmp_path: Path) -> None:
    deck = Presentation()
    slide = blank(deck)
    data = (
        '<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt><dgm:t><a:p><a:r><a:t>Plan'
        "</a:t></a:r></a:p></dgm:t></dgm:pt><dgm:pt><dgm:t><a:p><a:r><a:t>Build</a:t></a:r></a:p></dgm:t></dgm:pt>"
        "</dgm:ptLst></dgm:dataModel>"
    )
    content = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    part = Part(PackURI("/ppt/diagrams/data1.xml"), content, deck.part.package, data.encode())
    name = slide.part.relate_to(part, f"{_RELS}/diagramData")
    slide.shapes._spTree.append(
        etree.fromstring(
            f'<p:graphicFrame {_NAMES} xmlns:r="{_RELS}"><p:nvGraphicFramePr><p:cNvPr id="4" name="D"/>'
            '<p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="0" y="0"/><a:ext cx="4572000" '
            'cy="3429000"/></p:xfrm><a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/diagram">'
            '<dgm:relIds xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
            f'r:dm="{name}"/></a:graphicData></a:graphic></p:graphicFrame>'
        )
    )
    slide.shapes[0]._element.find("{*}nvGraphicFramePr/{*}nvPr").append(etree.fromstring(f"<a:videoFile {_NAMES}/>"))
    deck.save(str(tmp_path / "a.pptx"))
    slides = slideml.read(tmp_path / "a.pptx", "a.pptx")
    [diagram] = slides.described[0]
    assert (diagram.text, diagram.box) == ("Plan · Build", pytest.approx(Box(0, 0, 0.5, 0.5)))
    assert slides.problems == ("1 video or sound is left out",)


def add_box(slide: Any, left: float, title: str, *paragraphs: str) -> None:
    frame = slide.shapes.add_textbox(Inches(left), Inches(1.5), Inches(2.9), Inches(4)).text_frame
    frame.word_wrap = True
    frame.text = title
    frame.paragraphs[0].runs[0].font.bold = True
    for text in paragraphs:
        frame.add_paragraph().text = text


@needs_office
def test_text_boxes_side_by_side_are_lists_below_their_headings(tmp_path: Path) -> None:
    deck = Presentation()
    slide = blank(deck)
    add_box(slide, 0.4, "Before you launch", "Helmet below the weir", "Spare paddle: one per four boats and a line")
    add_box(slide, 3.5, "If you capsize", "Stay on the upstream side of the boat", "Hold the paddle")
    add_box(slide, 6.6, "On the river", "Keep right of moored barges", "One long blast = stop")
    deck.save(str(tmp_path / "a.pptx"))
    [page] = pages(tmp_path / "a.pptx")
    assert "capsize\n• Stay on the upstream side of the boat\n• Hold the paddle\nOn the river" in page.text
    assert not any(e.kind is Kind.TABLE for e in page.elements)


def test_a_text_box_with_a_field_has_no_heading(tmp_path: Path) -> None:
    deck = Presentation()
    slide = blank(deck)
    add_box(slide, 0.4, "Edition", "Spring 2025")
    paragraph = slide.shapes[0].text_frame.paragraphs[0]._p
    field = etree.SubElement(paragraph, f"{{{_DRAWING}}}fld", id="{0}", type="slidenum")
    etree.SubElement(field, f"{{{_DRAWING}}}t").text = "1"
    paragraph.remove(paragraph.r_lst[0])
    deck.save(str(tmp_path / "a.pptx"))
    [box] = slideml.read(tmp_path / "a.pptx", "a.pptx").described[0]
    assert (box.kind, box.title, box.text) == (Kind.TEXT, "", "1\nSpring 2025")


@needs_office
def test_a_slide_says_what_its_file_knows(tmp_path: Path) -> None:
    deck = Presentation()
    slide = blank(deck)
    add_chart(slide, "Riders")
    add_formula(slide)
    add_comment(deck, slide, "Bea", "Check the figures of Blue")
    second = blank(deck)
    table = second.shapes.add_table(4, 2, Inches(1), Inches(2), Inches(6), Inches(1)).table
    rows = (
        ("Line", "Riders"),
        ("Red", "1,210"),
        ("Blue with a name that takes more than one line in its narrow cell", "640"),
    )
    for row, texts in enumerate((*rows, ("Green", "12"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    deck.save(str(tmp_path / "a.pptx"))
    first, last = pages(tmp_path / "a.pptx")
    said = [(e.kind.value, e.text) for e in first.elements]
    assert ("table", "Red | Blue\n2022 | 1,210 | 640\n2023 | 1,395 | 702") in said
    assert ("caption", "Chart: Riders") in said
    assert ("text", "Comment by Bea: Check the figures of Blue") in said
    assert any("We know E = mc²" in text for _, text in said)
    [element] = last.elements
    assert element.table is not None
    assert [line.text for line in element.lines] == [" | ".join(texts) for texts in (*rows, ("Green", "12"))]
    tops = [cell.box.y0 for cell in element.table.cells if cell.column == 0]
    assert tops[3] - tops[2] > 1.8 * (tops[2] - tops[1])  # the row of Blue takes two lines or more
    assert element.box.y1 > element.lines[3].box.y0 + 15


@needs_office
def test_a_broken_deck_is_one_sentence(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pptx", "w") as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        out.writestr("ppt/presentation.xml", "<p")
    with pytest.raises(Exception, match=r"a\.pptx"):
        open(tmp_path / "a.pptx", ReadOptions(), workdir=tmp_path)
