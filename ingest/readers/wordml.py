"""DOCX files made ready for LibreOffice: what it would lose or run together is written into their text.

Tracked changes are accepted, and results of fields stay as the file shows them; comments, alternative texts and the
values of charts stand below what they are about; formulas are written in one line; rows of tables do not part at the
end of a page, and header rows are said again.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from octavo.ingest.markup import formulas
from octavo.ingest.markup.blocks import Grid
from octavo.ingest.markup.text import header_rows
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import archive, charts
from octavo.ingest.table import Table

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_CHANGES = re.compile(r"\{.*\}(?:\w+PrChange|tblGridChange|numberingChange)$")
_RESULTS = frozenset({
    "DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME", "REF", "PAGEREF", "NOTEREF", "STYLEREF",
    "AUTHOR", "LASTSAVEDBY", "USERNAME", "USERINITIALS", "FILENAME", "FILESIZE", "TITLE", "SUBJECT", "KEYWORDS",
    "COMMENTS", "IF", "DOCPROPERTY", "DOCVARIABLE", "INFO", "QUOTE", "SEQ", "MERGEFIELD", "COMPARE", "NUMWORDS",
    "NUMCHARS", "INCLUDETEXT", "LINK",
})  # fmt: skip
"""Fields whose results the file keeps and shows until someone works them out again."""
_OFF = ("0", "false", "off")
_FILE_NAME = re.compile(r"\S+\.\w{2,5}|https?:\S+")


def prepare_docx(path: Path, options: ReadOptions) -> tuple[dict[str, bytes], list[str]]:
    """Returns the parts of a DOCX that change, and what is left out, in sentences."""
    changed: dict[str, bytes] = {}
    deleted = hidden = 0
    with archive.open_archive(path, options) as packed:
        names = set(packed.namelist())
        comments = _comments(packed) if "word/comments.xml" in names else {}
        for name in sorted(filter(_PARTS.fullmatch, names)):
            try:
                root = _parse(packed.read(name))
            except etree.XMLSyntaxError:
                continue  # LibreOffice says what it makes of it
            deleted += _accept(root)
            hidden += sum(map(_is_hidden, root.iter(f"{_W}p")))
            _keep_results(root)
            _say_formulas(root)
            _keep_rows(root)
            _say_beside(root, comments, _charts(packed, name, names))
            changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    notes = [f"{deleted} tracked deletion{'s are' if deleted > 1 else ' is'} left out"] if deleted else []
    notes += [f"{hidden} paragraph{'s' if hidden > 1 else ''} with hidden text, which is left out"] if hidden else []
    return changed, notes


def _is_hidden(paragraph: etree._Element) -> bool:
    """Returns true where some of a paragraph's text is hidden."""
    marks = paragraph.iterfind(f"{_W}r/{_W}rPr/{_W}vanish")
    return any(
        mark.get(f"{_W}val") not in _OFF and any(t.text for t in mark.getparent().getparent().iter(f"{_W}t"))
        for mark in marks
    )


def _parse(part: bytes) -> etree._Element:
    return etree.fromstring(part, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _accept(root: etree._Element) -> int:
    """Accepts tracked changes; how many deletions of text that were."""
    deleted = 0
    for node in [*root.iter(f"{_W}del", f"{_W}moveFrom")]:
        parent = node.getparent()
        if parent is None:
            continue
        if parent.tag == f"{_W}trPr":
            _remove(parent.getparent())
            deleted += 1
        elif parent.tag == f"{_W}rPr":
            parent.remove(node)
            if parent.getparent().tag == f"{_W}pPr":
                _join_with_next(parent.getparent().getparent())
        else:
            deleted += node.tag == f"{_W}del" and any(t.text for t in node.iter(f"{_W}delText"))
            _remove(node)
    for new in [*root.iter(f"{_W}ins", f"{_W}moveTo")]:
        parent = new.getparent()
        place = parent.index(new)
        parent[place : place + 1] = list(new)
    for change in [e for e in root.iter() if isinstance(e.tag, str) and _CHANGES.match(e.tag)]:
        _remove(change)
    return deleted


def _remove(node: etree._Element) -> None:
    if node.getparent() is not None:
        node.getparent().remove(node)


def _join_with_next(paragraph: etree._Element) -> None:
    """Joins a paragraph whose end is deleted with the next one."""
    following = paragraph.getnext()
    if following is None or following.tag != f"{_W}p":
        return
    start = 1 if len(following) and following[0].tag == f"{_W}pPr" else 0
    following[start:start] = [child for child in paragraph if child.tag != f"{_W}pPr"]
    _remove(paragraph)


def _keep_results(root: etree._Element) -> None:
    """Leaves the results of fields as the file shows them, where LibreOffice would work them out again.

    Dates become today's and references to what is not there an error message otherwise. Page numbers stay fields.
    """
    for simple in [*root.iter(f"{_W}fldSimple")]:
        if _is_kept(simple.get(f"{_W}instr", "")) and len(simple):
            parent = simple.getparent()
            place = parent.index(simple)
            parent[place : place + 1] = list(simple)
    open_fields: list[_Field] = []
    for run in [*root.iter(f"{_W}r")]:
        mark = run.find(f"{_W}fldChar")
        kind = "" if mark is None else mark.get(f"{_W}fldCharType", "")
        if kind == "begin":
            open_fields.append(_Field())
        if not open_fields:
            continue
        current = open_fields[-1]
        if not current.has_result or kind:
            current.code.append(run)
            current.instruction += "".join(part.text or "" for part in run.iter(f"{_W}instrText"))
        current.has_result = current.has_result or kind == "separate"
        if kind == "end":
            open_fields.pop()
            if current.has_result and _is_kept(current.instruction):
                for part in current.code:
                    _remove(part)


@dataclass
class _Field:
    """A field that runs over several runs: those of its code, and whether the next ones are its result."""

    code: list[etree._Element] = field(default_factory=list)
    instruction: str = ""
    has_result: bool = False


def _is_kept(instruction: str) -> bool:
    name = (instruction.split() or [""])[0].upper()
    return name in _RESULTS or name.startswith("=")


def _say_formulas(root: etree._Element) -> None:
    for math in [*root.iter(f"{_M}oMath")]:
        outer = math.getparent()
        target = outer if outer.tag == f"{_M}oMathPara" else math
        run = _run(f" {formulas.linear_office(math)} ")
        if target is outer:
            target.addprevious(run)
            math.getparent().remove(math)
            if not any(True for _ in target.iter(f"{_M}oMath")):
                _remove(target)
        else:
            target.getparent().replace(target, run)


def _keep_rows(root: etree._Element) -> None:
    for table in root.iter(f"{_W}tbl"):
        rows = list(table.iterchildren(f"{_W}tr"))
        for row in rows:
            _mark(row, "cantSplit")
        marked = any(row.find(f"{_W}trPr/{_W}tblHeader") is not None for row in rows)
        texts = [[_text(cell) for cell in row.iterchildren(f"{_W}tc")] for row in rows[:60]]
        if rows and not marked and len({len(row) for row in texts}) == 1 and header_rows(texts):
            _mark(rows[0], "tblHeader")


def _mark(row: etree._Element, name: str) -> None:
    properties = row.find(f"{_W}trPr")
    if properties is None:
        properties = etree.Element(f"{_W}trPr")
        row.insert(1 if len(row) and row[0].tag == f"{_W}tblPrEx" else 0, properties)
    if properties.find(f"{_W}{name}") is None:
        etree.SubElement(properties, f"{_W}{name}")


def _say_beside(root: etree._Element, comments: Mapping[str, str], charts: Mapping[str, Grid]) -> None:
    """Writes comments, alternative texts and charts' values below the paragraphs that they belong to."""
    for paragraph in [*root.iter(f"{_W}p")]:
        if next(paragraph.iterancestors(f"{_W}txbxContent"), None) is not None:
            continue
        paragraphs: list[etree._Element] = []
        for about in paragraph.iter(f"{_WP}docPr"):
            text = " ".join((about.get("descr") or "").split())
            shows = any(True for _ in about.getparent().iter(f"{_PIC}pic", f"{_C}chart"))
            if shows and text and not is_file_name(text):
                paragraphs.append(_note(f"[Picture: {text}]"))
        for chart in paragraph.iter(f"{_C}chart"):
            grid = charts.get(chart.get(f"{_R}id", ""))
            if grid is not None:
                paragraphs += [_note(grid.caption), _table(grid.table)]
        for mark in paragraph.iter(f"{_W}commentReference"):
            if note := comments.get(mark.get(f"{_W}id", "")):
                paragraphs.append(_note(note))
        for element in reversed(paragraphs):
            paragraph.addnext(element)


def is_file_name(text: str) -> bool:
    """Returns true for an alternative text that is the name of a file, which does not describe a picture."""
    return bool(_FILE_NAME.fullmatch(text))


def _comments(packed: zipfile.ZipFile) -> dict[str, str]:
    try:
        root = _parse(packed.read("word/comments.xml"))
    except etree.XMLSyntaxError:
        return {}
    return {
        comment.get(f"{_W}id", ""): f"[Comment by {comment.get(f'{_W}author') or 'someone'}: {_text(comment)}]"
        for comment in root.iter(f"{_W}comment")
    }


def _charts(packed: zipfile.ZipFile, part: str, names: set[str]) -> dict[str, Grid]:
    """Returns the charts of a part by the name that its text refers to them by."""
    folder, _, name = part.rpartition("/")
    links = f"{folder}/_rels/{name}.rels"
    if links not in names:
        return {}
    result: dict[str, Grid] = {}
    for link in _parse(packed.read(links)):
        target = posixpath.normpath(posixpath.join(folder, link.get("Target", "")))
        if link.get("Type", "").endswith("/chart") and target in names and (grid := charts.values(packed.read(target))):
            result[link.get("Id", "")] = grid
    return result


def _text(node: etree._Element) -> str:
    return " ".join(" ".join("".join(t.text or "" for t in p.iter(f"{_W}t")) for p in node.iter(f"{_W}p")).split())


def _run(text: str, italic: bool = False) -> etree._Element:
    run = etree.Element(f"{_W}r")
    if italic:
        properties = etree.SubElement(run, f"{_W}rPr")
        etree.SubElement(properties, f"{_W}i")
        etree.SubElement(properties, f"{_W}sz", {f"{_W}val": "18"})
    written = etree.SubElement(run, f"{_W}t")
    written.text = "".join(c for c in text if c >= " ")
    written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    return run


def _note(text: str) -> etree._Element:
    paragraph = etree.Element(f"{_W}p")
    paragraph.append(_run(text, italic=True))
    return paragraph


def _table(table: Table) -> etree._Element:
    element = etree.Element(f"{_W}tbl")
    borders = etree.SubElement(etree.SubElement(element, f"{_W}tblPr"), f"{_W}tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        etree.SubElement(borders, f"{_W}{side}", {f"{_W}val": "single", f"{_W}sz": "4"})
    for row in table.grid():
        line = etree.SubElement(element, f"{_W}tr")
        for cell in row:
            paragraph = etree.SubElement(etree.SubElement(line, f"{_W}tc"), f"{_W}p")
            paragraph.append(_run(cell.text if cell else ""))
    return element
