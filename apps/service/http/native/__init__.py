"""The native API under `/api`: collections, documents, pages, questions, concepts, feedback, jobs, users and keys."""

from __future__ import annotations

from octavo.apps.service.http.native import collections, concepts, documents, feedback, jobs, pages, people, questions

ROUTERS = tuple(part.router for part in (collections, documents, pages, questions, concepts, feedback, jobs, people))

__all__ = ["ROUTERS"]
