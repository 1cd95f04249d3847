"""Marks such as `[n]` in a text that is still being written: checked against the evidence, and put into one form."""

from __future__ import annotations

import re
from functools import cache

_WORDS = "evidence|sources?|documents?|docs?|refs?|references?|citations?|passages?|excerpts?|items?"
_WORD = rf"(?:{_WORDS})"
_SOURCE_WORD = r"(?:evidence|sources?|refs?|references?|citations?)"
_GAP = r"[ \t\xa0]*"
_NUMBER = rf"(?:{_WORD}{_GAP}:?{_GAP})?[#^]?\d+\^?"
_PAGE = rf"[,:;]?{_GAP}(?:pages?|pp?\.?){_GAP}\d+(?:[-–]\d+)?"
_LIST = rf"{_NUMBER}(?:{_GAP}(?:[,;&–—-]|and|to){_GAP}{_NUMBER})*"
_FORMS = cache(
    lambda: re.compile(
        rf"\\?[\[［【]{_GAP}(?P<bracket>{_LIST})(?:{_PAGE})?(?:†[^\[\]［］【】\n]*)?{_GAP}\\?[\]］】]"
        rf"|\({_GAP}(?={_SOURCE_WORD})(?P<paren>{_LIST})(?:{_PAGE})?{_GAP}\)"
        rf"|<sup>{_GAP}(?:\\?\[)?{_GAP}(?P<sup>{_LIST}){_GAP}(?:\\?\])?{_GAP}</sup>"
        rf"|\$\^\{{{_GAP}\\?\[(?P<math>{_LIST})\\?\]{_GAP}\}}\$",
        re.I,
    )
)
"""The forms that models give to citations, compiled when a text may have one."""
_LINK = re.compile(r"\([^()\s]{0,200}[./#:][^()\s]{0,200}\)")
_OPENING = re.compile(r"\\?[\[［【]|\\\Z|\(|<(?=s|\Z)|\$(?=\^|\Z)")
_INSIDE = rf"(?:[\d \t\xa0,;:&#^–—-]|and|to|pages?|pp?\.?|{_WORDS})*+"
_NESTED = re.compile(rf"\\?[\[［【]{_INSIDE}[a-z]{{0,10}}", re.I)
_UNFINISHED = cache(
    lambda: re.compile(
        rf"\\?[\[［【]{_INSIDE}(?:[a-z]{{0,10}}|†[^\[\]［］【】\n]*)\\?|\\"
        rf"|\({_GAP}(?:[a-z]{{0,10}}|{_SOURCE_WORD}{_INSIDE}[a-z]{{0,10}})"
        rf"|<s?u?p?|<sup>(?:\\?\[)?{_INSIDE}[a-z]{{0,10}}\\?\]?{_GAP}(?:</?s?u?p?)?"
        rf"|\$\^?\{{?|\$\^\{{{_GAP}\\?\[?{_INSIDE}[a-z]{{0,10}}\\?\]?{_GAP}\}}?",
        re.I,
    )
)
"""Beginnings of text that may become a citation with the next piece."""
_RANGE = re.compile(rf"(\d+){_GAP}(?:[–—-]|to){_GAP}(?:{_WORD}{_GAP}:?{_GAP})?[#^]?(\d+)", re.I)
_EXPONENT = re.compile(r"(?:\d|(?<![^\W\d_])[^\W\d_]{1,2})\Z")
"""Text before an exponent: a number, or a unit such as `km`."""
_BRACKETS = str.maketrans("", "", "[［【")
_MAX_HELD = 300
"""Longer text that is still undecided is no citation; it comes out without its opening bracket."""
_MAX_NESTED = 40
"""Letters from an opening bracket to one inside of it, up to which a citation taken out may make another."""
_BLOCK = 1_000
"""Letters that are looked at together."""


class CitationFilter:
    r"""Lets text through and citations of evidence 1 to `count` with it; an invented number never comes out.

    `[1, 2]`, `[1-3]`, `【1】`, `[^1]`, `\[1\]`, `[1](report.pdf)`, `(Evidence 1)` and `<sup>1</sup>` come out as
    `[1][2]` and so on; a citation of nothing goes with the space before it; other brackets stay, and so do exponents.
    Text is held back only while it may still become a citation, and any cutting of the text into pieces gives the
    same. The work grows with the text's length.

    >>> citations = CitationFilter(3)
    >>> [citations.feed(piece) for piece in ("It grew [", "1, 2", "] and fell [9].")]
    ['It grew', '', ' [1][2] and fell.']
    >>> citations.invented
    ['9']
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._held = self._last = ""
        self.invented: list[str] = []

    def feed(self, piece: str) -> str:
        """Takes the next piece; gives what may be shown by now."""
        out: list[str] = []
        for at in range(0, len(piece), _BLOCK):
            self._held += piece[at : at + _BLOCK]
            out.append(self._release(ended=False))
        return "".join(out)

    def close(self) -> str:
        """Returns the text that was held back until the end."""
        return self._release(ended=True)

    def _release(self, *, ended: bool) -> str:
        text, out = self._held, [""]
        start_of_rest = at = 0
        chain: int | None = None
        inner = 0
        hold = len(text)
        while opening := _OPENING.search(text, at):
            start = opening.start()
            if chain is not None and not _NESTED.fullmatch(text, inner, start):
                chain = None
            elif chain is not None and start - chain > _MAX_NESTED:
                out.append(text[start_of_rest:start].translate(_BRACKETS))
                start_of_rest, chain = start, None
            match = _FORMS().match(text, start, start + _MAX_HELD)
            end = self._end(text, match, ended) if match else None
            if match and end is None:
                hold = start if chain is None else chain
                break
            numbers = (
                self._listed_numbers(match, self._last + "".join(out[-2:])[-4:] + text[start_of_rest:start])
                if match
                else None
            )
            if numbers is None:
                window = text[start : start + _MAX_HELD + 1]
                if not ended and _UNFINISHED().fullmatch(window):
                    if len(window) <= _MAX_HELD:
                        hold = start if chain is None else chain
                        break
                    out.append(text[start_of_rest:start])
                    start_of_rest = at = opening.end()
                    continue
                if opening[0][-1] in "[［【":
                    chain, inner = start if chain is None else chain, start
                at = opening.end()
                continue
            assert end is not None
            if numbers:
                out.append(text[start_of_rest:start] + "".join(f"[{n}]" for n in numbers))
                start_of_rest = at = end
            else:
                begin = start_of_rest + len(text[start_of_rest:start].rstrip(" \t"))
                text = text[:begin] + text[end:]
                at = begin if chain is None else min(chain, begin)
                hold = len(text)
            chain = None
        released = text[start_of_rest:hold]
        emitted = released if ended else released.rstrip(" \t")
        emitted += released[len(emitted) : max(len(emitted), len(released) - _MAX_HELD)]
        self._held = "" if ended else text[start_of_rest + len(emitted) :]
        output = "".join(out) + emitted
        self._last = (self._last + output)[-4:]
        return output

    def _end(self, text: str, match: re.Match[str], ended: bool) -> int | None:
        """Returns the end of a citation, with a link that belongs to it; `None` where that cannot be told yet."""
        end = match.end()
        if match["bracket"] is None or (ended and end == len(text)):
            return end
        if link := _LINK.match(text, end):
            return link.end()
        undecided = end == len(text) or (text[end] == "(" and re.fullmatch(r"\([^()\s]{0,402}", text[end:]))
        return None if undecided and not ended else end

    def _listed_numbers(self, match: re.Match[str], before: str) -> list[int] | None:
        """Returns the valid numbers of a citation; `None` for text that is no citation."""
        numbers = next(group for group in match.groups() if group is not None)
        valid, invented = self._numbers(numbers)
        if match["bracket"] is None and match["math"] is None and invented:
            return None
        if match["sup"] is not None and _EXPONENT.search(before):
            return None
        self.invented += invented
        return valid

    def _numbers(self, text: str) -> tuple[list[int], list[str]]:
        """Returns the numbers of `1, 3-5` that there are, in the order of the text, and what else is listed."""
        result: dict[int, None] = {}
        invented: list[str] = []
        at = 0
        for match in re.finditer(r"\d+", text):
            if match.start() < at:
                continue
            span = _RANGE.match(text, match.start())
            first, last = sorted((_number(match[0]), _number(span[2] if span else match[0])))
            at = span.end() if span else match.end()
            inside = range(max(1, first), min(self._count, last) + 1)
            if first < 1 or last > self._count:
                invented.append(text[match.start() : at])
            result.update(dict.fromkeys(inside))
        return list(result), invented


def _number(digits: str) -> int:
    return int(digits) if len(digits) < 10 else 10**10


def without_citations(text: str) -> str:
    """Returns a text without anything that looks like a citation.

    >>> without_citations("As shown before [12], it grew.")
    'As shown before, it grew.'
    """
    check = CitationFilter(0)
    return check.feed(text) + check.close()
