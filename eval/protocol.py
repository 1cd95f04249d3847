"""The protocol: which documents fit, tune and report, read from `protocol.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from octavo.eval.datasets import Dataset
from octavo.ingest import OctavoError

Split = Literal["tune", "report"]


@dataclass(frozen=True, slots=True)
class FitSet:
    """A set to fit on: the questions drawn of each source (0 for all), and the documents that are left out."""

    questions: int = 0
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Protocol:
    """The sets to fit on by name, and the documents to tune on by set; other documents of a set report.

    `fit` are the sets of the relevancy score, `chance` those of the chance of an answer, which of a set with documents
    to tune on takes only these, and `languages` those of questions in another language than their documents, alike.
    """

    fit: dict[str, FitSet]
    tune: dict[str, frozenset[str]]
    chance: dict[str, FitSet]
    languages: tuple[str, ...]

    def split_of(self, dataset: str, document: str) -> Split:
        """Returns what a document of a set is for; a set that the protocol does not name reports.

        >>> load_protocol().split_of("financebench", "pdfs/BESTBUY_2023_10K.pdf")
        'tune'
        """
        return "tune" if Path(document).name in self.tune.get(dataset, frozenset()) else "report"

    def select(self, dataset: Dataset, split: Split) -> Dataset:
        """Returns a set with the questions of one split. Raises `OctavoError` where there are none."""
        name = dataset.folder.name
        questions = tuple(q for q in dataset.questions if self.split_of(name, q.doc) == split)
        if not questions:
            raise OctavoError(f"No document of {name} is there to {split}: eval/protocol.toml says which are.")
        return replace(dataset, questions=questions)


@cache
def load_protocol(path: Path | None = None) -> Protocol:
    """Returns the protocol of a file, or that of the project. Raises `OctavoError` for a file that is none."""
    file = path or resources.files(__package__).joinpath("protocol.toml")
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        return Protocol(
            _fit_sets(data["fit"]),
            {name: frozenset(documents) for name, documents in data.get("tune", {}).items()},
            _fit_sets(data.get("chance", {})),
            tuple(data.get("languages", {}).get("sets", ())),
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise OctavoError(f"{file} is no protocol: it names sets under [fit.NAME] and [tune]: {error}.") from error


def folders_by_name(folders: Sequence[Path], names: Iterable[str]) -> dict[str, Path]:
    """Returns the folders of the sets to fit on, by the `names` that the protocol gives these.

    Raises `OctavoError` for a set that the protocol does not name, and where one that it names is not given.
    """
    expected, result = list(names), {folder.resolve().name: folder for folder in folders}
    if set(result) != set(expected):
        raise OctavoError(f"The sets to fit on are {', '.join(expected)}: name the folder of each, and no other.")
    return result


def _fit_sets(tables: dict[str, dict[str, Any]]) -> dict[str, FitSet]:
    return {
        name: FitSet(options.get("questions", 0), frozenset(options.get("without", ())))
        for name, options in tables.items()
    }
