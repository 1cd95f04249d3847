"""The figures of runs as JSON and CSV, each with what it was made with."""

from __future__ import annotations

import csv
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from octavo.eval.runs.differences import differences
from octavo.eval.runs.rankings import rankings
from octavo.eval.runs.summary import RunTable


def origin(table: RunTable) -> dict[str, Any]:
    """Returns the origin of a table's figures."""
    system = next(s for s in table.manifest["config"]["systems"] if s["name"] == table.system)
    models = sorted({row["model"] for row in table.rows if row["model"]})
    return {
        "run": table.run,
        "data": table.data,
        "data_hash": table.manifest["data"][table.data]["hash"],
        "system": table.system,
        "settings": {key: value for key, value in system.items() if value and key not in ("name", "concurrency")},
        "models": models or ["quotes, no model"],
        "judge": table.manifest.get("judge_model", "rules"),
        "seed": table.manifest["seed"],
        "code": table.manifest["code"],
        "fingerprint": table.manifest["fingerprint"],
    }


def as_json(tables: Sequence[RunTable]) -> list[dict[str, Any]]:
    """Returns each table with its figures, abstention, cost and origin."""
    return [
        origin(table)
        | {
            "questions": len(table.rows),
            "failed": table.errors,
            "figures": {name: asdict(item) for name, item in table.figures().items()},
            "abstention": table.abstention(),
            "cost": table.cost(),
            "agreement": table.manifest.get("agreement", []),
            "bias": table.manifest.get("bias", {}),
        }
        for table in tables
    ]


class _Writer:
    """Rows of CSV in which no text of a document or a model is a formula to a spreadsheet (CWE-1236)."""

    def __init__(self, file: TextIO) -> None:
        self._rows = csv.writer(file)

    def writerow(self, row: Iterable[Any]) -> None:
        self._rows.writerow([_inert(value) for value in row])


def _inert(value: Any) -> Any:
    """Returns a value as it is, or after an apostrophe where a spreadsheet would take it for a formula.

    >>> _inert("=1+1"), _inert("-3.5"), _inert("- a list"), _inert(-3.5)
    ("'=1+1", '-3.5', "'- a list", -3.5)
    """
    if not isinstance(value, str) or not value.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def write(tables: Sequence[RunTable], folder: Path) -> list[Path]:
    """Writes report.json, figures.csv (one figure a line) and questions.csv (one question a line).

    differences.csv (one metric of one pair of systems a line) is written where systems share a data set, and
    rankings.csv (one system in one ranking a line) where they were judged by CrossCheckGPT, too.
    """
    whole, figures, questions = folder / "report.json", folder / "figures.csv", folder / "questions.csv"
    whole.write_text(json.dumps(as_json(tables), ensure_ascii=False, indent=1), encoding="utf-8")
    with figures.open("w", newline="", encoding="utf-8") as file:
        out = _Writer(file)
        out.writerow(["metric", "mean", "low", "high", "questions", *origin(tables[0])])
        for table in tables:
            cells = [json.dumps(v) if isinstance(v, dict | list) else v for v in origin(table).values()]
            for name, item in table.figures().items():
                out.writerow([name, *(round(x, 4) for x in (item.mean, item.low, item.high)), item.n, *cells])
    metrics = list(dict.fromkeys(metric for table in tables for metric in table.values))
    with questions.open("w", newline="", encoding="utf-8") as file:
        out = _Writer(file)
        out.writerow(["run", "data", "system", "id", "question", "gold", "answer", "abstained", "score", *metrics])
        for table in tables:
            for row in table.rows:
                own = [row[key] for key in ("id", "question", "gold", "answer", "abstained", "score")]
                values = [table.values.get(metric, {}).get(row["id"], "") for metric in metrics]
                out.writerow([table.run, table.data, table.system, *own, *values])
    pairs = [(first, second) for first, second in itertools.combinations(tables, 2) if first.data == second.data]
    written = [_differences(pairs, folder / "differences.csv")] if pairs else []
    written += [path] if (path := _rankings(tables, folder / "rankings.csv")) else []
    return [whole, figures, questions, *written]


def _rankings(tables: Sequence[RunTable], path: Path) -> Path | None:
    by_data: dict[str, list[RunTable]] = {}
    for table in tables:
        by_data.setdefault(table.data, []).append(table)
    rows = [
        [data, of.metric, place, own[at].run, own[at].system, round(mean, 4), of.questions, json.dumps(of.agreement)]
        for data, own in by_data.items()
        for of in rankings(own)
        for place, (at, mean) in enumerate(of.places, 1)
    ]
    if not rows:
        return None
    with path.open("w", newline="", encoding="utf-8") as file:
        out = _Writer(file)
        out.writerow(["data", "metric", "place", "run", "system", "mean", "questions", "kendall tau"])
        for row in rows:
            out.writerow(row)
    return path


def _differences(pairs: Sequence[tuple[RunTable, RunTable]], path: Path) -> Path:
    heads = ["data", "first run", "first system", "second run", "second system", "metric", "first", "second"]
    heads += ["difference", "low", "high", "p", "adjusted p", "better", "worse", "questions"]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = _Writer(file)
        out.writerow(heads)
        for first, second in pairs:
            names = [first.data, first.run, first.system, second.run, second.system]
            for item in differences(first, second):
                c = item.change
                numbers = (item.first, item.second, c.difference, c.low, c.high, c.p, item.adjusted)
                out.writerow([*names, item.metric, *(round(x, 4) for x in numbers), c.wins, c.losses, c.n])
    return path
