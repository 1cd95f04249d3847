"""The ends of sentences in running text of any language."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from itertools import pairwise

LOOK_BACK = 80
"""Letters that are looked at to see how a sentence ends, so that the work grows with the text's length."""
LOOK_AHEAD = 20
"""Letters of what follows that are looked at."""
_CLOSING = "\"'”’»)\\]"
_STOP = re.compile(rf"[.!?…。！？][{_CLOSING}]*$")
_CANDIDATE = re.compile(rf"(?<![.!?])[.!?…]+[{_CLOSING}]*\s+|[。！？]+[{_CLOSING}]*\s*")
_OPENING = re.compile(r"^[\"'“‘«(\[•¿¡\s]+")
_LIST_NUMBER = re.compile(r"(?:^|\n)\W*\d{1,3}\.$")
_LETTER = re.compile(r"(?<![^\W\d_])[^\W\d_]\.$")
_BEFORE_NUMBER = re.compile(r"(?<!\w)(?:nos?|n|pp?)\.$", re.I)
_DAY = re.compile(r"(?<![\w.,])\d{1,2}\.$")
_MONTH = re.compile(r"(?:Jan|Feb|M[aä]r|Apr|Ma[iy]|J[uú]n|Jul|Aug|Sep|O[ck]t|Nov|De[cz])[a-zä]*\b")


def split_sentences(text: str) -> list[str]:
    """Returns the sentences of a text.

    A full stop after an abbreviation, an initial, a list's or a day's number ends none.

    >>> split_sentences("Zahlbar bis zum 31. Januar. Danach 5 % Zinsen, z. B. Verzugszinsen.")
    ['Zahlbar bis zum 31. Januar.', 'Danach 5 % Zinsen, z. B. Verzugszinsen.']
    >>> split_sentences("Sales rose 1.5% in the U.S. Costs fell (see Fig. 3). Good!")
    ['Sales rose 1.5% in the U.S. Costs fell (see Fig. 3).', 'Good!']
    """
    cuts = [0, *sentence_ends(text), len(text)]
    return [sentence for start, end in pairwise(cuts) if (sentence := text[start:end].strip())]


def sentence_ends(text: str) -> list[int]:
    """Returns the places in a text at which a sentence has ended and the next one begins.

    >>> sentence_ends("It rose. It fell.")
    [9]
    """
    ends: list[int] = []
    for match in _CANDIDATE.finditer(text):
        begin = max(ends[-1] if ends else 0, match.start() + 1 - LOOK_BACK)
        if ends_sentence(text[begin : match.start() + 1], text[match.end() : match.end() + LOOK_AHEAD]):
            ends.append(match.end())
    return ends


def ends_sentence(sentence: str, following: str) -> bool:
    """Returns whether a sentence ends before what follows; `sentence` is its text so far, or the end of that.

    >>> ends_sentence("We met Dr.", "Ames"), ends_sentence("It rose.", "it fell"), ends_sentence("It rose.", "It fell")
    (False, False, True)
    >>> ends_sentence("She lives at no.", "4 and"), ends_sentence("Open? No.", "It opens at 4.")
    (False, True)
    """
    begins = _OPENING.sub("", following)
    if not begins or begins[0].islower() or not _STOP.search(sentence):
        return False
    if _LIST_NUMBER.search(sentence) or _LETTER.search(sentence) or _abbreviation().search(sentence):
        return False
    if _BEFORE_NUMBER.search(sentence) and begins[0].isdigit():
        return False
    return not (_DAY.search(sentence) and _MONTH.match(begins))


@cache
def _abbreviation() -> re.Pattern[str]:
    data = tomllib.loads(resources.files(__package__).joinpath("sentences.toml").read_text(encoding="utf-8"))
    forms = sorted({form for forms in data.values() for form in forms}, key=len, reverse=True)
    any_case = "|".join(re.escape(form) for form in forms if form.islower())
    as_written = "|".join(re.escape(form) for form in forms if not form.islower())
    return re.compile(rf"(?<!\w)(?:(?i:{any_case})|{as_written})\.$")
