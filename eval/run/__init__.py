"""Runs: systems answer questions and are judged, in batches that go on after a kill."""

from .config import Data, Judging, Metric, RunConfig, load
from .execute import run
from .system import Images, Modality, System

__all__ = ["Data", "Images", "Judging", "Metric", "Modality", "RunConfig", "System", "load", "run"]
