"""Results for people: text, and reports of runs."""

from octavo.eval.reports.html import report
from octavo.eval.reports.text import agreement, relevancy, table

__all__ = ["agreement", "relevancy", "report", "table"]
