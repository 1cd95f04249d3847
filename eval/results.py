"""Remakes the tables of `eval/RESULTS.md` that commands make: `python -m octavo.eval.results FOLDER … [--only NAME]`.

A table follows a comment `<!-- make results: NAME -->`; its first cell says by which code it was measured, and when.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from octavo.eval import ablation, answerable, relevancy, retrieval
from octavo.eval.datasets import load
from octavo.eval.figures import LAYOUT_CUTS, PAGE_CUTS, Result
from octavo.eval.protocol import Split, load_protocol
from octavo.eval.runs.manifest import code
from octavo.ingest import OctavoError
from octavo.ingest.store.files import write_file

SETS = ("mmdocir-slides", "mmdocir-docs", "financebench", "azure-search-demo")
_TABLE = r"(<!-- make results: {name} -->\n\s*)(?:\|.*\n)*"

Measure = Callable[[dict[str, Path], Path], str]


def measure_retrieval(sets: dict[str, Path], libraries: Path) -> str:
    """Returns recall with 95 % intervals, for each set and each half of its documents, within and across documents."""
    lines = [
        f"| set, split | questions / pages | within: page recall@{_cuts(PAGE_CUTS)} | ceiling | across | "
        f"within: layout recall@{_cuts(LAYOUT_CUTS)} | across |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, folder in _of(sets, SETS).items():
        for split in _splits(name, folder):
            inside, outside = (
                retrieval.evaluate(folder, across=across, library=libraries / name, split=split)
                for across in (False, True)
            )
            ceiling = " / ".join(_short(inside.ceiling[f"recall@{k}"]) for k in PAGE_CUTS)
            lines.append(
                f"| {name}, {split or 'all'} | {inside.questions} / {inside.pages} | "
                f"{_recalls(inside, 'page', PAGE_CUTS)} | {ceiling} | {_recalls(outside, 'page', PAGE_CUTS)} | "
                f"{_recalls(inside, 'layout', LAYOUT_CUTS)} | {_recalls(outside, 'layout', LAYOUT_CUTS)} |"
            )
    return "\n".join(lines)


def _splits(name: str, folder: Path) -> list[Split | None]:
    """Returns all documents (None), and the halves of the protocol where a set has both."""
    halves = {load_protocol().split_of(name, question.doc) for question in load(folder).questions}
    return [None, *sorted(halves)] if len(halves) > 1 else [None]


def measure_rules(sets: dict[str, Path], libraries: Path) -> str:
    """Returns recall with each rule about questions off."""
    return ablation.table([ablation.ablate(path, libraries / name) for name, path in _of(sets, SETS).items()])


def measure_relevancy(sets: dict[str, Path], libraries: Path) -> str:
    """Returns accuracy and calibration of the relevancy score."""
    lines = [
        "| set | questions | random pairs: accuracy | ECE | hardest: accuracy | ECE | AUROC | saved at k = 3, 4, 5 |",
        "|---" * 8 + "|",
    ]
    for name, folder in _of(sets, SETS).items():
        report = relevancy.evaluate(folder, library=libraries / name)
        area = "–" if report.auroc is None else _short(report.auroc)
        pairs = " | ".join(f"{_short(one.accuracy)} | {_short(one.ece)}" for one in (report.random, report.hardest))
        saved = ", ".join(f"{1 - report.adaptive[k - 1].entries / report.fixed[k - 1].entries:.0%}" for k in (3, 4, 5))
        lines.append(f"| {name} | {report.questions} | {pairs} | {area} | {saved} |")
    return "\n".join(lines)


def measure_answerable(sets: dict[str, Path], libraries: Path) -> str:
    """Returns how well answerable questions are separated from others, on the documents that report."""
    tuned = load_protocol().tune
    return answerable.table(
        answerable.evaluate(path, library=libraries / name, split="report" if name in tuned else None)
        for name, path in _of(sets, SETS).items()
    )


TABLES: dict[str, Measure] = {
    "retrieval": measure_retrieval,
    "rules": measure_rules,
    "relevancy": measure_relevancy,
    "answerable": measure_answerable,
}


def replace_table(text: str, name: str, table: str, by: str) -> str:
    """Returns a page with a table, and its version, in place of the one that follows the table's comment.

    Raises `OctavoError` where the page has no such comment.

    >>> text = "Recall: <!-- make results: a -->\\n\\n| old |\\n|---|\\n"
    >>> print(replace_table(text, "a", "| new |\\n|---|", "0.2.0"))
    Recall: <!-- make results: a -->
    <BLANKLINE>
    | new (0.2.0) |
    |---|
    <BLANKLINE>
    """
    pattern = re.compile(_TABLE.format(name=re.escape(name)))
    if not pattern.search(text):
        raise OctavoError(f"The page has no place for the table {name}: it needs <!-- make results: {name} -->.")
    table = table.replace(" |", f" ({by}) |", 1)
    return pattern.sub(lambda match: f"{match[1]}{table}\n", text, count=1)


def remake(page: Path, folders: Sequence[Path], libraries: Path, names: Sequence[str] = tuple(TABLES)) -> None:
    """Measures the tables of a page, one after another, and writes each into it as soon as it is there.

    `folders` are data sets, or hold them. A table none of whose sets is there is left as it is, and told.
    """
    runs = [path for folder in folders for path in (folder, *folder.glob("*")) if (path / "queries.jsonl").is_file()]
    sets = {path.resolve().name: path for path in runs}
    for name in names:
        try:
            table = TABLES[name](sets, libraries)
        except _MissingSetError as missing:
            print(f"{name}: left as it is, {missing}", flush=True)
            continue
        by = f"{code()} on {datetime.now(UTC):%Y-%m-%d}"
        write_file(page, replace_table(page.read_text(encoding="utf-8"), name, table, by).encode())
        print(f"{name}: measured", flush=True)


class _MissingSetError(Exception):
    """None of a table's data sets is there."""


def _of(sets: dict[str, Path], names: Sequence[str]) -> dict[str, Path]:
    if not (here := {name: sets[name] for name in names if name in sets}):
        raise _MissingSetError(f"none of {', '.join(names)} is there")
    return here


def _cuts(cuts: Sequence[int]) -> str:
    return "/".join(map(str, cuts))


def _short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def _recalls(result: Result, level: str, cuts: Sequence[int]) -> str:
    means = result.page if level == "page" else result.layout
    if means is None:
        return "–"
    ranges = (result.interval[f"{level} recall@{k}"] for k in cuts)
    return " / ".join(
        f"{_short(means[f'recall@{k}'])} [{_short(low)}, {_short(high)}]"
        for k, (low, high) in zip(cuts, ranges, strict=True)
    )


def main() -> None:
    """Runs `python -m octavo.eval.results`."""
    parser = argparse.ArgumentParser(prog="python -m octavo.eval.results", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="data sets, or folders that hold them")
    parser.add_argument("--page", type=Path, default=Path("eval/RESULTS.md"))
    parser.add_argument("--libraries", type=Path, default=Path("build/libraries"))
    parser.add_argument("--only", action="append", choices=list(TABLES), help="only this table; repeatable")
    arguments = parser.parse_args()
    remake(arguments.page, arguments.folders, arguments.libraries, arguments.only or tuple(TABLES))


if __name__ == "__main__":
    main()
