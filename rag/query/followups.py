"""Follow-up questions: what a question means after those before it, by a model's words or by rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from octavo.rag.clients.errors import EndpointError
from octavo.rag.clients.messages import Message
from octavo.rag.clients.thoughts import without_thoughts
from octavo.rag.query.analysis import terms
from octavo.rag.query.language import ENGLISH, languages, numeral_form
from octavo.rag.query.question import parse_query

TOKENS, SECONDS = 120, 6.0
"""The limits of a model for one question."""
LETTERS = 400
"""Letters of an answer that it is told, and that its question may have."""
_ASK = (
    "You are given a conversation about documents. Rewrite its last question so that it can be understood alone: put "
    "what is meant in the place of words that point back (it, they, that year, the other one). Keep its language, "
    "names and numbers, add nothing else. Repeat a question that stands alone as it is. Write only the question, in "
    "one line, and do not answer it."
)

_CITED = re.compile(r"\[\d+\]")

Say = Callable[[Sequence[Message], int, float], str]
"""Asks a model: messages, tokens and seconds that it may take. Raises `EndpointError`."""

_LEADS_ON, _REFERS, _ASKS, _PLACES = (
    re.compile("|".join(languages()[ENGLISH].plans["followups"][name]), re.I)
    for name in ("leads_on", "refers", "asks", "places")
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<number>(?!{_YEAR.pattern})\d+(?:[.,]\d+)*|{numeral_form()})"
    r"(?![\w.,:/]*\d)\b(?:[\s-](?P<word>[^\W\d_]+))?",
    re.I,
)
_WORD = re.compile(r"[\w'’&.%-]*\w%?")


def condense(question: str, before: str) -> str:
    """Returns a question that stands alone, from a follow-up and the (condensed) question before it.

    A new year or a new name takes the place of the old one. A new subject keeps the years and names of the question
    before, anything else all its words, in brackets. A question that stands alone already is left as it is.

    >>> first = "What was capital expenditure in 2018?"
    >>> condense("And in 2017?", first)
    'What was capital expenditure in 2017?'
    >>> condense("And revenue?", first)
    'And revenue? (2018)'
    >>> condense("And what is not covered?", "How much does PerksPlus reimburse?")
    'And what is not covered? (PerksPlus)'
    >>> condense("Why did it rise?", first)
    'Why did it rise? (capital expenditure 2018)'
    >>> condense("What about the South Dome?", "How many nights did the North Dome observe?")
    'How many nights did the South Dome observe?'
    >>> condense("And for two hours?", "What does the sauna cost for three hours?")
    'What does the sauna cost for two hours?'
    >>> condense("Who runs the harbour office?", first)
    'Who runs the harbour office?'
    """
    refers = bool(_REFERS.search(question))
    lead = _LEADS_ON.match(question)
    rest = question[lead.end() :] if lead else question
    leads, is_short = rest != question, len(_content(question)) < 2
    is_fragment = not refers and ((leads and is_short) if _ASKS.match(rest) else (leads or is_short))
    if not before or not (refers or is_fragment):
        return question
    content, years = set(_content(question)), _YEAR.findall(question)
    if years and _YEAR.search(before) and not content - set(years):
        return _YEAR.sub(years[0], before)
    if is_fragment and (other := _with_amount(rest, before)):
        return other
    old, new = parse_query(before).names, parse_query(f"about {rest}").names
    if is_fragment and old and new and not content - set(_content(" ".join(new))) - set(years):
        return before.replace(old[-1], new[-1])
    carried = [word for word in dict.fromkeys(_WORD.findall(before)) if _content(word)]
    if is_fragment and not _PLACES.match(rest):
        old_names = {word for name in old for word in _WORD.findall(name)}
        carried = [word for word in carried if word in old_names or _YEAR.fullmatch(word)]
    carried = [w for w in carried if not content & set(_content(w)) and not (years and _YEAR.fullmatch(w))]
    return f"{question} ({' '.join(carried)})" if carried else question


def _with_amount(rest: str, before: str) -> str:
    """Returns the previous question with the amount of a fragment; empty unless both count the same thing."""
    new = list(_AMOUNT.finditer(rest))
    if len(new) != 1 or not set(_content(_AMOUNT.sub(" ", rest))) <= set(_content(before)):
        return ""
    thing = set(_content(new[0]["word"] or ""))
    old = [m for m in _AMOUNT.finditer(before) if not thing or thing == set(_content(m["word"] or ""))]
    if len(old) != 1:
        return ""
    number = old[0].span("number")
    return f"{before[: number[0]]}{new[0]['number']}{before[number[1] :]}"


def reword(question: str, before: Sequence[tuple[str, str]], say: Say) -> tuple[str, str]:
    """Returns a question that stands alone, by a model, from the questions `before` it with their answers.

    Where the model fails, or writes of other things, the rules of `condense` take its place; the second string then
    says why, in a few words.
    """
    conversation = "\n".join(
        f"Question: {earlier}\nAnswer: {' '.join(text.split())[:LETTERS]}" for earlier, text in before
    )
    asking = f"{conversation}\n\nLast question: {question}\n\nThe last question, rewritten:"
    try:
        reply = say([Message("system", (_ASK,)), Message("user", (asking,))], TOKENS, SECONDS)
    except EndpointError as error:
        return condense(question, before[-1][0]), f"by rules, as the model could not be asked: {error}"
    lines = [line for line in without_thoughts(reply).splitlines() if line.strip()]
    line = lines[0].removeprefix("Question:").strip(" \"“”'*") if lines else ""
    conversation_terms = set(_content(f"{conversation} {question}"))
    new_terms = [term for term in _content(line) if term not in conversation_terms]
    if not line or len(line) > LETTERS or _CITED.search(line) or 2 * len(new_terms) > len(_content(line)):
        return condense(question, before[-1][0]), "by rules, as the model did not write a question about this"
    return line, ""


def _content(text: str) -> list[str]:
    """Returns the terms that say what a text is about."""
    return terms(text, stop_words=False)
