"""Runs: systems answer questions and are judged, in batches that go on after a kill."""

from octavo.eval.runs.config import Data, JudgeConfig, Metric, RunConfig, load
from octavo.eval.runs.execute import run
from octavo.eval.runs.system import Images, Modality, System

__all__ = ["Data", "Images", "JudgeConfig", "Metric", "Modality", "RunConfig", "System", "load", "run"]
