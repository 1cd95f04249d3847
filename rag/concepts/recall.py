"""Recall of the concepts that a question is about: by a name in its words, or by a picture that its picture shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from octavo.ingest.store.concepts import Concept
from octavo.rag.embedding import Embedder

_ACRONYM = re.compile(r"[A-Z0-9&.-]{1,5}")
"""Short names in capitals, which are told from words by their case."""

_NAME = re.compile(r"(?<![.?!:]\s)(?<!^)\b[A-Z][\w&'’-]*(?:\s+[A-Z0-9][\w&'’-]*)*")
"""Capitalized phrases that begin no sentence."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A concept that a question is about; `mention` is how the question names it, empty where its picture shows it."""

    concept: Concept
    mention: str = ""


def recall(
    concepts: Sequence[Concept], question: str, picture: bytes | None, k: int, embedding: Embedder | None = None
) -> list[Recalled]:
    """Returns at most `k` concepts: those that are named, by where they stand, then those that are shown.

    `embedding` is one that sees pictures, where there is one.
    """
    results = {recalled.concept.id: recalled for recalled in _by_name(concepts, question)}
    with_pictures = [concept for concept in concepts if concept.pictures and concept.id not in results]
    if picture is not None and with_pictures and len(results) < k:
        from octavo.rag.concepts.pictures import match_pictures

        results |= {concept.id: Recalled(concept) for concept in match_pictures(with_pictures, picture, embedding)}
    return list(results.values())[:k]


def find_mentions(names: Sequence[str], text: str) -> Iterator[tuple[int, int, str]]:
    """Yields where one of several names stands in a text as whole words: start, end, the name; longest first.

    Case and accents make no difference, except for short names in capitals.

    >>> list(find_mentions(["Löwe press", "IT"], "Does the lowe press need it, or IT?"))
    [(9, 19, 'Löwe press'), (32, 34, 'IT')]
    """
    folded = fold(text)
    spans: list[tuple[int, int]] = []
    for name in sorted(names, key=len, reverse=True):
        is_acronym = bool(_ACRONYM.fullmatch(name))
        pattern = re.compile(rf"(?<!\w){re.escape(name if is_acronym else fold(name))}(?:['’]s)?(?!\w)")
        for match in pattern.finditer(text if is_acronym else folded):
            if not any(match.start() < end and start < match.end() for start, end in spans):
                spans.append(match.span())
                yield match.start(), match.end(), name


def _by_name(concepts: Sequence[Concept], question: str) -> Iterator[Recalled]:
    by_name = {name: concept for concept in concepts for name in concept.names}
    for start, end, name in sorted(find_mentions(list(by_name), question)):
        yield Recalled(by_name[name], question[start:end])


OTHER_QUESTIONS = 5
"""Questions with another name of a concept that are tried."""


def other_questions(question: str, recalled: Sequence[Recalled]) -> list[str]:
    """Returns a question with other names of its concepts, and names that their notes give, in place of those it uses.

    Where a concept is shown and not named, its name is added.

    >>> concept = Concept(1, "Larkfield press", ("our flagship",), note="It is sold as the LX-9.")
    >>> other_questions("What does our flagship cost?", [Recalled(concept, "our flagship")])
    ['What does Larkfield press cost?', 'What does LX-9 cost?']
    """
    results: list[str] = []
    for one in recalled:
        others = [name for name in one.concept.names if fold(name) != fold(one.mention)]
        others += [name for name in _NAME.findall(one.concept.note) if fold(name) not in map(fold, one.concept.names)]
        if one.mention and one.mention in question:
            results += [question.replace(one.mention, name) for name in others]
        elif not one.mention:
            results.append(f"{question} {one.concept.name}".strip())
    return list(dict.fromkeys(results))[:OTHER_QUESTIONS]


def fold(text: str) -> str:
    """Returns a text in lower case and without accents, letter for letter.

    >>> fold("Ångström")
    'angstrom'
    """
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text.lower()) if text.lower() else ""
