"""Fits the chance of an answer to questions in another language than their documents: `octavo fit --of languages`.

The project's translations of the questions of sets are asked of their own document and of another one, and off-topic
questions of all documents. The weights of the likeness of an embedding that knows several languages are fitted; all
others stay.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from octavo import __version__
from octavo.eval.answerable import SEED, AnswerabilityCase, QuestionKind, off_topic_cases, translated_cases
from octavo.eval.datasets import load
from octavo.eval.datasets.translations import translations
from octavo.eval.fitting.chance import RIDGE, WeightedCase, auroc_of, count_kinds, cross_validated, weigh_cases
from octavo.eval.protocol import folders_by_name, load_protocol
from octavo.ingest import OctavoError
from octavo.rag import Pipeline, Settings
from octavo.rag.answering.answerability import quote_threshold
from octavo.rag.answering.chance import ChanceFitSet, ChanceModel, Provenance, SignGroup, load_model
from octavo.rag.index import model_of
from octavo.rag.relevancy.logistic import fit_logistic, logit

UNKNOWN = "across_unknown"
ELSEWHERE = 0.12
"""The share of questions about another document that may get an answer."""


def fit_other_languages(
    folders: Sequence[Path],
    libraries: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
    protocol: Path | None = None,
    settings: Settings | None = None,
) -> ChanceModel:
    """Fits the weights on the sets that the protocol names for languages, given by their folders.

    `libraries` keeps the sets as ingested, by their names, under the embedding of `settings`. Raises `OctavoError` for
    a set that the protocol does not name, where one that it names is not given, and under an embedding that does not
    know several languages.
    """
    rules = load_protocol(protocol)
    own = settings or Settings.from_env()
    by_set: dict[str, list[AnswerabilityCase]] = {}
    hashes = {}
    with nullcontext(libraries) if libraries else tempfile.TemporaryDirectory() as home:
        for name, folder in folders_by_name(folders, rules.languages).items():
            dataset = load(folder)
            hashes[name] = dataset.hash
            if name in rules.tune:
                dataset = rules.select(dataset, "tune")
            with Pipeline(own.model_copy(update={"library": Path(home) / name})) as pipeline:
                embedding = model_of(pipeline.index.embedding)
                asked = [*translated_cases(pipeline, dataset, translations()), *off_topic_cases(pipeline, dataset)]
            by_set[name] = [case for case in asked if case.signs and case.signs.group is SignGroup.ACROSS]
            progress(f"{name}: {count_kinds(by_set[name])}")
    if not any(by_set.values()):
        raise OctavoError(
            "The embedding does not know several languages: set one that does, such as multilingual-e5-small."
        )
    rows = weigh_cases(by_set)
    model = load_model()
    weights = fit_across(rows, model.bias)
    unseen = cross_validated(rows, lambda some: (fit_across(some, model.bias), model.bias))
    sets = tuple(
        ChanceFitSet(
            name=name,
            documents=len({case.document for case in cases if case.document}),
            hash=hashes[name],
            cases=count_kinds(cases),
            auroc=auroc_of([(row, chance) for row, chance in zip(rows, unseen, strict=True) if row.name == name]),
        )
        for name, cases in by_set.items()
    )
    provenance = Provenance(
        command=f"octavo fit --of languages {' '.join(by_set)}, under {embedding}",
        date=datetime.now(UTC).date().isoformat(),
        version=__version__,
        seed=SEED,
        sets=sets,
    )
    return model.model_copy(
        update={
            "weights": model.weights | {name: round(weight, 3) for name, weight in weights.items()},
            "fitted_apart": {SignGroup.ACROSS: provenance},
        }
    )


def fit_across(rows: Sequence[WeightedCase], bias: float) -> dict[str, float]:
    """Returns the weights of likeness across languages by name, beside the `bias` of all groups.

    Two of them are such that `ELSEWHERE` of the questions about another document reach the chance from which a quote is
    given: that of the group, for questions in languages that are known, and that of others.
    """
    names = [name for name in rows[0].signs.features if name.startswith(f"{SignGroup.ACROSS}_")]
    matrix = np.array([[row.signs.features[name] for name in names] for row in rows])
    truth = np.array([float(row.case.kind is QuestionKind.ANSWERABLE) for row in rows])
    fitted, _ = fit_logistic(matrix, truth, np.array([row.share for row in rows]), RIDGE)
    weights = dict(zip(names, fitted.tolist(), strict=True)) | {UNKNOWN: 0.0}
    known, unknown = (
        _intercept([row for row in rows if row.signs.is_known is is_known], weights) for is_known in (True, False)
    )
    return weights | {str(SignGroup.ACROSS): known - bias, UNKNOWN: unknown - known}


def _intercept(rows: Sequence[WeightedCase], weights: dict[str, float]) -> float:
    """Returns what is added to log odds so that `ELSEWHERE` of the questions about another document get a quote."""
    elsewhere = [row.signs.features for row in rows if row.case.kind is QuestionKind.FOREIGN]
    odds = [sum(weight * features[name] for name, weight in weights.items()) for features in elsewhere]
    return float(logit([quote_threshold(Settings().threshold)])[0] - np.quantile(odds, 1 - ELSEWHERE))
