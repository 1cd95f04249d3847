"""Shows the doctests of docstrings as code in the reference (an extension of Griffe)."""

from __future__ import annotations

import re
from typing import Any

import griffe

_DOCTEST = re.compile(r"^>>> .*?(?=\n\s*\n|\Z)", re.S | re.M)


class Doctests(griffe.Extension):
    """Fences the doctests of each docstring."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Fences those of an object."""
        if obj.docstring:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(text: str) -> str:
    """Returns a docstring with its doctests, which go to the next empty line, as blocks of code."""
    return _DOCTEST.sub(lambda found: f"```pycon\n{found[0].rstrip()}\n```", text)
