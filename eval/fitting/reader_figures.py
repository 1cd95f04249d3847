"""The reader measured on documents that it was not fitted on.

`held_out` looks at pairs of a question and a window, from the documents that fitting keeps back. `on_set` looks at
whole documents of a data set, as they are ingested: which pages the reader takes for the answer's, whether it can tell
questions with an answer from those without, and how near its best span comes to the answer.
"""

from __future__ import annotations

import json
import random
import re
import string
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from octavo.eval.datasets import load
from octavo.eval.fitting.reader_data import held_out as is_held_out
from octavo.eval.fitting.reader_pairs import PairSampler
from octavo.eval.fitting.reader_windows import Pair
from octavo.eval.metrics import auroc
from octavo.eval.retrieval import ingest
from octavo.ingest import OctavoError
from octavo.rag import Evidence, Level, Pipeline, Scope, Settings
from octavo.rag.answering.passages import passages
from octavo.rag.answering.reader import AnswerSpan, Reader, blocks

PER_SOURCE = 250
"""Questions of each source that are drawn."""
EVIDENCE = 5
"""Pages whose best span counts for a question."""


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    """Returns the reader's figures on pairs.

    `exact` and `f1` compare its span with the answer, on the `spans` pairs whose answer stands in the window. `auroc`
    tells answered pairs from the others; `against` does so for each kind of the others alone. `right` is the share of
    pairs, answered and not, whose score lies on the right side of 0.
    """

    pairs: int
    spans: int
    exact: float
    f1: float
    auroc: float
    right: float
    against: dict[str, float]


@dataclass(frozen=True, slots=True)
class OnSet:
    """Returns the figures of the reader (`reader_…`) and of the relevancy score (`score_…`) on a data set.

    `…_pages` is the probability that a gold page has a higher score than another page of its document, `…_first` the
    share of questions whose first page is gold. `…_answerable` is the AUROC of the best score among the first
    `EVIDENCE` pages of the relevancy score: questions with an answer against those without, None where the set has
    none of the latter; `…_foreign` that of questions put to their own document against those put to another. `f1`
    compares the best span with the answer, over the questions with an answer.
    """

    questions: int
    reader_pages: float
    score_pages: float
    reader_first: float
    score_first: float
    reader_answerable: float | None
    score_answerable: float | None
    reader_foreign: float
    score_foreign: float
    f1: float


def held_out(train: Path, reader: Reader | None = None, per_source: int = PER_SOURCE) -> dict[str, ReaderFigures]:
    """Returns figures of each source, and of `all`, on the documents of a training folder that fitting keeps back."""
    pairs = PairSampler(train)
    rng = random.Random(7)  # noqa: S311 - not for secrets
    samples: list[Pair] = []
    by_source = defaultdict(list)
    for question in pairs.material.questions:
        if is_held_out(question.doc):
            by_source[question.source if question.language == "en" else f"{question.source} (other languages)"].append(
                question
            )
    sources: list[str] = []
    for source, questions in sorted(by_source.items()):
        for question in rng.sample(questions, min(per_source, len(questions))):
            pairs_drawn = list(pairs.draw(question, rng))
            samples += pairs_drawn
            sources += [source] * len(pairs_drawn)
    spans = _read(reader or Reader(), samples)
    of: dict[str, list[int]] = defaultdict(list)
    for n, source in enumerate(sources):
        of[source].append(n)
        of["all"].append(n)
    return {source: _figures([samples[n] for n in rows], [spans[n] for n in rows]) for source, rows in of.items()}


def _read(reader: Reader, pairs: Sequence[Pair]) -> list[AnswerSpan]:
    return [reader.read(pair.question, [pair.passage])[0] for pair in pairs]


def _figures(pairs: Sequence[Pair], spans: Sequence[AnswerSpan]) -> ReaderFigures:
    marked = [(p, s) for p, s in zip(pairs, spans, strict=True) if p.spans]
    answers = [([p.passage[a:b] for a, b in p.spans], s.text) for p, s in marked]
    positive = [s.score for p, s in zip(pairs, spans, strict=True) if p.answered]
    against: dict[str, list[float]] = defaultdict(list)
    for pair, span in zip(pairs, spans, strict=True):
        if not pair.answered:
            against[pair.kind].append(span.score)
    return ReaderFigures(
        pairs=len(pairs),
        spans=len(marked),
        exact=_mean([max(float(_plain(a) == _plain(predicted)) for a in gold) for gold, predicted in answers]),
        f1=_mean([max(token_f1(a, predicted) for a in gold) for gold, predicted in answers]),
        auroc=_auroc(positive, [score for scores in against.values() for score in scores]),
        right=_mean([float((s.score > 0) == p.answered) for p, s in zip(pairs, spans, strict=True)]),
        against={kind: _auroc(positive, scores) for kind, scores in sorted(against.items())},
    )


def on_set(folder: Path, library: Path | None = None, reader: Reader | None = None) -> OnSet:
    """Reads every page of a question's document. Raises `OctavoError` where the set names no gold pages."""
    dataset = load(folder)
    reader = reader or Reader()
    first: list[tuple[float, float, float, float]] = []
    f1: list[float] = []
    own: list[tuple[float, float]] = []
    foreign: list[tuple[float, float]] = []
    without: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as home, Pipeline(Settings(library=library or Path(home))) as pipeline:
        ids, _ = ingest(pipeline, dataset)
        documents = sorted(ids.values())
        for question in dataset.questions:
            if question.doc not in ids:
                continue
            result = _pages(pipeline, question.question, ids[question.doc])
            if not question.answerable:
                without.append(_best(pipeline, reader, question.question, result)[:2])
                continue
            if not question.gold_pages:
                continue
            score, relevancy, span = _best(pipeline, reader, question.question, result)
            own.append((score, relevancy))
            f1.append(token_f1(question.answer, span))
            other = documents[(documents.index(ids[question.doc]) + 1) % len(documents)]
            foreign.append(_best(pipeline, reader, question.question, _pages(pipeline, question.question, other))[:2])
            gold = [page.page in question.gold_pages for page in result]
            if any(gold) and not all(gold):
                reader_scores = [_reading(pipeline, reader, question.question, page)[0] for page in result]
                page_scores = [page.score for page in result]
                first.append(
                    (
                        auroc(reader_scores, gold),
                        auroc(page_scores, gold),
                        float(gold[int(np.argmax(reader_scores))]),
                        float(gold[int(np.argmax(page_scores))]),
                    )
                )
    if not first:
        raise OctavoError(f"{folder} names no gold pages, so the reader cannot be measured on it.")
    pages = np.array(first).mean(axis=0)
    answerable = [_auroc([x[n] for x in own], [x[n] for x in without]) if without else None for n in (0, 1)]
    elsewhere = [_auroc([x[n] for x in own], [x[n] for x in foreign]) for n in (0, 1)]
    return OnSet(
        questions=len(own),
        reader_pages=float(pages[0]),
        score_pages=float(pages[1]),
        reader_first=float(pages[2]),
        score_first=float(pages[3]),
        reader_answerable=answerable[0],
        score_answerable=answerable[1],
        reader_foreign=elsewhere[0],
        score_foreign=elsewhere[1],
        f1=_mean(f1),
    )


def _pages(pipeline: Pipeline, question: str, document: str) -> list[Evidence]:
    everything = pipeline.settings.candidates
    return pipeline.search(question, level=Level.PAGE, k=everything, scope=Scope(documents=(document,)))


def _best(pipeline: Pipeline, reader: Reader, question: str, evidence: Sequence[Evidence]) -> tuple[float, float, str]:
    """Returns the best score among the first pages, the best relevancy score, and the best span's text."""
    readings = [_reading(pipeline, reader, question, page) for page in evidence[:EVIDENCE]]
    score, span = max(readings, default=(-50.0, ""))
    return score, max((page.score for page in evidence), default=0.0), span


def _reading(pipeline: Pipeline, reader: Reader, question: str, page: Evidence) -> tuple[float, str]:
    spans = reader.read(question, [block.text for block in blocks(passages(page, pipeline.library))])
    best = max(spans, key=lambda span: span.score, default=AnswerSpan(0, 0, "", -50.0, 0.0))
    return max(best.score, -50.0), best.text


def token_f1(gold: str, predicted: str) -> float:
    """Returns the harmonic mean of precision and recall over words, as SQuAD counts it (arXiv 1606.05250).

    >>> round(token_f1("the Karin Holt", "Ms. Karin Holt"), 2)
    0.8
    """
    a, b = _plain(gold).split(), _plain(predicted).split()
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b)) if common else float(a == b)


def _plain(text: str) -> str:
    text = "".join(letter for letter in text.lower() if letter not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    return auroc([*positive, *negative], [True] * len(positive) + [False] * len(negative))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def report(train: Path, sets: Sequence[Path], libraries: Path | None = None) -> str:
    """Returns tables of both; `libraries` keeps the ingested sets by their names."""
    lines = ["source | pairs | spans | exact | F1 | AUROC | right | AUROC by kind of the unanswered"]
    for source, f in held_out(train).items():
        kinds = ", ".join(f"{kind} {value:.3f}" for kind, value in f.against.items())
        shares = " | ".join(f"{value:.3f}" for value in (f.exact, f.f1, f.auroc, f.right))
        lines.append(f"{source} | {f.pairs} | {f.spans} | {shares} | {kinds}")
    for folder in sets:
        figures = on_set(folder, libraries / folder.name if libraries else None)
        lines.append(f"{folder.name}: {json.dumps({n: getattr(figures, n) for n in OnSet.__slots__})}")
    return "\n".join(lines)
