"""Judges of answers: by rules, and by models; each measured against people."""

from octavo.eval.judges import labels, rules
from octavo.eval.judges.aspects import AnsweredQuestion, Aspect, Judgement, judge_aspects
from octavo.eval.judges.correctness import GradedAnswer, grade
from octavo.eval.judges.crosscheck import CrossCheckScores, explicit, implicit
from octavo.eval.judges.model import JudgeError, JudgeModel, JudgeOptions, JudgeReply
from octavo.eval.judges.probes import PositionBias, VerbosityBias, position, verbosity
from octavo.eval.judges.ragcheck import RagCheckScores, Raw, check
from octavo.eval.judges.store.replies import ReplyCache
from octavo.eval.judges.task import MalformedReply, Task
from octavo.eval.judges.verdict import Grade, Verdict

__all__ = [
    "AnsweredQuestion",
    "Aspect",
    "CrossCheckScores",
    "Grade",
    "GradedAnswer",
    "JudgeError",
    "JudgeModel",
    "JudgeOptions",
    "JudgeReply",
    "Judgement",
    "MalformedReply",
    "PositionBias",
    "RagCheckScores",
    "Raw",
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
