"""Questions of two parts, such as who did something and when: each is answered by itself."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply
from octavo.rag.answering.question_analysis import analyze_question
from octavo.rag.answering.question_nouns import head_nouns
from octavo.rag.query.language import any_of

_CUE = pattern("parts", "cue")
_REFERS = pattern("parts", "refers")
LEAST = 2
"""Content words of a second part that stands alone."""


def parts(material: Material) -> Reply | None:
    """Splits a question in two; a second part of few words takes over those of the first."""
    text = material.query.text.strip().rstrip(" ?.")
    match = _CUE.search(text)
    words = [word for _, kind in material.analysis.language.question_words for word in kind]
    if match is None or not (opening := any_of(words).search(match["a"].lower())):
        return None
    first, second = match["a"], match["b"]
    own = analyze_question(second)
    is_elliptic = len(own.terms) <= LEAST and _REFERS.search(second) is not None
    nouns = [noun for noun, _ in head_nouns(own) if _REFERS.fullmatch(noun) is None]
    if (len(own.terms) < LEAST or is_elliptic) and not nouns:
        second = f"{second} {first[: opening.start()]}{first[opening.end() :]}"
    return Reply(questions=(f"{first}?", f"{' '.join(second.split())}?"))
