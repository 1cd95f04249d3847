"""The libraries' texts name settings; commands and their options are words of the apps."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = re.compile(r"\boctavo [a-z]|(?<![\w-])--[a-z]")
OTHER_PROGRAMS = {"ingest/readers/libreoffice.py", "rag/model_cards/served.py", "rag/model_cards/embedders.py"}
"""Modules with arguments of LibreOffice and vLLM."""


def texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Yields the strings of a module but its docstrings."""
    expressions = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in expressions:
            yield node


@pytest.mark.parametrize("package", ["ingest", "rag"])
def test_libraries_name_no_commands(package: str) -> None:
    named = [
        f"{path.relative_to(ROOT)}:{text.lineno}: {text.value}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in OTHER_PROGRAMS
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
        if COMMANDS.search(str(text.value))
    ]
    assert not named
