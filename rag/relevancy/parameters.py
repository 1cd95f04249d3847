"""The parameters of the embedded relevancy score, all in `parameters.json`, which `octavo.eval.fitting` writes."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from octavo.ingest.errors import SettingsError
from octavo.rag.entry import Level

FILE = "parameters.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LevelModel(_Part):
    """A logistic model over features: a weight for each by name, and a bias.

    What answers by its pictures may match in no word. `floor` is the probability of that, and no score is lower
    (the lapse rate of Wichmann and Hill 2001).
    """

    weights: dict[str, float]
    bias: float
    floor: float = Field(ge=0, lt=1)


class Cascade(_Part):
    """The weights of an element's log odds; `octavo.rag.relevancy.cascade` says of what.

    An element takes at least the share `smallest` of its page, so that the logarithm is finite.
    """

    page: float
    own: float
    picture: float
    asked: float
    size: float
    smallest: float = Field(gt=0)
    bias: float


class Fusion(_Part):
    """The comparison of an entry with the other candidates.

    `weights` are those of the features whose z-scores are added up. A spread under `least_spread` counts as that.
    `first_pass_unit` is about the best score of the first pass, `margin_unit` about the distance between the best
    candidate and a usual one. `window` is the length, in terms, within which most of a query should meet, and
    `pair_distance` the distance, in terms, at which neighbors in a query are neighbors on a page.
    """

    weights: dict[str, float]
    least_spread: float = Field(gt=0)
    first_pass_unit: float = Field(gt=0)
    margin_unit: float = Field(gt=0)
    window: int = Field(ge=1)
    pair_distance: int = Field(ge=1)


class RelevancyFitSet(_Part):
    """A set of questions that the weights were fitted on, with the hash of its questions."""

    name: str
    questions: int
    documents: int
    hash: str


class HeldOutFigures(_Part):
    """The figures of a level's model on the documents that were held out from its fit.

    `accuracy` and `ece` (expected calibration error) are those of pairs in which a query's relevant and irrelevant
    entries weigh the same, `hard_accuracy` the accuracy with the best-scored irrelevant ones only.
    """

    questions: int
    held_out_questions: int
    accuracy: float
    hard_accuracy: float
    ece: float


class RelevancyProvenance(_Part):
    """The provenance of the parameters: the command, its date and version, the sets, their licenses, and the figures.

    `chosen` says of the parameters that are not fitted where they come from.
    """

    command: str
    date: str
    version: str
    seed: int
    sets: tuple[RelevancyFitSet, ...]
    sources: dict[str, str]
    figures: dict[Level, HeldOutFigures]
    chosen: dict[str, str]


class Parameters(_Part):
    """All parameters. Chunks and documents are scored by the model of pages."""

    levels: dict[Level, LevelModel]
    cascade: Cascade
    fusion: Fusion
    provenance: RelevancyProvenance

    def model(self, level: Level) -> LevelModel:
        """Returns the model that scores entries of a level."""
        return self.levels[Level.ELEMENT if level is Level.ELEMENT else Level.PAGE]


@cache
def load_parameters(path: Path | None = None) -> Parameters:
    """Returns the parameters of a file, or those that are shipped. Raises `SettingsError` for a file that is none.

    >>> sorted(load_parameters().model(Level.PAGE).weights)[:3]
    ['document', 'fused', 'margin']
    """
    file = path or resources.files(__package__).joinpath(FILE)
    try:
        return Parameters.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{file} is no parameter file of the relevancy score: {error}.",
            setting="relevancy.parameters",
        ) from error
