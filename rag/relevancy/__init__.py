"""Relevancy: a probability for each (question, entry), and adaptive up-to-k by it."""

from ..index import Index
from ..settings import LocalRelevancyOptions, RerankRelevancyOptions, Settings, YesNoRelevancyOptions
from .base import RelevancyScorer
from .calibration import Calibration
from .match import MatchScorer
from .postprocess import RelevancyPostprocessor

__all__ = ["Calibration", "MatchScorer", "RelevancyPostprocessor", "RelevancyScorer", "scorer"]


def scorer(settings: Settings, index: Index) -> RelevancyScorer:
    """The scorer that the settings select."""
    match settings.relevancy:
        case YesNoRelevancyOptions() as options:
            from .yesno import YesNoScorer

            return YesNoScorer(index, options)
        case RerankRelevancyOptions() as options:
            from .rerank import RerankScorer

            return RerankScorer(index, options)
        case LocalRelevancyOptions() as options:
            from .local import LocalRerankScorer, LocalYesNoScorer

            return LocalRerankScorer(index, options) if options.asks == "rerank" else LocalYesNoScorer(index, options)
        case _:
            return MatchScorer(index)
