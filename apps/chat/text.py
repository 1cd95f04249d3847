"""Text of documents and models as HTML that can do nothing: no tags, pictures or links of theirs come through."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markupsafe import Markup

from octavo.apps.chat.formulas import formula

_ROW = re.compile(r"^“([^”\n]+ \| [^”\n]+)”, under “([^”\n]+ \| [^”\n]+)” (\[\d{1,3}\])$", re.M)
_CITED = re.compile(r"\[(\d{1,3})\]")
_FORMULA = re.compile(
    r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|(`+)[^`].*?\1"  # code stays as it is
    r"|\\\[(?P<BRACKETED>.+?)\\\]|\$\$(?P<BLOCK>[^$]+)\$\$|\\\((?P<INLINE>.+?)\\\)"
    r"|(?<![\w$\\])\$(?P<DOLLARS>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?![\w$])",
    re.S,
)
_MATHEMATICAL = re.compile(
    r".*[\\^_={}]|[A-Za-z]'*\Z|[A-Za-z]\([\w, ]*\)\Z|[\w.]{1,4}(?:\s*[-+*/<>]\s*[\w.]{1,4})+\Z", re.S
)
_FIRST_NOTE, _MOST_NOTES = 0xE100, 256
_PLACE = re.compile("<[^>]*>|\ue000(\\d+)\ue001|([\ue100-\ue1ff])")
_NOTE = re.compile("[\ue100-\ue1ff]")
_PRIVATE = re.compile("[\ue000\ue001\ue100-\ue1ff]")


def answer(text: str, button: Callable[[int, str], Markup], notes: Sequence[tuple[int, Markup]] = ()) -> Markup:
    """Returns an answer's Markdown as HTML, with `button(number, claim)` in place of each `[number]` after a claim.

    Where `button` gives nothing, the number stays as it is. `notes` go into the text at their offsets, in order.
    Formulas in LaTeX become MathML. Code has no notes, and a formula has them behind it.

    >>> print(answer("It **grew** [1]. <script> [7]", lambda number, claim: Markup("<b></b>" * (number == 1))))
    <p>It <strong>grew</strong> <b></b>. &lt;script&gt; [7]</p>
    >>> print(answer("![x](http://a.example/x.png) [y](http://a.example)", lambda number, claim: Markup()))
    <p>![x](http://a.example/x.png) [y](http://a.example)</p>
    >>> print(answer("It grew. It may not.", lambda number, claim: Markup(), [(8, Markup("<sup>?</sup>"))]))
    <p>It grew.<sup>?</sup> It may not.</p>
    """
    text = _PRIVATE.sub(" ", text)
    for index, (at, _) in reversed([*enumerate(notes[:_MOST_NOTES])]):
        text = f"{text[:at]}{chr(_FIRST_NOTE + index)}{text[at:]}"
    placed: list[Markup] = []
    claim, last = "", 0

    def mark(markup: Markup) -> str:
        placed.append(markup)
        return f"\ue000{len(placed) - 1}\ue001"

    def draw(match: re.Match[str]) -> str:
        block, inline = match["BRACKETED"] or match["BLOCK"], match["INLINE"] or match["DOLLARS"]
        if not (block or inline):
            return _NOTE.sub("", match[0])  # code
        if match["DOLLARS"] and not _is_formula(match["DOLLARS"]):
            return match[0]
        html = mark(formula(_NOTE.sub("", block or inline).strip(), is_block=bool(block)))
        return html + "".join(_NOTE.findall(match[0]))

    text = _FORMULA.sub(draw, text)

    def place(match: re.Match[str]) -> str:
        nonlocal claim, last
        claim = text[last : match.start()].strip() or claim
        last = match.end()
        html = button(int(match[1]), claim)
        return mark(html) if html else match[0]

    html: str = _markdown().render(_CITED.sub(place, text))

    def unmarked(match: re.Match[str]) -> str:
        if match[1]:
            return str(placed[int(match[1])])
        return str(notes[ord(match[2]) - _FIRST_NOTE][1]) if match[2] else _PRIVATE.sub("", match[0])

    return Markup(_PLACE.sub(unmarked, html))  # noqa: S704 (Markdown-it has escaped it)


def with_tables(quotes: str) -> str:
    """Returns quoted rows of tables, each under the row that names its columns, as Markdown tables.

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


def _is_formula(text: str) -> bool:
    """Returns whether what stands between two dollar signs is a formula, and not an amount of money and what follows.

    >>> [_is_formula(text) for text in ("x", "x^2", "2 < x", "5 million and US", "5, or", "100")]
    [True, True, True, False, False, False]
    """
    return bool(_MATHEMATICAL.match(text))


@cache
def _markdown() -> MarkdownIt:
    rules = ["image", "link", "autolink", "html_inline", "html_block", "reference"]
    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(rules)
