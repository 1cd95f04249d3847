"""Relevancy: a probability for each (question, entry), and adaptive up-to-k by it."""

from octavo.rag.index import Index
from octavo.rag.relevancy.base import RelevancyScorer
from octavo.rag.relevancy.calibration import Calibration
from octavo.rag.relevancy.match import MatchScorer
from octavo.rag.relevancy.parameters import load_parameters
from octavo.rag.relevancy.reranker import Reranker
from octavo.rag.settings import (
    LocalRelevancyOptions,
    MatchRelevancyOptions,
    RerankRelevancyOptions,
    Settings,
    YesNoRelevancyOptions,
)

__all__ = ["Calibration", "MatchScorer", "RelevancyScorer", "Reranker", "make_scorer"]


def make_scorer(settings: Settings, index: Index) -> RelevancyScorer:
    """Returns the scorer that the settings select.

    >>> from octavo import Settings
    >>> type(make_scorer(Settings(), pipeline.index)).__name__
    'MatchScorer'
    """
    match settings.relevancy:
        case YesNoRelevancyOptions() as options:
            from octavo.rag.relevancy.yesno import YesNoScorer

            return YesNoScorer(index, options)
        case RerankRelevancyOptions() as options:
            from octavo.rag.relevancy.rerank import RerankScorer

            return RerankScorer(index, options)
        case LocalRelevancyOptions() as options:
            from octavo.rag.relevancy.in_process import LocalRerankScorer, LocalYesNoScorer

            return LocalRerankScorer(index, options) if options.asks == "rerank" else LocalYesNoScorer(index, options)
        case MatchRelevancyOptions() as options:
            return MatchScorer(index, load_parameters(options.parameters))
