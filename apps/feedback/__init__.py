"""Feedback: what users of the chat and of the service said about answers, and the data set that it becomes."""

from __future__ import annotations

from octavo.apps.feedback.dataset import write_dataset
from octavo.apps.feedback.store import FEEDBACK, FeedbackRecords

__all__ = ["FEEDBACK", "FeedbackRecords", "write_dataset"]
