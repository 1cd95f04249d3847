"""Runs: systems answer questions and are judged, in batches that go on after a kill."""

from .config import Context, Data, Judging, Metric, RunConfig, System, load
from .execute import run

__all__ = ["Context", "Data", "Judging", "Metric", "RunConfig", "System", "load", "run"]
