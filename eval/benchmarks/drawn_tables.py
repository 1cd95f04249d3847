"""Pages with tables whose truth is known because they are drawn here, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pymupdf

from octavo.eval.benchmarks.table_drawing import TableDrawing, TableStyle
from octavo.ingest.table import Cell, Table

KINDS = (
    "ruled", "borderless", "banded", "wrapped", "spanned", "headers",
    "texts", "empty", "pages", "beside", "sideways", "scanned",
)  # fmt: skip
"""The kinds of drawn tables: the seed's place in this list, over and over."""
_PLACES = ["Larkfield", "Moorend", "Ashby", "Trondheim", "Oldham", "Kettering", "Alcester", "Vienna", "Porto", "Malmö"]
_ITEMS = [
    "Revenue", "Cost of sales", "Gross profit", "Research and development", "Depreciation", "Interest income",
    "Net income", "Cash and cash equivalents", "Trade receivables", "Inventories", "Total current assets",
    "Property, plant and equipment", "Goodwill", "Short-term borrowings", "Deferred tax", "Total equity",
]  # fmt: skip
_PEOPLE = ["Harbour Trust Ltd", "Ashby Clinic", "Moorend School", "Northern Mills", "Blue Ferry Co.", "City Library"]
_SENTENCES = """
check the seals and bearings of each pump replace worn parts and note the hours in the log before end of shift waste is
collected on every working day including sharps garden work and snow clearing from November to March cleaning of all
offices twice a week with windows once in a quarter subject to written notice of two months
"""
_STATES = ["approved", "pending", "closed", "in review", "not started", "yes", "no", "n/a", "high", "medium", "low"]
_KEYS = [
    "Destination", "Departure", "Carrier", "Contact", "Vessel", "Cargo", "Insurance", "Currency", "Purpose", "Agent",
]  # fmt: skip
_NAMES = ["Plant", "Fee", "State", "Amount", "Share", "Cost"]
_FONTS = ["helv", "tiro", "cour"]


@dataclass(frozen=True, slots=True)
class DrawnDocument:
    """A PDF with its true tables, in reading order; a table that goes on over pages is one."""

    kind: str
    seed: int
    pdf: bytes
    tables: tuple[Table, ...]


def draw_document(seed: int) -> DrawnDocument:
    """Returns the drawn document of a seed."""
    source = random.Random(seed)  # noqa: S311 - not for secrets
    kind = KINDS[seed % len(KINDS)]
    document = pymupdf.open()
    width, height = source.choice([(595, 842), (612, 792)])
    style = _style(kind, source)
    tables = [content(kind, source) for _ in range(2 if kind == "beside" else 1)]
    page = document.new_page(width=width, height=height)
    top = _prose(page, source, 60)
    if kind == "sideways":
        _sideways(page, tables[0], style, source, top)
    elif kind == "beside":
        bottoms = []
        gap = source.uniform(24, 40)
        half = (width - 100 - gap) / 2
        for n, table in enumerate(tables):
            bottoms.append(TableDrawing(document, style, 50 + n * (half + gap), half, top).draw(table, repeat=False))
        _prose(document[-1], source, max(bottoms) + 24)
    else:
        across = (width - 100) * (1 if kind in ("pages", "wrapped") else source.uniform(0.6, 1))
        bottom = TableDrawing(document, style, 50, across, top).draw(tables[0], repeat=source.random() < 0.5)
        if bottom < height - 160:
            _prose(document[-1], source, bottom + 24)
    pdf = _scan(document, source) if kind == "scanned" else document.tobytes()
    return DrawnDocument(kind, seed, pdf, tuple(tables))


def content(kind: str, source: random.Random) -> Table:
    """Returns the cells of a table of a kind."""
    if kind == "texts":
        return _key_values(source)
    makers = _columns(kind, source)
    count = {"pages": source.randint(55, 90), "beside": source.randint(4, 9)}.get(kind, source.randint(4, 14))
    header = _header(kind, len(makers), source)
    depth = max(cell.row + cell.row_span for cell in header)
    cells = list(header)
    row = depth
    labels = iter(source.sample(_ITEMS, len(_ITEMS)) * 6)
    while row < depth + count:
        span = source.randint(2, 3) if kind == "spanned" and source.random() < 0.4 else 1
        cells.append(Cell(row, 0, next(labels) if len(makers) > 2 else makers[0](), row_span=span))
        for below in range(row, row + span):
            for column in range(1, len(makers)):
                empty = source.random() < (0.3 if kind == "empty" else 0.02)
                cells.append(Cell(below, column, "" if empty else makers[column]()))
        row += span
    return Table(tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))), depth)


def _style(kind: str, source: random.Random) -> TableStyle:
    rules = {
        "ruled": ["grid"], "borderless": ["none"], "banded": ["none"], "spanned": ["grid"],
        "headers": ["grid", "book"], "wrapped": ["grid", "rows", "none", "banded"],
    }.get(kind, ["grid", "rows", "book", "none"])  # fmt: skip
    chosen = source.choice(rules)
    banded = kind == "banded" or chosen == "banded"
    return TableStyle(
        font=source.choice(_FONTS[:2] if kind in ("pages", "wrapped") else _FONTS),
        size=source.uniform(8, 10.5),
        rules="none" if banded else chosen,
        banded=banded,
        pad=source.uniform(2.5, 5),
        middle=source.random() < 0.3 and chosen == "grid",
        shaded=source.random() < 0.4,
    )


def _columns(kind: str, source: random.Random) -> list[Callable[[], str]]:
    """Returns the values of each column; the first names the row."""
    name: Callable[[], str] = lambda: source.choice(_PEOPLE)  # noqa: E731
    if kind == "wrapped":
        long: Callable[[], str] = lambda: _sentence(source, source.randint(6, 20))  # noqa: E731
        rest = [long, _numbers(source)]
        return [name, *rest] if source.random() < 0.5 else [name, *rest, _words(source)]
    count = source.randint(3, 4) if kind == "beside" else source.randint(3, 6)
    return [name, *(_numbers(source) if source.random() < 0.75 else _words(source) for _ in range(count - 1))]


def _header(kind: str, columns: int, source: random.Random) -> list[Cell]:
    base = source.randint(2012, 2020)
    years = [str(base + n) for n in range(columns)]
    if kind in ("headers", "spanned") and columns > 3:
        first = source.choice(["", "Item", "In thousands"])
        cells = [Cell(0, 0, first, row_span=2)]
        column = 1
        while column < columns:
            span = min(2, columns - column)
            cells.append(Cell(0, column, years[column], column_span=span, row_span=1 if span == 2 else 2))
            if span == 2:
                names = source.choice([("Peak", "Off-peak"), ("Actual", "Budget"), ("Plan", "Result")])
                cells += [Cell(1, column + n, name) for n, name in enumerate(names)]
            column += span
        return cells
    first = source.choice(["Item", "Name", "", "In millions of euros"])
    rest = years[1:] if source.random() < 0.5 else source.sample(_NAMES, columns - 1)
    return [Cell(0, n, text) for n, text in enumerate([first, *rest][:columns])]


def _key_values(source: random.Random) -> Table:
    """Returns names and values, all of them words, without a header."""
    columns = source.choice([2, 2, 3])
    values = [*_PLACES, *_PEOPLE, "by sea", "Mrs. Vogel", "general goods"]
    keys = source.sample(_KEYS, source.randint(5, 9))
    return Table.of([key, *(source.choice(values) for _ in range(columns - 1))] for key in keys)


def _words(source: random.Random) -> Callable[[], str]:
    words = source.choice([_STATES, _PLACES])
    return lambda: source.choice(words)


def _numbers(source: random.Random) -> Callable[[], str]:
    """Returns numbers of one format; some are negative, in parentheses, or left out with a dash."""
    style = source.choice(["{:,.0f}", "{:,.1f}", "{:.1f}%", "${:,.0f}"])
    most = 100 if "%" in style else source.choice([1_000, 100_000])

    def number() -> str:
        text = style.format(source.uniform(0, most))
        return source.choice([text] * 8 + [f"({text})", "-"])

    return number


def _sentence(source: random.Random, count: int) -> str:
    words = _SENTENCES.split()
    start = source.randrange(len(words))
    return " ".join((words * 2)[start : start + count]).capitalize()


def _prose(page: pymupdf.Page, source: random.Random, top: float) -> float:
    """Returns a heading and a paragraph at `top`; returns where they end."""
    page.insert_text((50, top), f"{source.choice(_ITEMS)} in {source.choice(_PLACES)}", fontsize=14, fontname="hebo")
    words = " ".join(_sentence(source, 18) + "." for _ in range(3))
    box = pymupdf.Rect(50, top + 10, page.rect.width - 50, top + 70)
    room = page.insert_textbox(box, words, fontsize=10, fontname="helv")
    return box.y1 - max(0.0, room) + 14


def _sideways(page: pymupdf.Page, table: Table, style: TableStyle, source: random.Random, top: float) -> None:
    """The table turned by a quarter, as wide tables are set."""
    sheet = pymupdf.open()
    width, height = page.rect.height - top - 60, page.rect.width - 100
    sheet.new_page(width=width, height=height)
    TableDrawing(sheet, replace(style, size=min(style.size, 9)), 4, width - 8, 4).draw(table, repeat=False)
    page.show_pdf_page(pymupdf.Rect(50, top, 50 + height, top + width), sheet, 0, rotate=source.choice([90, 270]))


def _scan(document: pymupdf.Document, source: random.Random) -> bytes:
    """Returns the pages as pictures: grey, with noise, a little askew."""
    import io

    import numpy as np
    from PIL import Image

    scanned = pymupdf.open()
    noise = np.random.default_rng(source.randrange(2**32))
    angle = source.uniform(-0.4, 0.4)
    for number in range(document.page_count):
        page = document[number]
        pixels = page.get_pixmap(dpi=source.choice([150, 200]), colorspace=pymupdf.csGRAY)
        image = Image.frombytes("L", (pixels.width, pixels.height), pixels.samples)
        image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=255)
        grey = np.asarray(image, dtype=np.float32) * 0.95 + noise.normal(0, 6, (image.height, image.width))
        data = io.BytesIO()
        Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(data, "JPEG", quality=80)
        scanned.new_page(width=page.rect.width, height=page.rect.height).insert_image(page.rect, stream=data.getvalue())
    return bytes(scanned.tobytes())


def all_drawn(count: int) -> Iterator[DrawnDocument]:
    """Yields the documents of the seeds from 0 to `count` - 1."""
    return map(draw_document, range(count))
