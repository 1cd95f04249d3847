"""The native API under `/api`: collections, documents, pages, questions, feedback, jobs, users and keys."""

from __future__ import annotations

from octavo.apps.service.http.native import collections, documents, feedback, jobs, pages, people, questions

ROUTERS = tuple(part.router for part in (collections, documents, pages, questions, feedback, jobs, people))

__all__ = ["ROUTERS"]
