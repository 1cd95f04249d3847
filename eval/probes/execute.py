"""Runs a probe over the data sets and systems of a configuration; stopped and started again it goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from importlib import import_module
from typing import cast

from octavo.eval.concurrent import map_concurrent
from octavo.eval.datasets import load
from octavo.eval.probes.base import Probe, ProbeReport, ProbeTarget, Trial
from octavo.eval.retrieval import ingest
from octavo.eval.runs.config import Data, RunConfig
from octavo.eval.runs.execute import choose_questions
from octavo.eval.runs.libraries import library_folder
from octavo.eval.runs.rows import Row, RowFile
from octavo.eval.runs.system import System
from octavo.ingest import OctavoError
from octavo.ingest.store.files import write_file
from octavo.rag import Pipeline

PROBES = {
    "text-bias": "does a model believe text or the picture where they differ (Words or Vision, 2503.02199); a model",
    "needle": "is a figure found by its caption among many in grids (MMNeedle, 2406.11230); a model",
    "inconsistency": "are places found that contradict each other (MMIR, 2502.16033)",
    "omnify": "the question as text, as a picture, in one picture with its page (OmnixR, 2410.12219)",
    "perturb": "the question in other words, with slips, negated (XMAI, SNARE)",
    "noise": "the right entry among wrong ones (RoRA-VLM, 2410.08876)",
    "modality": "what text and pictures are worth, and which kinds retrieval prefers (MM-Embed, 2411.02571)",
    "composed": "a picture with words that change it (CIRR, 2108.04024)",
    "source-bias": "is a machine-made twin of a page ranked before it",
    "ocrbench": "reading text in pictures (OCRBench, 2305.07895); a model and its data set",
}
"""The probes, and what each is about. Its module has the same name, with `_` for `-`."""


def load_probe(name: str) -> Probe:
    """Returns a probe by its name; raises `OctavoError` for one that is not known."""
    if name not in PROBES:
        raise OctavoError(f"There is no probe {name!r}: it is one of {', '.join(PROBES)}.")
    return cast("Probe", import_module(f"octavo.eval.probes.{name.replace('-', '_')}").PROBE)


def run_probe(
    name: str, config: RunConfig, progress: Callable[[str, int, int, Row], None] = lambda stage, done, of, row: None
) -> list[ProbeReport]:
    """Returns the figures of a probe for each data set and system of a run's configuration.

    Rows are kept in `probe-NAME.jsonl` of its folder `out`, the figures in `probe-NAME.json`. Trials that failed are
    tried again by the next call. Raises `OctavoError` for a probe that is not known, and for one that asks a model
    where a system has none.
    """
    probe = load_probe(name)
    config.out.mkdir(parents=True, exist_ok=True)
    reports = []
    with closing(RowFile(config.out / f"probe-{name}.jsonl")) as rows:
        for data in config.data:
            for system in config.systems:
                _measure(name, probe, config, data, system, rows, progress)
                reports.append(_report(name, probe, data, system, rows))
    write_file(config.out / f"probe-{name}.json", json.dumps([asdict(r) for r in reports], indent=1).encode())
    return reports


def _measure(
    name: str,
    probe: Probe,
    config: RunConfig,
    data: Data,
    system: System,
    rows: RowFile,
    progress: Callable[[str, int, int, Row], None],
) -> None:
    dataset = load(data.path)
    with ExitStack() as resources:
        pipeline = resources.enter_context(Pipeline(system.options(library_folder(config, system, dataset))))
        ids = ingest(pipeline, dataset)[0] if dataset.documents else {}
        questions = tuple(choose_questions(data, dataset, config.seed))
        folder = config.libraries / f"probe-{name}"
        source = ProbeTarget(pipeline, dataset, system, questions, ids, folder, config.seed, resources, data.limit)
        if probe.needs_model and not source.has_model:
            raise OctavoError(f"The probe {name} asks a model: set llm_url of system {system.name!r}.")
        prefix = f"{data.name}/{system.name}/"
        remaining = [trial for trial in probe.trials(source) if prefix + trial.key not in rows]

        def one(trial: Trial) -> Row:
            row: Row = {"key": prefix + trial.key, "data": data.name, "system": system.name}
            try:
                return row | trial.measure()
            except OctavoError as error:
                return row | {"error": str(error)}

        for done, (_, row) in enumerate(map_concurrent(one, remaining, system.concurrency), 1):
            rows.add(row)
            progress(f"{name}, {data.name}, {system.name}", done, len(remaining), row)


def _report(name: str, probe: Probe, data: Data, system: System, rows: RowFile) -> ProbeReport:
    own = [row for row in rows.values() if (row["data"], row["system"]) == (data.name, system.name)]
    measured = sorted((row for row in own if not row.get("error")), key=lambda row: str(row["key"]))
    figures = probe.figures(measured) if measured else []
    return ProbeReport(name, data.name, system.name, len(own), len(own) - len(measured), tuple(figures))


def table(reports: Sequence[ProbeReport]) -> str:
    """Returns reports as lines of text: a figure a line, with its 95 % interval and the number of trials."""
    lines: list[str] = []
    for report in reports:
        failed = f", {report.failed} failed" if report.failed else ""
        lines.append(f"{report.probe} · {report.data} · {report.system}: {report.trials} trials{failed}")
        width = max((len(figure.name) for figure in report.figures), default=0)
        for figure in report.figures:
            v = figure.value
            lines.append(f"  {figure.name:<{width}}  {v.mean:+.3f} [{v.low:+.3f}, {v.high:+.3f}]  n {v.n}")
    return "\n".join(lines)
