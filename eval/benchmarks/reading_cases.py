"""Small files of the kinds that readers get wrong, each with its right value: `../shared/data/reading-cases`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path

from PIL import Image

from octavo.ingest import Document, Kind, Page, ReadOptions
from octavo.ingest.layout.continued import whole_tables
from octavo.ingest.model import PICTURES, TextSource
from octavo.ingest.ocr import read_line
from octavo.ingest.reading import read
from octavo.ingest.table import Table

_ALIKE = 0.8
"""OCR of a box reads its line if at least this ratio of characters is equal."""


@dataclass(frozen=True, slots=True)
class ReadingCase:
    """A file and what a person reads in it.

    `texts` stand in its text, pages joined by spaces, and `absent` do not; `once` stand there exactly once. `rows` are
    rows of its tables; the table has `row_count` rows below its header, where given. `headings` are text, in no
    picture. `size` is that of its first page, in points. With `boxes`, OCR of each line's box reads that line.
    """

    file: str
    texts: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    row_count: int | None = None
    title: str = ""
    headings: tuple[str, ...] = ()
    size: tuple[float, float] | None = None
    source: TextSource | None = None
    boxes: bool = False
    problem: str = ""


_SCAN = (
    "Annual report of Larkfield Mills",
    "Revenue in 2021 was 48.3 million euros. Operating costs were 31.7 million euros. The mill employed 412 people at "
    "year end. Net debt fell to 9.6 million euros. The board proposes a dividend of 0.85 euros per share.",
)
_MINUTES = (
    "The board met on 9 March 2021 at the town hall.", "dredging contract to Tern Marine for 3.4 million euros",
    "Mr Dale voted against the contract.",
)  # fmt: skip
_SHIFTED = ("Revenue in 2021 was 48.3 million euros, up from 45.1 million.",)
_PUMPS = tuple(
    (
        f"Pump {n}",
        f"Check the seals and the bearings of pump {n}, replace the filter cartridge and write the reading of the "
        "pressure gauge into the log book of the shift.",
        f"{n + 2} weeks",
    )
    for n in range(1, 41)
)
CASES = (
    ReadingCase(
        "docx-tracked/tracked.docx", ("The monthly rent is 2,950 euros, payable in advance.", "clause 7 conflicts"),
        absent=("2,400 euros2,950",), problem="deletion",
    ),
    ReadingCase("docx-wrapped/wrapped_table.docx", rows=_PUMPS, row_count=40),
    ReadingCase(
        "double-printed/double_printed.pdf", title="Dividend policy", boxes=True, once=(
            "The board proposes a dividend of 0.85 euros per share for 2021, payable on 14 May. The payout ratio is 42 "
            "percent of net profit.", "Dividend policy",
        ),
    ),
    ReadingCase(
        "form-fields/form_annots.pdf", absent=("Urgent: 3",), texts=(
            "Applicant: Harbour Trust Ltd", "Requested amount: 12,750 euros", "Urgent: ☒",
            "Reviewer: amount exceeds the limit of 10,000 euros",
        ),
    ),
    ReadingCase(
        "hidden-text/hidden_text.pdf", _SCAN, absent=("99 million", "77 million", "66 million", "512,000"), boxes=True,
        problem="4 lines",
    ),
    ReadingCase(
        "html-base64/base64.html",
        ("Opening hours: Monday to Friday from 7.30 to 16.45", "Opening hours board", "Call us on 555-0199."),
    ),
    ReadingCase(
        "html-charset/charset_gbk.html", ("公司2021年营业收入为48.3亿元，净利润为9.6亿元。",), title="年度报告"
    ),
    ReadingCase("html-charset/charset_sjis.html", ("2021年の売上高は48億円でした。従業員は412人です。",)),
    ReadingCase(
        "html-spans/table_spans.html", row_count=3, rows=(
            ("Red", "1,210", "640", "1,395", "702"), ("Blue", "980", "511", "1,004", ""),
            ("Green (opened in May 2023)", "", "", "455", "230"),
        ),
    ),
    ReadingCase("html-wide/table_wide.html", tuple(f"R0C{n} value" for n in range(24))),
    ReadingCase(
        "md-html/gfm.md", ("The warranty lasts 36 months.", "Diagram of the pump with 4 valves", "Photo of the gauge"),
        absent=("<table", "<details"), rows=(("Seal", "14 euros"),),
    ),
    ReadingCase("outlined-text/outlined_text.pdf", _MINUTES, headings=("Minutes of the harbour board",), boxes=True),
    ReadingCase("outlined-text/stamp_long.pdf", _MINUTES, headings=("Minutes of the harbour board",), boxes=True),
    ReadingCase("rotate-crop/crop_rot90.pdf", _SCAN, size=(550, 450), boxes=True),
    ReadingCase("rotate-crop/crop_rot180.pdf", _SCAN, size=(450, 550), boxes=True),
    ReadingCase("rotate-crop/crop_rot270.pdf", _SCAN, size=(550, 450), boxes=True),
    ReadingCase("scan-turned/scan_turned_90.pdf", _SCAN, boxes=True),
    ReadingCase("scan-turned/scan_turned_180.pdf", _SCAN, boxes=True),
    ReadingCase("scan-turned/scan_turned_270.pdf", _SCAN, boxes=True),
    ReadingCase(
        "sideways-table/sideways_table.pdf", row_count=4, boxes=True, rows=(
            ("Larkfield", "1,204", "1,377", "1,502"), ("Moorend", "866", "904", "951"),
            ("Ashby", "2,310", "2,288", "2,415"), ("Total", "4,380", "4,569", "4,868"),
        ),
    ),
    ReadingCase("superscripts/superscripts.pdf", ("$4,120³", "10⁶ litres", "H2O"), absent=("4,1203", "106 litres")),
    ReadingCase("tounicode-shift/tounicode_minus29.pdf", _SHIFTED, source=TextSource.OCR, boxes=True),
    ReadingCase("tounicode-shift/tounicode_shift3.pdf", _SHIFTED, source=TextSource.OCR, boxes=True),
    ReadingCase("txt-encoding/sjis.txt", ("2021年の売上高は48億円でした。従業員は412人です。",)),
    ReadingCase("txt-encoding/utf16_nobom.txt", ("Revenue in 2021 was 48.3 million euros.",)),
    ReadingCase(
        "txt-lines/plain_lines.txt", ("08:14 pump 4 stopped, pressure 7.2 bar",), rows=(("Nut M8", "0.08", "977"),),
    ),
    ReadingCase(
        "wrapped-cells/t_wrapped.pdf", row_count=3, rows=(
            (
                "Harbour Trust Ltd", "Cleaning of all offices, twice a week, and of the windows once in a quarter",
                "1,250 euros",
            ),
        ),
    ),
)  # fmt: skip


def report(folder: Path) -> str:
    """Returns a line for each case of a folder: right, or what is wrong with it."""
    results = outcomes(folder)
    lines = [f"right  {file}" if not wrong else f"wrong  {file}: {'; '.join(wrong)}" for file, wrong in results.items()]
    return "\n".join([*lines, f"{sum(not wrong for wrong in results.values())} of {len(results)} right"])


def outcomes(folder: Path, cases: Sequence[ReadingCase] = CASES) -> dict[str, list[str]]:
    """Returns for each case's file that is in a folder what is read wrongly, in words."""
    of = {folder / case.file: case for case in cases if (folder / case.file).is_file()}
    pictures: list[bytes] = []

    def save(webp: bytes) -> str:
        pictures.append(webp)
        return str(len(pictures) - 1)

    outcome: dict[str, list[str]] = {}
    for result in read(of, ReadOptions(), save_image=save):
        path = Path(str(result.path))
        if isinstance(result, Document):
            images = {page.number: Image.open(BytesIO(pictures[int(page.image)])) for page in result.pages}
            outcome[of[path].file] = list(_faults(of[path], result, images))
        else:
            outcome[of[path].file] = [f"not read: {result.reason}"]
    return {case.file: outcome[case.file] for case in of.values()}


def _faults(case: ReadingCase, document: Document, images: Mapping[int, Image.Image]) -> Iterator[str]:
    text = " ".join(" ".join(page.text for page in document.pages).split())
    tables = whole_tables(document.pages)
    rows = [_row(table, number) for table in tables for number in range(table.header_rows, table.row_count)]
    yield from (f"lacks {part!r}" for part in case.texts if part not in text)
    yield from (f"says {part!r}" for part in case.absent if part in text)
    yield from (f"says {part!r} {text.count(part)} times" for part in case.once if text.count(part) != 1)
    yield from (f"lacks the row {' | '.join(row)!r}" for row in case.rows if row not in rows)
    if case.row_count is not None and case.row_count not in (counts := [_body(table) for table in tables]):
        yield f"tables have {counts or 'no'} rows"
    if case.title and document.title != case.title:
        yield f"its title is {document.title!r}"
    page_text = " ".join(e.text for page in document.pages for e in page.elements if e.kind not in PICTURES)
    yield from (f"lacks the heading {part!r}" for part in case.headings if part not in page_text)
    page = document.pages[0]
    if case.size and (round(page.width), round(page.height)) != case.size:
        yield f"its page is {page.width:.0f} x {page.height:.0f} points"
    if case.source and page.source is not case.source:
        yield f"its text is from {page.source.value}"
    if case.problem and not any(case.problem in problem for problem in document.problems):
        yield f"no problem says {case.problem!r}"
    if case.boxes:
        yield from _astray(page, images[page.number])


def _row(table: Table, number: int) -> tuple[str, ...]:
    return tuple(cell.text if cell else "" for cell in table.grid()[number])


def _body(table: Table) -> int:
    return table.row_count - table.header_rows


def _astray(page: Page, image: Image.Image) -> Iterator[str]:
    """Yields lines that OCR does not read where they are said to stand, upright or turned."""
    for line in (line for e in page.elements if e.kind is not Kind.FIGURE for line in e.lines):
        crop = image.convert("RGB").crop(page.pixels(line.box, image.size))
        turns = (0,) if crop.width >= crop.height else (90, 270)
        read_there = []
        for turn in (*turns, 180):
            read_there.append(read_line(crop.rotate(turn, expand=True))[0])
            if _ratio(line.text, read_there[-1]) >= _ALIKE:
                break
        else:
            yield f"the box of {line.text!r} reads {read_there[0]!r}"


def _ratio(line: str, passage: str) -> float:
    a, b = ("".join(c for c in text.lower() if c.isalnum()) for text in (line, passage))
    return SequenceMatcher(None, a, b, autojunk=False).ratio()
