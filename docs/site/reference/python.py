"""The reference of the Python API: the public names of each package, which mkdocstrings describes."""

from __future__ import annotations

from importlib import import_module

HEAD = """# Python API

The names below are the public ones; others may change without notice. Boxes are `(x0, y0, x1, y1)` in PDF points from
the page's top left corner, pages count from 0.
"""
PACKAGES = {
    "octavo": "The names of most programs.",
    "octavo.rag": "Questions, evidence, answers and their events.",
    "octavo.ingest": "Documents as they are read: pages, elements, tables, chunks.",
    "octavo.client": "A client of the service with the methods of `Pipeline`.",
}


def page() -> str:
    """Returns the page: each public name, at the first package that has it."""
    parts, seen = [HEAD], set()
    for package, text in PACKAGES.items():
        parts.append(f"## {package}\n\n{text}\n")
        module = import_module(package)
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value) and value not in seen:
                seen.add(value)
                parts.append(f"::: {value.__module__}.{value.__qualname__}\n")
    return "\n".join(parts)
