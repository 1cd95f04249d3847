"""The chance that the evidence answers a question: one fitted number over what is known of question and evidence.

The weights and their provenance stand in `chance.json`, which `octavo fit --of chance` writes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from octavo.ingest.errors import SettingsError

FILE = "chance.json"
_CLIPPED = 0.001
_SHORT, _ENOUGH = 2, 4
"""Terms of a short question, and those that a passage in another language says where more say no more."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Features of the chance that there is an answer.

    `relevancy` is that of the best entry, in [0, 1]. `coverage` is the share of the question's terms, by their rarity,
    that the best passage and what belongs to it hold, `unnamed` the share of its names that they do not hold. `absent`
    is whether a name, a number, a period or a unit that is asked for stands nowhere, `lacking` the rarity of the rarest
    noun that does, in [0, 1], `asked` how many terms there are. `likeness` is the best cosine of the question with a
    passage. A `foreign` passage, in another language than the question, has weights of its own, since the question's
    words are found there by a list of everyday words only. `around` is the share of the terms that it says, those
    elsewhere on its page by half.
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

    @property
    def features(self) -> dict[str, float]:
        """The signs as numbers, by the names of the weights."""
        clipped = min(max(self.relevancy, _CLIPPED), 1 - _CLIPPED)
        relevancy, is_short = math.log(clipped / (1 - clipped)), self.asked < _SHORT
        own = {
            "relevancy": relevancy,
            "coverage": self.coverage,
            "unnamed": self.unnamed,
            "absent": float(self.absent),
            "lacking": self.lacking,
            "likeness": self.likeness,
            "short": float(is_short or (self.asked == _SHORT and self.coverage < 1)),
        }
        foreign = {
            "foreign": 1.0,
            "foreign_relevancy": relevancy,
            "foreign_coverage": self.coverage,
            "foreign_around": self.around,
            "foreign_unnamed": self.unnamed,
            "foreign_absent": float(self.absent),
            "foreign_count": 1.0 if self.around >= 1 else min(1.0, self.coverage * self.asked / _ENOUGH),
        }
        return {name: value * (not self.foreign) for name, value in own.items()} | {
            name: value * self.foreign for name, value in foreign.items()
        }


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
    """A logistic model: a weight for each feature of `Signs` by its name, and a bias."""

    weights: dict[str, float]
    bias: float
    provenance: Provenance


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
