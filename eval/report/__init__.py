"""Results for people: text, and reports of runs."""

from .text import agreement, table

__all__ = ["agreement", "table"]
