"""What Word files know and LibreOffice would lose: changes, comments, alternative texts, charts, formulas, rows."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest

from octavo.ingest import ReadOptions
from octavo.ingest.readers import open, wordml
from octavo.ingest.workers import tasks

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SPACES = (
    f'xmlns:w="{_W}" xmlns:r="{_RELS}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_CHART = (
    '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart><c:title><c:tx><c:rich><a:p><a:r>'
    "<a:t>Riders</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache>"
    '<c:pt idx="0"><c:v>Red line</c:v></c:pt></c:strCache></c:strRef></c:tx><c:cat><c:strRef><c:strCache>'
    '<c:pt idx="0"><c:v>2022</c:v></c:pt><c:pt idx="1"><c:v>2023</c:v></c:pt></c:strCache></c:strRef></c:cat><c:val>'
    '<c:numRef><c:numCache><c:formatCode>#,##0</c:formatCode><c:pt idx="0"><c:v>1210</c:v></c:pt><c:pt idx="1">'
    "<c:v>1395</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
)


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(path: Path, body: str, parts: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>',
        )
        out.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_RELS}/officeDocument" '
            'Target="word/document.xml"/></Relationships>',
        )
        out.writestr("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>")
        for name, part in (parts or {}).items():
            out.writestr(name, part)
    return path


def paragraphs(path: Path) -> list[str]:
    """The texts of the paragraphs once the file is made ready."""
    changed, _ = wordml.prepare_docx(path, ReadOptions())
    body = changed["word/document.xml"].decode()
    return ["".join(re.findall(r"<w:t[^>]*>([^<]*)", p)) for p in re.split(r"</w:p>", body)[:-1]]


def test_tracked_changes_are_accepted_and_deletions_told(tmp_path: Path) -> None:
    gone = '<w:del w:id="1"><w:r><w:delText>2,400</w:delText></w:r></w:del>'
    new = f'<w:ins w:id="2">{run("2,950")}</w:ins>'
    ended = '<w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr>'
    row = "<w:tr>{}<w:tc><w:p>" + run("{}") + "</w:p></w:tc></w:tr>"
    path = docx(
        tmp_path / "lease.docx",
        f"<w:p>{run('The rent is ')}{gone}{new}{run(' euros.')}</w:p>"
        f"<w:p>{ended}{run('It is paid ')}</w:p><w:p>{run('in advance.')}</w:p>"
        f"<w:tbl>{row.format('', 'Ground')}{row.format('<w:trPr><w:del/></w:trPr>', 'Cellar')}</w:tbl>"
        f"<w:p><w:moveFrom>{run('moved')}</w:moveFrom></w:p><w:p><w:moveTo>{run('moved')}</w:moveTo></w:p>",
    )
    assert [text for text in paragraphs(path) if text] == [
        "The rent is 2,950 euros.",
        "It is paid in advance.",
        "Ground",
        "moved",
    ]
    assert wordml.prepare_docx(path, ReadOptions())[1] == ["2 tracked deletions are left out"]


def test_comments_alternative_texts_and_values_of_charts_stand_below_what_they_are_about(tmp_path: Path) -> None:
    drawing = (
        '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="p" descr="{}"/><a:graphic><a:graphicData>{}'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    path = docx(
        tmp_path / "a.docx",
        f'<w:p>{run("Clause 7.")}<w:r><w:commentReference w:id="0"/></w:r></w:p>'
        f"<w:p>{drawing.format('Pump with 4 valves', '<pic:pic/>')}</w:p>"
        f"<w:p>{drawing.format('image1.png', '<pic:pic/>')}</w:p>"
        f"""<w:p>{drawing.format("", '<c:chart r:id="rId4"/>')}</w:p><w:p>{run("End.")}</w:p>""",
        {
            "word/comments.xml": f'<w:comments {_SPACES}><w:comment w:id="0" w:author="Bea"><w:p>'
            f"{run('Check with the lawyer')}</w:p></w:comment></w:comments>",
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId4" '
            f'Type="{_RELS}/chart" Target="charts/chart1.xml"/></Relationships>',
            "word/charts/chart1.xml": _CHART,
        },
    )
    assert [text for text in paragraphs(path) if text] == [
        "Clause 7.",
        "[Comment by Bea: Check with the lawyer]",
        "[Picture: Pump with 4 valves]",
        "Chart: Riders",
        "Red line",
        "2022",
        "1,210",
        "2023",
        "1,395",
        "End.",
    ]


def test_formulas_are_said_in_one_line(tmp_path: Path) -> None:
    part = "<m:r><m:t>{}</m:t></m:r>".format
    square = f"<m:sSup><m:e>{part('c')}</m:e><m:sup>{part('2')}</m:sup></m:sSup>"
    root = f"<m:rad><m:deg/><m:e>{part('a+b')}</m:e></m:rad>"
    path = docx(
        tmp_path / "a.docx",
        f"<w:p>{run('With')}<m:oMath>{part('E')}{part('=')}{part('m')}{square}</m:oMath>{run('holds.')}</w:p>"
        f"<w:p><m:oMathPara><m:oMath>{root}</m:oMath></m:oMathPara></w:p>",
    )
    assert paragraphs(path) == ["With E = mc² holds.", " √(a+b) "]


def test_hidden_text_is_told(tmp_path: Path) -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>seen</w:t></w:r>'
    path = docx(tmp_path / "a.docx", f"<w:p>{hidden}{run('Words.')}</w:p><w:p>{shown}</w:p>")
    assert wordml.prepare_docx(path, ReadOptions())[1] == ["1 paragraph with hidden text, which is left out"]


def test_results_of_fields_stay_as_the_file_shows_them(tmp_path: Path) -> None:
    def complex_field(code: str, result: str) -> str:
        mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
        instruction = f"<w:r><w:instrText>{code}</w:instrText></w:r>"
        return f"{mark('begin')}{instruction}{mark('separate')}{run(result)}{mark('end')}"

    path = docx(
        tmp_path / "a.docx",
        f'<w:p>{run("See page ")}<w:fldSimple w:instr=" PAGEREF x ">{run("7")}</w:fldSimple>{run(", of ")}'
        f"{complex_field(' DATE ', '1 May 2021')}</w:p><w:p>{complex_field(' PAGE ', '3')}</w:p>",
    )
    changed, _ = wordml.prepare_docx(path, ReadOptions())
    body = changed["word/document.xml"].decode()
    assert paragraphs(path)[0] == "See page 7, of 1 May 2021"
    assert re.findall(r"<w:instrText>([^<]*)|fldCharType=.(\w+)", body) == [
        ("", "begin"),
        (" PAGE ", ""),
        *(("", "separate"), ("", "end")),
    ]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_rows_of_a_table_are_whole_on_every_page_below_its_header(tmp_path: Path) -> None:
    def row(*texts: str) -> str:
        cells = "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="2800" w:type="dxa"/></w:tcPr><w:p>{run(t)}</w:p></w:tc>' for t in texts
        )
        return f"<w:tr>{cells}</w:tr>"

    sides = "".join(
        f'<w:{s} w:val="single" w:sz="4"/>' for s in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    work = (
        "Check the seals and the bearings of pump {0}, replace the cartridge and write down the pressure of pump {0}."
    )
    rows = [row("Machine", "Work to be done", "Interval")]
    rows += [row(f"Pump {n}", work.format(n), f"{n + 2} weeks") for n in range(1, 21)]
    path = docx(
        tmp_path / "plan.docx", f"<w:tbl><w:tblPr><w:tblBorders>{sides}</w:tblBorders></w:tblPr>{''.join(rows)}</w:tbl>"
    )
    source = open(path, ReadOptions(), workdir=tmp_path)
    pages = [tasks.read(source, n, ReadOptions())[0] for n in range(source.page_count)]
    tables = [e.table for page in pages for e in page.elements if e.table]
    assert len(tables) == source.page_count > 1
    assert all(table.header(2) == ("Interval",) for table in tables)
    said = [[cell.text for cell in table.row(n)] for table in tables for n in range(table.header_rows, table.row_count)]
    assert said == [[f"Pump {n}", work.format(n), f"{n + 2} weeks"] for n in range(1, 21)]
