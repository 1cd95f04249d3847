"""A run from its configuration to its last verdict; killed and started again it goes on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from octavo.eval.datasets import Dataset, Question, load
from octavo.eval.judges import JudgeModel, ReplyCache, labels
from octavo.eval.judges.against import by_model, by_rules as rules_on
from octavo.eval.judges.model import settings_at
from octavo.eval.judges.probes import pairs, position, verbosity
from octavo.eval.retrieval import ingest
from octavo.eval.runs import manifest
from octavo.eval.runs.answers import answers, key
from octavo.eval.runs.config import Data, JudgeConfig, RunConfig
from octavo.eval.runs.libraries import copy_library, library_folder
from octavo.eval.runs.rows import Row, RowFile
from octavo.eval.runs.system import System
from octavo.eval.runs.verdicts import JudgePanel, by_rules, verdicts
from octavo.ingest import OctavoError
from octavo.rag import Pipeline

ANSWERS, VERDICTS = "answers.jsonl", "verdicts.jsonl"
PROBE_QUESTIONS = 20

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
        current = manifest.manifest(config, datasets)
        current["libraries"] = {
            f"{data.name}/{system.name}": str(library_folder(config, system, datasets[data.name]).resolve())
            for data in config.data
            for system in config.systems
        }
        current = manifest.keep(config.out, current)
        with closing(RowFile(config.out / ANSWERS)) as rows:
            _Run(config, datasets, people, rows, current, progress).go_on()
    finally:
        lock.release()
    return config.out


def choose_questions(data: Data, dataset: Dataset, seed: int) -> list[Question]:
    """Returns the questions of a run in their order: all, or `limit` of them drawn by the seed."""
    questions = [q for q in dataset.questions if q.answerable or data.unanswerable]
    if not 0 < data.limit < len(questions):
        return questions
    places = set(random.Random(seed).sample(range(len(questions)), data.limit))  # noqa: S311 - not for secrets
    return [question for n, question in enumerate(questions) if n in places]


@dataclass(frozen=True, slots=True)
class _Run:
    """A run on its way; its `manifest` grows."""

    config: RunConfig
    datasets: dict[str, Dataset]
    people: _People | None
    rows: RowFile
    manifest: dict[str, Any]
    progress: Progress

    def go_on(self) -> None:
        """Answers, then verdicts."""
        for data in self.config.data:
            for system in self.config.systems:
                self._answer(data, system)
        self._judge()

    def _answer(self, data: Data, system: System) -> None:
        dataset = self.datasets[data.name]
        questions = choose_questions(data, dataset, self.config.seed)
        remaining = [question for question in questions if key(data, system, question) not in self.rows]
        if not remaining:
            return
        copy_library(self.config, system, dataset)
        with Pipeline(system.options(library_folder(self.config, system, dataset))) as pipeline:
            count, total = itertools.count(1), len(dataset.documents)
            ids, unread = ingest(
                pipeline, dataset, lambda _: self.progress(f"reading {data.name}", next(count), total, {})
            )
            pipeline.describe()
            self.manifest.setdefault("unread", {})[data.name] = unread
            manifest.update(self.config.out, self.manifest)
            _ready(pipeline, system)
            done = len(questions) - len(remaining)
            for row in answers(
                pipeline, data, system, remaining, ids, dataset.folder, dataset.within and not data.across
            ):
                self.rows.add(row if row.get("error") else row | {"rules": by_rules(row)})
                done += 1
                self.progress(f"{data.name}, {system.name}", done, len(questions), row)

    def _judge(self) -> None:
        options = self.config.judge
        with closing(ReplyCache(self.config.libraries / "verdicts.sqlite")) as cache:
            if options and (self.config.metrics or options.labels):
                with JudgeModel(options, cache) as judge:
                    self.manifest["judge_model"] = judge.name
                    if self.config.metrics:
                        self._verdicts(options, judge, cache)
                    self._agreement(judge)
            else:
                self._agreement(None)
        manifest.update(self.config.out, self.manifest)

    def _verdicts(self, options: JudgeConfig, judge: JudgeModel, cache: ReplyCache) -> None:
        with ExitStack() as opened:
            result = opened.enter_context(closing(RowFile(self.config.out / VERDICTS)))
            panel, others = (
                [opened.enter_context(JudgeModel(options, cache, settings_at(place))) for options in several]
                for place, several in (("judge.panel", options.panel), ("judge.others", options.others))
            )
            bench = JudgePanel(judge, panel, others)
            answered = [row for row in self.rows.values() if not row.get("error")]
            for data, system in itertools.product(self.config.data, self.config.systems):
                own = [row for row in answered if (row["data"], row["system"]) == (data.name, system.name)]
                remaining = [row for row in own if row["key"] not in result]
                with Pipeline(
                    system.options(library_folder(self.config, system, self.datasets[data.name]))
                ) as pipeline:
                    done = len(own) - len(remaining)
                    for row in verdicts(bench, options, self.config.metrics, remaining, pipeline.library):
                        result.add(row)
                        done += 1
                        self.progress(f"judging {data.name}, {system.name}", done, len(own), row)

    def _agreement(self, judge: JudgeModel | None) -> None:
        """The agreement of the judges of this run with people, kept with the run."""
        if self.people is None:
            return
        human_labels, data_hash = self.people
        self.manifest["agreement"] = [asdict(labels.measure(human_labels, rules_on, data_hash))]
        if judge and self.config.judge:
            sample = labels.sample(human_labels, self.config.judge.labels_limit)
            by = by_model(judge, self.config.judge.samples)
            self.manifest["agreement"].append(asdict(labels.measure(sample, by, data_hash)))
            self.manifest["bias"] = _bias(judge, sample)


def _ready(pipeline: Pipeline, system: System) -> None:
    """Raises `OctavoError` where a system's model cannot be asked, before its first question."""
    try:
        pipeline.answerer  # noqa: B018 - made when it is first asked for
    except OctavoError as error:
        raise OctavoError(f"The settings of system {system.name!r}: {error}") from error


def _people(config: RunConfig) -> _People | None:
    """Answers graded by people, where the run is compared with them; they are read first."""
    folder = config.judge.labels if config.judge and config.judge.labels else config.labels
    return labels.load(folder) if folder else None


def _bias(judge: JudgeModel, human_labels: Sequence[labels.Label]) -> dict[str, Any]:
    return {
        "position": asdict(position(judge, pairs(human_labels, PROBE_QUESTIONS))),
        "verbosity": asdict(verbosity(judge, labels.sample(human_labels, PROBE_QUESTIONS))),
    }
