"""Codes, numbered names and quarters of a question that passages say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.question_analysis import words_of
from octavo.rag.answering.required_terms import SPLIT_YEAR, forms_of_code, numbered_names, required_terms

_MODEL_CODE = re.compile(r"[A-Za-z]+[-_]?(?=\w*\d)[\w-]+")
_PERIOD_CODE = re.compile(r"(?:FY|[QHTS])\W?\d+", re.I)
_QUARTER = re.compile(r"Q([1-4])", re.I)
_ORDINALS = ("first", "second", "third", "fourth")
_INTERIM = ("three months ended", "weeks ended", "quarterly period")
"""Words by which a report says that it is about a quarter, whichever of the year it is."""


def unsaid_codes(material: Material, support: Sequence[Candidate]) -> tuple[str, ...]:
    """Returns the codes, numbered names and school years of a question that the documents of passages do not say.

    What a plan computes or compares answers only for what stands there: not for a model that no document has.
    """
    analysis = material.analysis
    documents = {c.document for c in support}
    same = [*support, *(c for c in material.candidates if c.document in documents)]
    texts = [f" {' '.join(words_of(text.replace('-', ' ')))} " for text in material.texts_beside(support)]

    def is_said(*forms: str) -> bool:
        phrases = [f" {' '.join(words_of(form))} " for form in forms]
        runs = [f" {''.join(words_of(form))} " for form in forms]
        return any(phrase in text for phrase in (*phrases, *runs) for text in texts)

    codes = [
        code
        for code, strict in required_terms(analysis)
        if strict and (SPLIT_YEAR.fullmatch(code) or _MODEL_CODE.fullmatch(code)) and not _PERIOD_CODE.fullmatch(code)
    ]
    unsaid = [code for code in codes if not _stands_as_code(code, same) and not is_said(*forms_of_code(code))]
    unsaid += [
        f"{name} {number}"
        for name, number in numbered_names(analysis)
        if not refers_to_number(same, name, number) and not is_said(f"{name} {number}")
    ]
    return tuple(dict.fromkeys(unsaid))


def _stands_as_code(code: str, candidates: Sequence[Candidate]) -> bool:
    return any(stand_together(words_of(form), candidates, "") for form in forms_of_code(code))


def _is_row_of(candidates: Iterable[Candidate], name: str, number: str) -> bool:
    """Returns whether a row has a number in a column that is called by a name: 7 under "Week" for Week 7."""
    return any(
        cell.text.strip() == number and set(words_of(name)) <= set(words_of(" ".join(cell.names)))
        for c in candidates
        if c.passage.row
        for cell in c.passage.row.cells
    )


def refers_to_number(candidates: Sequence[Candidate], word: str, number: str) -> bool:
    """Returns whether passages say a word with its number, such as "Fig. 3", or have a row that is called so."""
    phrase = f" {' '.join(words_of(f'{word} {number}'))} "
    short = phrase.replace(" figur ", " fig ")
    return _is_row_of(candidates, word, number) or any(
        phrase in f" {c.spans} " or short in f" {c.spans} " or phrase in f" {s} "
        for c in candidates
        for _, _, s in c.around
    )


def has_other_number(candidates: Sequence[Candidate], word: str, number: str, names: str) -> bool:
    """Returns whether titles or passages say a word with other numbers only: "Bus 47", where bus 52 is asked for.

    A number that is the name of a row or a column says itself.
    """
    rows = [c.passage.row for c in candidates if c.passage.row]
    if any(number in (row.label.strip(), *(name for cell in row.cells for name in cell.names)) for row in rows):
        return False
    form = re.compile(rf"(?<!\S){re.escape(' '.join(words_of(word)))} (\d{{1,3}})(?!\S)")
    texts = (text for c in candidates for text in (c.spans, *(s for *_, s in c.around)))
    numbers = {n for text in (names, *texts) for n in form.findall(text)}
    return bool(numbers) and number not in numbers


def stand_together(terms: Sequence[str], candidates: Iterable[Candidate], title: str) -> bool:
    """Returns whether the parts of a code stand one after the other: not `DH` in one place and `30` in another."""
    phrase, run = f" {' '.join(terms)} ", f" {''.join(terms)} "
    texts = [title, *(f" {s} " for c in candidates for s in (c.spans, *(s for *_, s in c.around)))]
    return any(form in text for form in (phrase, run) for text in texts)


def is_quarter_of(candidates: Iterable[Candidate], code: str) -> bool:
    """Returns whether a code is a quarter that passages name in words, or that a report on a quarter may be about."""
    quarter = _QUARTER.fullmatch(code)
    if quarter is None:
        return False
    forms = [f" {' '.join(words_of(form))} " for form in (f"{_ORDINALS[int(quarter[1]) - 1]} quarter", *_INTERIM)]
    return any(
        form in f" {text} " for c in candidates for text in (c.spans, *(s for *_, s in c.around)) for form in forms
    )
