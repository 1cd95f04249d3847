"""Steps of a model before its answer: it judges the evidence, searches again, and looks closer."""

from octavo.rag.answering.steps.gather import StepTaker

__all__ = ["StepTaker"]
