"""Results for people: text, and reports of runs."""

from .html import report
from .text import agreement, table

__all__ = ["agreement", "report", "table"]
