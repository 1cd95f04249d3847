"""Judges of answers: by rules, and by models; each measured against people."""

from . import labels, rules
from .cache import ReplyCache
from .correctness import Graded, grade
from .model import JudgeError, JudgeModel, JudgeOptions, Reply
from .task import MalformedReply, Task
from .verdict import Grade, Verdict

__all__ = [
    "Grade",
    "Graded",
    "JudgeError",
    "JudgeModel",
    "JudgeOptions",
    "MalformedReply",
    "Reply",
    "ReplyCache",
    "Task",
    "Verdict",
    "grade",
    "labels",
    "rules",
]
