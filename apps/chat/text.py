"""Text of documents and models as HTML that can do nothing: no tags, pictures or links of theirs come through."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from markdown_it import MarkdownIt

_ROW = re.compile(r"^“([^”\n]+ \| [^”\n]+)”, under “([^”\n]+ \| [^”\n]+)” (\[\d{1,3}\])$", re.M)
_TAG_OR_CITED = re.compile(r"<[^>]*>|\[(\d{1,3})\]")


def answer(text: str, turn: int, known: frozenset[int]) -> str:
    """An answer's Markdown as HTML; each `[n]` of a `known` citation is a button that opens its page.

    >>> print(answer("It **grew** [1]. <script>", 0, frozenset({1})))
    <p>It <strong>grew</strong> <button type="button" class="cite" data-open="cite" data-turn="0" data-number="1"
    title="Show where this stands">1</button>. &lt;script&gt;</p>
    >>> answer("![x](http://a.example/x.png) [y](http://a.example)", 0, frozenset())
    '<p>![x](http://a.example/x.png) [y](http://a.example)</p>\\n'
    """

    def button(match: re.Match[str]) -> str:
        number = int(match[1] or 0)
        if number not in known:
            return match[0]
        return (
            f'<button type="button" class="cite" data-open="cite" data-turn="{turn}" data-number="{number}" '
            f'title="Show where this stands">{number}</button>'
        )

    html: str = _markdown().render(text)
    return _TAG_OR_CITED.sub(button, html)


def with_tables(quotes: str) -> str:
    """Quoted rows of tables, each under the row that names its columns, as Markdown tables.

    >>> print(with_tables("“Cost | 4.9 | 6.2”, under “Year | 2014 | 2015” [1]"))
    | Year | 2014 | 2015 |
    |---|---|---|
    | Cost | 4.9 | 6.2 [1] |
    """

    def table(match: re.Match[str]) -> str:
        row, header = match[1].split(" | "), match[2].split(" | ")
        if len(row) != len(header):
            return match[0]
        return f"| {match[2]} |\n|{'---|' * len(row)}\n| {match[1]} {match[3]} |"

    return _ROW.sub(table, quotes)


def plain(text: str, letters: int = 0) -> str:
    """Text as HTML, on one line and cut to so many letters where `letters` is given."""
    if letters:
        text = " ".join(text.split())
        text = text if len(text) <= letters else text[: letters - 1].rstrip() + "…"
    return escape(text, quote=True)


@cache
def _markdown() -> MarkdownIt:
    rules = ["image", "link", "autolink", "html_inline", "html_block", "reference"]
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(rules)
