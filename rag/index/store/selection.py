"""Conditions of SQL: any of some values, and the entries in a scope."""

from __future__ import annotations

import json
from typing import Any

from octavo.rag.entry import Level, Scope

ANY = "IN (SELECT value FROM json_each(?))"


def scope_sql(scope: Scope, level: Level) -> tuple[str, list[Any]]:
    """Returns a scope as conditions on `entries e`, each starting with AND, and their parameters."""
    sql, parameters = "", list[Any]()
    if scope.documents is not None:
        sql += f" AND e.document {ANY}"
        parameters.append(json.dumps(scope.documents))
    if scope.pages is not None:
        first, last = scope.pages
        if level is Level.DOCUMENT:
            sql += " AND EXISTS (SELECT 1 FROM pages p WHERE p.document = e.document AND p.number BETWEEN ? AND ?)"
            parameters += [first, last]
        else:
            sql += " AND e.page <= ? AND e.last_page >= ?"
            parameters += [last, first]
    for name, values in scope.metadata:
        sql += (
            " AND EXISTS (SELECT 1 FROM documents d, json_each(d.metadata, ?) m"
            f" WHERE d.id = e.document AND CAST(m.value AS TEXT) {ANY})"
        )
        parameters += [f"$.{json.dumps(name)}", json.dumps(values)]
    if scope.kinds is not None:
        sql += f" AND {_KINDS[level]}"
        parameters.append(json.dumps(sorted(scope.kinds)))
    return sql, parameters


_ELEMENT = "EXISTS (SELECT 1 FROM elements x WHERE x.document = e.document"
_KINDS = {
    Level.DOCUMENT: f"{_ELEMENT} AND x.kind {ANY})",
    Level.PAGE: f"{_ELEMENT} AND x.page = e.page AND x.kind {ANY})",
    Level.ELEMENT: f"e.kind {ANY}",
    Level.CHUNK: "EXISTS (SELECT 1 FROM json_each(e.regions) r JOIN elements x ON x.document = e.document"
    f" AND x.page = json_extract(r.value, '$[0]') AND x.number = json_extract(r.value, '$[5]') AND x.kind {ANY})",
}
