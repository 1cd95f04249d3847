"""One self-contained HTML file of one or more runs."""

from __future__ import annotations

import itertools
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from octavo.eval.judges.labels import POOR
from octavo.eval.reports import export, svg
from octavo.eval.reports.pages import Pages
from octavo.eval.reports.questions import questions
from octavo.eval.runs.differences import differences
from octavo.eval.runs.rankings import rankings
from octavo.eval.runs.summary import METRICS, RunTable, tables
from octavo.ingest import OctavoError

_OVERVIEW = (
    "page recall@1",
    "page recall@5",
    "layout recall@5",
    "correct by rules, answerable",
    "correct by model",
)
_PLOTTED = (
    "page recall@1",
    "page recall@5",
    "layout recall@5",
    "correct by rules",
    "correct by model",
    "answer correctness",
    "answer relevancy",
    "text faithfulness",
    "image faithfulness",
    "faithfulness, pooled",
    "text context relevancy",
    "image context relevancy",
    "context relevancy, pooled",
    "CrossCheckGPT explicit",
    "CrossCheckGPT implicit",
    "RAG-Check RS",
    "RAG-Check CS",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One system on one data set, as a report calls and colours it."""

    name: str
    color: str
    table: RunTable


def report(runs: Sequence[Path], out: Path, *, pictures: bool = True) -> list[Path]:
    """Writes report.html, report.json, figures.csv and questions.csv into a folder; returns the files.

    Where several systems answered the same data set, differences.csv is written too. Raises `OctavoError` when one of
    `runs` is none, or holds no answers yet.
    """
    results = [replace(table, run=name) for path, name in _folders_by_name(runs).items() for table in tables(path)]
    if not results:
        raise OctavoError(f"{runs[0]} holds no answers yet: let `octavo eval run` go on.")
    out.mkdir(parents=True, exist_ok=True)
    page = out / "report.html"
    page.write_text(_render(results, Pages(pictures)), encoding="utf-8")
    return [page, *export.write(results, out)]


def _render(tables: Sequence[RunTable], pages: Pages) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("report.html.j2").read_text(encoding="utf-8"))
    columns = _columns(tables)
    with pages:
        sets = [_data(name, [c for c in columns if c.table.data == name], pages) for name in _names(tables)]
    agreements = {a["judge"] + str(a["labels"]): a for t in tables for a in t.manifest.get("agreement", [])}
    return template.render(
        sets=sets,
        overview=[metric for metric in _OVERVIEW if any(metric in table.values for table in tables)],
        origins=[export.origin(table) for table in tables],
        agreements=list(agreements.values()),
        poor=[a for a in agreements.values() if a["binary_kappa"] < POOR],
        unmeasured=sorted({t.manifest["judge_model"] for t in tables if _unmeasured(t)}),
        bias={t.run: t.manifest["bias"] for t in tables if t.manifest.get("bias")},
        pages=Markup(json.dumps(pages.urls)),  # noqa: S704 - base64 by ourselves
    )


def _folders_by_name(runs: Sequence[Path]) -> dict[Path, str]:
    """Returns the folders of runs, each once, by their names.

    Those with the same name are called by their paths below a common folder.
    """
    paths = list(dict.fromkeys(path.resolve() for path in runs))
    if len({path.name for path in paths}) == len(paths):
        return {path: path.name for path in paths}
    common = os.path.commonpath(paths)
    return {path: path.relative_to(common).as_posix() for path in paths}


def _names(tables: Sequence[RunTable]) -> list[str]:
    return list(dict.fromkeys(table.data for table in tables))


def _columns(tables: Sequence[RunTable]) -> list[Column]:
    """Returns the tables as columns; runs are named where there are several, each system has its colour throughout."""
    several = len({table.run for table in tables}) > 1
    names = [f"{table.run}: {table.system}" if several else table.system for table in tables]
    colors = {name: svg.COLORS[n % len(svg.COLORS)] for n, name in enumerate(dict.fromkeys(names))}
    return [Column(name, colors[name], table) for name, table in zip(names, tables, strict=True)]


def _unmeasured(table: RunTable) -> bool:
    """Returns whether a model judged without having been set against people."""
    judge = table.manifest.get("judge_model")
    return judge is not None and judge not in {a["judge"] for a in table.manifest.get("agreement", [])}


def _data(name: str, columns: Sequence[Column], pages: Pages) -> dict[str, Any]:
    of = {column.name: column.table for column in columns}
    figures = {title: table.figures() for title, table in of.items()}
    colors = [column.color for column in columns]
    metrics = [metric for metric in METRICS if any(metric in result for result in figures.values())]
    plotted = [metric for metric in metrics if metric in _PLOTTED]
    abstention = {title: table.abstention() for title, table in of.items()}
    curves = {title: (a["curve"]["coverage"], a["curve"]["risk"]) for title, a in abstention.items() if a}
    return {
        "name": name,
        "columns": columns,
        "hashes": Counter(table.manifest["data"][name]["hash"] for table in of.values()),
        "unread": {doc: why for t in of.values() for doc, why in t.manifest.get("unread", {}).get(name, {}).items()},
        "metrics": metrics,
        "figures": figures,
        "bars": Markup(svg.bars(plotted, figures, colors)),  # noqa: S704 - made by ourselves, names escaped
        "abstention": abstention,
        "curve": Markup(svg.curves(curves, "share answered", "share wrong of those", colors)),  # noqa: S704 - likewise
        "groups": {
            "Page recall@5 by evidence type": {title: t.types("page recall@5") for title, t in of.items()},
            "Correct by rules, by evidence type": {title: t.types("correct by rules") for title, t in of.items()},
            "Correct by rules, by skill, flow, use": {title: t.slices("correct by rules") for title, t in of.items()},
            "Page recall@5 by domain": {title: t.domains("page recall@5") for title, t in of.items()},
        },
        "rankings": rankings(list(of.values())),
        "judges": {title: table.judges() for title, table in of.items() if table.judges()},
        "cost": {title: table.cost() for title, table in of.items()},
        "pairs": [
            (first.name, second.name, result)
            for first, second in itertools.combinations(columns, 2)
            if (result := differences(first.table, second.table))
        ],
        "questions": questions([(column.name, column.color, column.table) for column in columns], pages),
    }
