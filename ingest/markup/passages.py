"""Passages from runs of text: lines with their marked-up form, one after the other."""

from __future__ import annotations

import html
import re

from octavo.ingest.markup.blocks import Block, TextBlock
from octavo.ingest.model import Kind


class PassageBuilder:
    """Collects text into lines, lines into passages, and passages into `blocks`.

    A passage has the kind, level and indentation that are set when it ends; tags that are open are closed at the end
    of each line and opened again in the next.
    """

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._lines: list[tuple[str, str]] = []
        self._text, self._html = "", ""
        self._open: list[str] = []
        self._kind, self._level, self._indent, self._pre = Kind.TEXT, 0, 0, False
        self._marker = ""

    def say(self, text: str, plain: str | None = None) -> None:
        """Adds text to the passage; `plain` where it reads otherwise than it is drawn."""
        if not self._pre:
            text = re.sub(r"[\s\xa0]+", " ", text)
            if not self._text or self._text.endswith(" "):
                text = text.lstrip()
            if not text:
                return
            self._add(text, text if plain is None else plain)
            return
        first, *rest = text.split("\n")
        self._add(first, first)
        for line in rest:
            self._break()
            self._add(line, line)

    def _add(self, displayed: str, plain: str) -> None:
        if self._marker and displayed.strip():
            self._text, self._html = self._marker + self._text, html.escape(self._marker) + self._html
            self._marker = ""
        self._text += plain
        self._html += html.escape(displayed)

    def _break(self) -> None:
        """Ends a line; what is open (bold, code) goes on in the next."""
        closing = "".join(f"</{tag}>" for tag in reversed(self._open))
        text = self._text if self._pre else self._text.strip()
        if text.strip() or self._pre:
            self._lines.append((text.rstrip(), self._html + closing))
        self._text, self._html = "", "".join(f"<{tag}>" for tag in self._open)

    def end(self) -> None:
        """Ends a passage."""
        self._break()
        while self._lines and not self._lines[-1][0].strip():
            self._lines.pop()
        while self._lines and not self._lines[0][0].strip():
            self._lines.pop(0)
        if self._lines:
            level = self._level if self._kind is Kind.SECTION_HEADER else self._indent
            self.blocks.append(TextBlock(self._kind, tuple(self._lines), level, self._pre))
        self._lines = []
