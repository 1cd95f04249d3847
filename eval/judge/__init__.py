"""Judges of answers: by rules, and by models; each measured against people."""

from . import labels, rules
from .verdict import Grade, Verdict

__all__ = ["Grade", "Verdict", "labels", "rules"]
