"""One self-contained HTML file of one or more runs."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ingest import OctavoError

from ..judge.labels import POOR
from ..run.summary import Table, difference, tables
from . import export, svg
from .pages import Pages

_PLOTTED = (
    "page recall@1",
    "page recall@5",
    "layout recall@5",
    "correct by rules",
    "correct by model",
    "answer_correctness",
    "answer_relevancy",
    "text_faithfulness",
    "image_faithfulness",
    "text_context_relevancy",
    "image_context_relevancy",
    "CrossCheckGPT explicit",
    "CrossCheckGPT implicit",
    "RAG-Check RS",
    "RAG-Check CS",
)


def report(runs: Sequence[Path], out: Path, *, pictures: bool = True) -> list[Path]:
    """Writes report.html, report.json, figures.csv and questions.csv into a folder; returns the files.

    Raises `OctavoError` when one of `runs` is none, or holds no answers yet.
    """
    found = [table for run in runs for table in tables(run)]
    if not found:
        raise OctavoError(f"{runs[0]} holds no answers yet: let `octavo eval run` go on.")
    out.mkdir(parents=True, exist_ok=True)
    libraries = {
        key: Path(path) for table in found for key, path in table.made.get("libraries", {}).items() if pictures
    }
    pages = Pages(libraries)
    try:
        text = _render(found, pages)
    finally:
        pages.close()
    page = out / "report.html"
    page.write_text(text, encoding="utf-8")
    return [page, *export.write(found, out)]


def _render(found: Sequence[Table], pages: Pages) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath("report.html.j2").read_text(encoding="utf-8"))
    sets = [_data(name, [t for t in found if t.data == name]) for name in dict.fromkeys(t.data for t in found)]
    agreements = {a["judge"] + str(a["labels"]): a for t in found for a in t.made.get("agreement", [])}
    questions = [_questions(table, pages) for table in found]
    return template.render(
        sets=sets,
        origins=[export.origin(table) for table in found],
        agreements=list(agreements.values()),
        poor=[a for a in agreements.values() if a["binary_kappa"] < POOR],
        unmeasured=sorted({t.made["judge_model"] for t in found if _unmeasured(t)}),
        bias={t.run: t.made["bias"] for t in found if t.made.get("bias")},
        questions=questions,
        pages=Markup(json.dumps(pages.urls)),  # noqa: S704 - base64 by ourselves
        colors=svg.COLORS,
    )


def _unmeasured(table: Table) -> bool:
    """Whether a model judged without having been set against people."""
    judge = table.made.get("judge_model")
    return judge is not None and judge not in {a["judge"] for a in table.made.get("agreement", [])}


def _data(name: str, found: Sequence[Table]) -> dict[str, Any]:
    figures = {table.name: table.figures() for table in found}
    metrics = list(dict.fromkeys(metric for of in figures.values() for metric in of))
    shown = {t: {m: f for m, f in of.items() if m in _PLOTTED} for t, of in figures.items()}
    abstention = {table.name: table.abstention() for table in found}
    curves = {t: (a["curve"]["coverage"], a["curve"]["risk"]) for t, a in abstention.items()}
    compared = [
        (one.name, two.name, metric, change)
        for one, two in itertools.combinations(found, 2)
        for metric in metrics
        if (change := difference(one, two, metric)) is not None
    ]
    return {
        "name": name,
        "tables": found,
        "unread": {doc: why for t in found for doc, why in t.made.get("unread", {}).get(name, {}).items()},
        "metrics": metrics,
        "figures": figures,
        "bars": Markup(svg.bars(shown)),  # noqa: S704 - made by ourselves, names escaped
        "abstention": abstention,
        "curve": Markup(svg.curves(curves, "share answered", "share wrong")),  # noqa: S704 - likewise
        "types": {t.name: t.types("page recall@5") for t in found},
        "right": {t.name: t.types("correct by rules") for t in found},
        "domains": {t.name: t.domains("page recall@5") for t in found},
        "judges": {t.name: t.judges() for t in found if t.judges()},
        "cost": {t.name: t.cost() for t in found},
        "compared": compared,
    }


def _questions(table: Table, pages: Pages) -> dict[str, Any]:
    rows = []
    for row in table.rows:
        shown = [page | {"boxes": Markup(page["boxes"])} for page in pages.of(row)]  # noqa: S704 - numbers only
        rows.append({"row": row, "pages": shown, "verdicts": row.get("verdicts", {})})
    return {"name": table.name, "data": table.data, "rows": rows, "failed": table.failed}
