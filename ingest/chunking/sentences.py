"""Running text: its words with the lines they stand on, and the sentences it is cut into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from octavo.ingest.model import Box, Line, Region
from octavo.ingest.sentences import ends_sentence

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}][^\s{_CJK}]*")
_TOKEN = re.compile(rf"(\s*)([{_CJK}]|[^\s{_CJK}]+)")
_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_HYPHEN = re.compile(r"[^\W\d_][-\u2010]$")
_TAIL = 8
"""Words of a sentence that are looked at to see whether it ends."""
_BETWEEN_SENTENCES, _WITHIN_SENTENCE = 0.3, 3.0


def count(text: str) -> int:
    """Returns the number of words of a text. A Chinese or Japanese character is one, a mark without letter or digit
    is none.

    >>> count("| Cost | 1,577 | – |"), count("年度报告")
    (2, 4)
    """
    return len(_WORD.findall(text))


@dataclass(frozen=True, slots=True)
class ChunkUnit:
    """A piece that is never cut: a sentence, a table row, a figure.

    `joint` stands between it and the part before it; `scar` is what it costs to part the two, 0 for nothing.
    """

    text: str
    regions: tuple[Region, ...]
    joint: str = "\n"
    scar: float = 0.0


@dataclass(frozen=True, slots=True)
class _Token:
    """A word and the space before it."""

    space: str
    text: str
    regions: tuple[Region, ...]


class Prose:
    """Running text of one region, and of others that it goes on in."""

    def __init__(self, text: str, lines: Sequence[Line], region: Region) -> None:
        self.regions = [region]
        self._tokens = _tokens(text, lines, region)

    def add(self, text: str, lines: Sequence[Line], region: Region) -> None:
        """Adds the region that the text goes on in; a word that a hyphen parts between the two is joined."""
        last = self._tokens.pop()
        first, *rest = _tokens(text, lines, region)
        if _HYPHEN.search(last.text):
            self._tokens.append(_Token(last.space, last.text[:-1] + first.text, (*last.regions, *first.regions)))
        else:
            self._tokens += [last, _Token(" ", first.text, first.regions)]
        self._tokens += rest
        self.regions.append(region)

    def goes_on(self, text: str) -> bool:
        """Returns whether `text` may continue this: no sentence has ended, and it begins in lower case."""
        return not _END.search(self._tokens[-1].text) and text.lstrip()[:1].islower()

    def parts(self, words: int) -> tuple[ChunkUnit, ...]:
        """Returns the sentences; one of more than half of `words` words is cut, for where nothing else helps.

        >>> prose = Prose("Sales rose, e.g. in May (see Fig. 3). Costs fell.", (), Region(0, Box(0, 0, 9, 9)))
        >>> [part.text for part in prose.parts(220)]
        ['Sales rose, e.g. in May (see Fig. 3).', 'Costs fell.']
        """
        result: list[ChunkUnit] = []
        for sentence in self._sentences():
            for n, piece in enumerate(_pieces(sentence, max(1, words // 2))):
                text = "".join(token.space + token.text for token in piece).strip()
                scar = _WITHIN_SENTENCE if n else _BETWEEN_SENTENCES * (piece[0].space != "\n")
                result.append(
                    ChunkUnit(text, merge_regions(r for token in piece for r in token.regions), piece[0].space, scar)
                )
        return tuple(result)

    def _sentences(self) -> Iterator[list[_Token]]:
        sentence: list[_Token] = []
        for token in self._tokens:
            if sentence and (token.space == "\n" or _ends(sentence, token)):
                yield sentence
                sentence = []
            sentence.append(token)
        if sentence:
            yield sentence


def merge_regions(regions: Iterable[Region]) -> tuple[Region, ...]:
    """Returns regions with those of one element, where they follow each other, as one box."""
    return tuple(
        Region(page, Box.around(region.box for region in same), element)
        for (page, element), same in groupby(regions, key=lambda region: (region.page, region.element))
    )


def _tokens(text: str, lines: Sequence[Line], region: Region) -> list[_Token]:
    """Returns words, each with the box of its line where lines and text say the same, else with the whole region."""
    result = _TOKEN.findall(text)
    tokens = [(word, line.box) for line in lines for _, word in _TOKEN.findall(line.text)]
    if [word for word, _ in tokens] == [word for _, word in result]:
        places = [(Region(region.page, box, region.element),) for _, box in tokens]
    else:
        places = [(region,)] * len(result)
    return [
        _Token("\n" if "\n" in space else " " * bool(space), word, place)
        for (space, word), place in zip(result, places, strict=True)
    ]


def _ends(sentence: Sequence[_Token], following: _Token) -> bool:
    """Returns whether a sentence ends before the following word; a lone first word such as "2." is a list's number."""
    if len(sentence) == 1:
        return False
    tail = "".join(token.space + token.text for token in sentence[-_TAIL:])
    return ends_sentence(tail.lstrip(), following.text)


def _pieces(sentence: Sequence[_Token], most: int) -> Iterator[Sequence[_Token]]:
    size = -(-len(sentence) // -(-len(sentence) // most))
    for start in range(0, len(sentence), size):
        yield sentence[start : start + size]
