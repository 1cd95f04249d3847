"""The chance that the evidence answers a question: one fitted number over what is known of question and evidence.

The weights and their provenance stand in `chance.json`, which `octavo fit --of chance` writes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from octavo.ingest.errors import SettingsError

FILE = "chance.json"
_CLIPPED = 0.001
_SHORT, _ENOUGH = 2, 4
"""Terms of a short question, and those that a passage in another language says where more say no more."""


class SignGroup(StrEnum):
    """Which signs count: of a passage in the question's language, or in another one by its words or its likeness."""

    OWN = "own"
    FOREIGN = "foreign"
    ACROSS = "across"


@dataclass(frozen=True, slots=True)
class Signs:
    """Features of the chance that there is an answer.

    `relevancy` is that of the best entry, in [0, 1]. `coverage` is the share of the question's terms, by their rarity,
    that the best passage and what belongs to it hold, `unnamed` the share of its names that they do not hold. `absent`
    is whether a name, a number, a period or a unit that is asked for stands nowhere, `lacking` the rarity of the rarest
    noun that does, in [0, 1], `asked` how many terms there are. `likeness` is the best cosine of the question with a
    passage. A `foreign` passage, in another language than the question, has weights of its own, since the question's
    words are found there by a list of everyday words only. `around` is the share of the terms that it says, those
    elsewhere on its page by half. `across` is the likeness of such a passage's page by an embedding that knows both
    languages, 0 as of unrelated texts and 1 as of an answer, `None` without one: it has weights of its own, and words
    that stand nowhere count little. `is_known` is whether the question's language is known.
    """

    relevancy: float
    coverage: float
    unnamed: float
    absent: bool
    asked: int
    lacking: float = 0.0
    likeness: float = 0.0
    foreign: bool = False
    around: float = 0.0
    across: float | None = None
    is_known: bool = True

    @property
    def group(self) -> SignGroup:
        """The signs that count, which have weights of their own."""
        if self.across is not None:
            return SignGroup.ACROSS
        return SignGroup.FOREIGN if self.foreign else SignGroup.OWN

    @property
    def features(self) -> dict[str, float]:
        """The signs as numbers, by the names of the weights; those of other groups are 0."""
        clipped = min(max(self.relevancy, _CLIPPED), 1 - _CLIPPED)
        relevancy = math.log(clipped / (1 - clipped))
        is_short = float(self.asked < _SHORT or (self.asked == _SHORT and self.coverage < 1))
        groups = {
            SignGroup.OWN: {
                "relevancy": relevancy,
                "coverage": self.coverage,
                "unnamed": self.unnamed,
                "absent": float(self.absent),
                "lacking": self.lacking,
                "likeness": self.likeness,
                "short": is_short,
            },
            SignGroup.FOREIGN: {
                "foreign": 1.0,
                "foreign_relevancy": relevancy,
                "foreign_coverage": self.coverage,
                "foreign_around": self.around,
                "foreign_unnamed": self.unnamed,
                "foreign_absent": float(self.absent),
                "foreign_count": 1.0 if self.around >= 1 else min(1.0, self.coverage * self.asked / _ENOUGH),
            },
            SignGroup.ACROSS: {
                "across": 1.0,
                "across_relevancy": relevancy,
                "across_likeness": self.across or 0.0,
                "across_around": self.around * self.is_known,
                "across_unknown": float(not self.is_known),
                "across_absent": float(self.absent),
                "across_short": is_short,
            },
        }
        return {name: value * (group is self.group) for group, own in groups.items() for name, value in own.items()}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChanceFitSet(_Part):
    """A set that the weights were fitted on, with the number of its documents and the hash of its questions.

    `cases` are its questions by kind: answerable, and those that have no answer. `auroc` is how well the chance tells
    the two apart, by weights that were fitted without the question's document.
    """

    name: str
    documents: int
    hash: str
    cases: dict[str, int]
    auroc: float | None


class Provenance(_Part):
    """The provenance of the weights: the command, its date and version, the seed, and the sets."""

    command: str
    date: str
    version: str
    seed: int
    sets: tuple[ChanceFitSet, ...]


class ChanceModel(_Part):
    """A logistic model: a weight for each feature of `Signs` by its name, and a bias.

    `fitted_apart` has the provenance of groups of weights that were fitted after the others.
    """

    weights: dict[str, float]
    bias: float
    provenance: Provenance
    fitted_apart: dict[SignGroup, Provenance] = {}


@cache
def load_model(path: Path | None = None) -> ChanceModel:
    """Returns the model of a file, or the one that is shipped. Raises `SettingsError` for a file without a model."""
    file = path or resources.files(__package__).joinpath(FILE)
    try:
        return ChanceModel.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} holds no weights of the chance of an answer: {error}.") from error


def chance(signs: Signs, model: ChanceModel | None = None) -> float:
    """Returns the chance in [0, 1] that there is an answer, where half of all questions have one.

    >>> chance(Signs(0.95, 1.0, 0.0, False, 3)) > 0.5 > chance(Signs(0.95, 0.5, 1.0, True, 3))
    True
    """
    used = model or load_model()
    features = signs.features
    odds = used.bias + sum(weight * features[name] for name, weight in used.weights.items())
    return 1 / (1 + math.exp(-odds))
