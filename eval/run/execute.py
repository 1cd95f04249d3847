"""A run from its configuration to its last verdict; killed and started again it goes on."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ingest import OctavoError
from rag import Pipeline

from ..datasets import Dataset, Question, load
from ..judge import JudgeModel, ReplyCache, labels
from ..judge.against import by_model, by_rules as rules_on
from ..judge.model import named
from ..judge.probes import pairs, position, verbosity
from ..retrieval import ingest
from . import manifest
from .answers import answers, key
from .config import Data, RunConfig
from .rows import Row, Rows
from .system import System
from .verdicts import Bench, by_rules, verdicts

ANSWERS, VERDICTS = "answers.jsonl", "verdicts.jsonl"
PROBED = 20

_People = tuple[list[labels.Label], str]
Progress = Callable[[str, int, int, Row], None]
"""Called with the stage, how many of it are done and to do, and the row that came."""


def run(config: RunConfig, progress: Progress = lambda stage, done, of, row: None) -> Path:
    """Does what is not done yet; returns the run's folder.

    Rows that failed are tried again. Raises `OctavoError` when another process is at it, when the folder holds
    another run, or when a model cannot be asked at all.
    """
    people = _people(config)
    for folder in (config.out, config.libraries):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OctavoError(f"The folder {folder} cannot be made: {error.strerror}.") from error
    lock = FileLock(config.out / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise OctavoError(f"Another process is at the run in {config.out}.") from error
    try:
        datasets = {data.name: load(data.path) for data in config.data}
        made = manifest.manifest(config, datasets)
        made["libraries"] = {
            f"{data.name}/{system.name}": str(library(config, system, datasets[data.name]).resolve())
            for data in config.data
            for system in config.systems
        }
        made = manifest.keep(config.out, made)
        rows = Rows(config.out / ANSWERS)
        try:
            for data in config.data:
                for system in config.systems:
                    _answer(config, data, system, datasets[data.name], rows, made, progress)
            _judge(config, datasets, people, rows, made, progress)
        finally:
            rows.close()
    finally:
        lock.release()
    return config.out


def chosen(data: Data, dataset: Dataset, seed: int) -> list[Question]:
    """The questions of a run in their order: all, or `limit` of them drawn by the seed."""
    questions = [q for q in dataset.questions if q.answerable or data.unanswerable]
    if not 0 < data.limit < len(questions):
        return questions
    drawn = set(random.Random(seed).sample(range(len(questions)), data.limit))  # noqa: S311 - not for secrets
    return [question for n, question in enumerate(questions) if n in drawn]


def library(config: RunConfig, system: System, dataset: Dataset) -> Path:
    """Where a system's library of a data set is: systems that read, embed and describe alike share it."""
    options = system.options(Path())
    described = {"describe", "llm_model"} if options.describe else set[str]()
    settings = options.model_dump(mode="json", include={"reading", "embedding"} | described)
    digest = hashlib.sha256(json.dumps([settings, dataset.documents], sort_keys=True).encode()).hexdigest()[:8]
    return config.libraries / f"{dataset.folder.resolve().name}-{digest}"


def _answer(
    config: RunConfig,
    data: Data,
    system: System,
    dataset: Dataset,
    rows: Rows,
    made: dict[str, Any],
    progress: Progress,
) -> None:
    questions = chosen(data, dataset, config.seed)
    left = [question for question in questions if key(data, system, question) not in rows]
    if not left:
        return
    stage = f"{data.name}, {system.name}"
    with Pipeline(system.options(library(config, system, dataset))) as pipeline:
        count = itertools.count(1)
        ids, unread = ingest(
            pipeline,
            dataset,
            lambda _: progress(f"reading {data.name}", next(count), len(dataset.documents), {}),
        )
        made.setdefault("unread", {})[data.name] = unread
        manifest.update(config.out, made)
        _ready(pipeline, system)
        done = len(questions) - len(left)
        for row in answers(pipeline, data, system, left, ids, dataset.folder, dataset.within and not data.across):
            rows.add(row if row.get("error") else row | {"rules": by_rules(row)})
            done += 1
            progress(stage, done, len(questions), row)


def _ready(pipeline: Pipeline, system: System) -> None:
    """Raises `OctavoError` where a system's model cannot be asked, before its first question."""
    try:
        pipeline.answerer  # noqa: B018 - made when it is first asked for
    except OctavoError as error:
        raise OctavoError(f"The settings of system {system.name!r}: {error}") from error


def _judge(
    config: RunConfig,
    datasets: dict[str, Dataset],
    people: _People | None,
    rows: Rows,
    made: dict[str, Any],
    progress: Progress,
) -> None:
    cache = ReplyCache(config.libraries / "verdicts.sqlite")
    try:
        if config.judge and (config.metrics or config.judge.labels):
            with JudgeModel(config.judge, cache) as judge:
                made["judge_model"] = judge.name
                if config.metrics:
                    _verdicts(config, datasets, judge, cache, rows, progress)
                _agreement(config, people, made, judge)
        else:
            _agreement(config, people, made, None)
    finally:
        cache.close()
    manifest.update(config.out, made)


def _verdicts(
    config: RunConfig,
    datasets: dict[str, Dataset],
    judge: JudgeModel,
    cache: ReplyCache,
    rows: Rows,
    progress: Progress,
) -> None:
    assert config.judge
    found = Rows(config.out / VERDICTS)
    with ExitStack() as models:
        models.callback(found.close)
        panel, others = (
            [models.enter_context(JudgeModel(options, cache, named(place))) for options in asked]
            for place, asked in (("judge.panel", config.judge.panel), ("judge.others", config.judge.others))
        )
        bench = Bench(judge, panel, others)
        answered = [row for row in rows.values() if not row.get("error")]
        for data in config.data:
            for system in config.systems:
                own = [row for row in answered if (row["data"], row["system"]) == (data.name, system.name)]
                left = [row for row in own if row["key"] not in found]
                with Pipeline(system.options(library(config, system, datasets[data.name]))) as pipeline:
                    done = len(own) - len(left)
                    for row in verdicts(bench, config.judge, config.metrics, left, pipeline.library):
                        found.add(row)
                        done += 1
                        progress(f"judging {data.name}, {system.name}", done, len(own), row)


def _people(config: RunConfig) -> _People | None:
    """What people graded, where the run is to be set against it; read before anything else is done."""
    folder = config.judge.labels if config.judge and config.judge.labels else config.labels
    return labels.load(folder) if folder else None


def _agreement(config: RunConfig, people: _People | None, made: dict[str, Any], judge: JudgeModel | None) -> None:
    """How far the judges of this run agree with people, kept with the run."""
    if people is None:
        return
    given, data_hash = people
    made["agreement"] = [asdict(labels.measure(given, rules_on, data_hash))]
    if judge and config.judge:
        drawn = labels.drawn(given, config.judge.labels_limit)
        by = by_model(judge, config.judge.samples)
        made["agreement"].append(asdict(labels.measure(drawn, by, data_hash)))
        made["bias"] = _bias(judge, drawn)


def _bias(judge: JudgeModel, given: Sequence[labels.Label]) -> dict[str, Any]:
    return {
        "position": asdict(position(judge, pairs(given, PROBED))),
        "verbosity": asdict(verbosity(judge, labels.drawn(given, PROBED))),
    }
