"""Relevancy: a probability for each (question, entry), and adaptive up-to-k by it."""

from ..index import Index
from ..settings import Settings
from .base import RelevancyScorer
from .match import MatchScorer
from .postprocess import RelevancyPostprocessor

__all__ = ["MatchScorer", "RelevancyPostprocessor", "RelevancyScorer", "scorer"]


def scorer(settings: Settings, index: Index) -> RelevancyScorer:
    """The scorer that the settings select."""
    return MatchScorer(index)
