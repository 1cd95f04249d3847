"""Tables read by Octavo and by other readers, from the same pages in one run: TEDS, TEDS-S and adjacency F1."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path

from octavo.eval.benchmarks.drawn_tables import DrawnDocument, all_drawn
from octavo.eval.benchmarks.printed_tables import print_tables
from octavo.eval.benchmarks.table_peers import PEERS, Reader
from octavo.eval.metrics.tables import adjacency_f1, page_score, teds, teds_structure
from octavo.eval.metrics.uncertainty import interval
from octavo.ingest import ReadOptions
from octavo.ingest.layout.continued import join_continued_tables, whole_tables
from octavo.ingest.page import read_page
from octavo.ingest.readers import pdf
from octavo.ingest.table import Table

DRAWN, PRINTED = 200, 12
"""The number of drawn tables, and of printed files of each format."""
METRICS = {"TEDS": teds, "TEDS-S": teds_structure, "F1": adjacency_f1}


def octavo_tables(path: Path) -> list[Table]:
    """Returns the tables of a PDF as Octavo reads them, those that go on over pages as one."""
    options = ReadOptions()
    source = pdf.describe(path, path, "application/pdf")
    with pdf.open_pdf(path, path.name) as document:
        pages = [read_page(source, document, number, options)[0] for number in range(source.page_count)]
    return whole_tables(join_continued_tables(pages))


def report(count: int = DRAWN, prints: int = PRINTED) -> str:
    """Returns a Markdown table: the mean of each metric by reader and kind, with 95 % intervals over documents."""
    readers: Mapping[str, Reader] = {"Octavo": octavo_tables, **PEERS}
    scores = measure(chain(all_drawn(count), print_tables(prints)), readers)
    kinds = list(scores["Octavo"])
    groups = {"drawn": [k for k in kinds if k not in _PRINTED], "printed": [k for k in kinds if k in _PRINTED]}
    lines = [
        "| | n | " + " | ".join(f"{name}: {' / '.join(METRICS)}" for name in readers) + " |",
        "|---" * (len(readers) + 2) + "|",
    ]
    for name, members in [*groups.items(), *((kind, [kind]) for kind in kinds)]:
        if members:
            rows = {
                reader: list(chain.from_iterable(item[kind] for kind in members)) for reader, item in scores.items()
            }
            exact = name in groups
            cells = " | ".join(_cell(values, exact) for values in rows.values())
            lines.append(f"| {name} | {len(rows['Octavo'])} | {cells} |")
    return "\n".join(lines)


_PRINTED = ("docx", "html")


def measure(
    documents: Iterable[DrawnDocument], readers: Mapping[str, Reader]
) -> dict[str, dict[str, list[tuple[float, ...]]]]:
    """Returns the scores of each document by reader and kind; a reader that fails on one has no table there."""
    scores: dict[str, dict[str, list[tuple[float, ...]]]] = {name: defaultdict(list) for name in readers}
    with tempfile.TemporaryDirectory() as folder:
        for document in documents:
            path = Path(folder, f"{document.kind}-{document.seed}.pdf")
            path.write_bytes(document.pdf)
            for name, reader in readers.items():
                with contextlib.redirect_stdout(io.StringIO()):
                    result = reader(path)
                values = tuple(page_score(result, document.tables, metric) for metric in METRICS.values())
                scores[name][document.kind].append(values)
    return scores


def _cell(values: Sequence[tuple[float, ...]], exact: bool) -> str:
    means = [interval(column) for column in zip(*values, strict=True)]
    if not exact:
        return " / ".join(_short(mean.mean) for mean in means)
    return " / ".join(f"{_short(m.mean)} [{_short(m.low)}, {_short(m.high)}]" for m in means)


def _short(value: float) -> str:
    """Returns a share with three digits: ".973", "1"."""
    return f"{value:.3f}".lstrip("0") if value < 0.9995 else "1"
