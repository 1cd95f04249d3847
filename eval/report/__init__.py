"""Results for people: text, and reports of runs."""

from .html import report
from .text import agreement, relevancy, table

__all__ = ["agreement", "relevancy", "report", "table"]
