"""Judges of answers: by rules, and by models; each measured against people."""

from . import labels, rules
from .aspects import Answered, Aspect, Judgement, judge_aspects
from .cache import ReplyCache
from .correctness import Graded, grade
from .crosscheck import CrossChecked, explicit, implicit
from .model import JudgeError, JudgeModel, JudgeOptions, Reply
from .probes import PositionBias, VerbosityBias, position, verbosity
from .ragcheck import Checked, Raw, check
from .task import MalformedReply, Task
from .verdict import Grade, Verdict

__all__ = [
    "Answered",
    "Aspect",
    "Checked",
    "CrossChecked",
    "Grade",
    "Graded",
    "JudgeError",
    "JudgeModel",
    "JudgeOptions",
    "Judgement",
    "MalformedReply",
    "PositionBias",
    "Raw",
    "Reply",
    "ReplyCache",
    "Task",
    "VerbosityBias",
    "Verdict",
    "check",
    "explicit",
    "grade",
    "implicit",
    "judge_aspects",
    "labels",
    "position",
    "rules",
    "verbosity",
]
