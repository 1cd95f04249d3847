"""Rows of tables that a question selects: how many there are, what they come to, which they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile

from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.alike_tables import joined, states_row_count
from octavo.rag.answering.plans.base import Paragraph, Reply
from octavo.rag.answering.plans.compute.formulas import add
from octavo.rag.answering.plans.compute.pairs import compares
from octavo.rag.answering.plans.compute.products import measures_of_price, price_terms
from octavo.rag.answering.plans.conditions import PODIUM
from octavo.rag.answering.plans.matching import is_day, is_order, place_terms, row_terms, unsummed_terms
from octavo.rag.answering.plans.operands import MONEY_NAMED, TOTAL
from octavo.rag.answering.plans.relation import Relation, cell_in, cells_of
from octavo.rag.answering.plans.selection import MOST_LISTED, Selection, column_of, names_of, noun_after, selections
from octavo.rag.answering.question_analysis import QuestionAnalysis, terms_of_words, words_of, words_of_names
from octavo.rag.answering.units import Unit, unit_of
from octavo.rag.query.language import AnswerKind, split

_COUNTED = pattern("rows", "counted")
_SUMMED = pattern("rows", "summed")
_WHICH = pattern("rows", "which")
_TOTAL = pattern("rows", "total")
_ALL = pattern("rows", "all")
_MOST = pattern("extremes", "most")
_LEAST = pattern("extremes", "least")
_BOUND = pattern("extremes", "bound")
_CHANGE = pattern("compute", "change")
_SHARE = pattern("compute", "share")
_SCALED = pattern("rows", "scaled")
_CUE = pattern("extremes", "cue")
_VERDICT = pattern("verdict", "cue")
_SPENT = pattern("rows", "spent")
_TIMES = terms_of_words(words("rows", "words_times"))
_PHRASE = re.compile(r"\W*(?P<rest>[^?]+?)\W*")
NAMING = 2
"""Words at the beginning of a phrase that may say its unit, as in "overtime hours"."""


def rows(material: Material) -> Reply | None:
    """Returns how many rows a question selects, or the sum of the column of numbers that it asks for.

    Of several tables the one comes first that leaves the fewest words of the question unexplained.
    """
    text = material.query.text
    summed, count_match = _SUMMED.search(text), _COUNTED.search(text)
    match = summed or count_match or _amount_in_unit(material)
    is_total = _is_total(text)
    is_spent = _SPENT.search(text) is not None
    if (
        _CHANGE.search(text)
        or _SHARE.search(text)
        or not (match or is_total or is_spent)
        or compares(text)
        or (match and _SCALED.match(match["rest"]))
    ):
        return None
    bound = _BOUND.search(text)
    if bound and not any(t.isdigit() for t in words_of(text[bound.end() :])[:1]):
        return None
    if not bound and (_MOST.search(text) or _LEAST.search(text)):
        return None
    noun = noun_after(material.analysis, match["rest"]) or _row_noun(material.analysis, match["rest"]) if match else []
    if match and not is_total and (not noun or any(_states_count(material, c, noun[-1]) for c in material.candidates)):
        return None
    by_document = is_total and bool(material.analysis.units)
    ranked = sorted(selections(material, by_document=by_document), key=lambda s: len(s.other_terms))
    if is_spent and (reply := _spent(material, ranked)):
        return reply
    if summed or is_total or noun:
        sums = (_sum(material, s, noun) for s in ranked)
        if reply := next(filter(None, sums), None):
            return reply
    if count_match and not summed and noun:
        return next(filter(None, (_count(material, s, noun) for s in joined(material, ranked))), None)
    return None


def select(material: Material) -> Reply | None:
    """Returns which rows a question selects, by the names in the column that it asks for."""
    match = _WHICH.search(material.query.text)
    asks = material.analysis.answer_kind
    noun = noun_after(material.analysis, match["rest"]) or list(words_of(match["rest"].split()[0])) if match else []
    if not noun and asks not in (AnswerKind.WHO, AnswerKind.WHEN):
        return None
    generic = terms_of_words(material.analysis.language.generic)
    for selection in selections(material):
        column = _column(material, selection, noun)
        matching = [c for c in selection.rows if column is not None and cell_in(c, column)]
        is_part = 0 < len(matching) < len(selection.relation.counted) and len(matching) <= MOST_LISTED
        if (
            column is None
            or not is_part
            or not selection.bounds
            or not generic.intersection(noun).issuperset(selection.other_terms)
        ):
            continue
        names = "; ".join(dict.fromkeys(selection.relation.label(c, column) for c in matching))
        count = f" ({len(matching)} of {len(selection.relation.counted)} rows)"
        return Reply((Paragraph(f"{names}{count}", tuple(matching)),), checked=True)
    return None


def _amount_in_unit(material: Material) -> re.Match[str] | None:
    """Returns a question that is no more than a phrase for an amount in a unit, such as "hours driven on tour 7"."""
    analysis = material.analysis
    if analysis.answer_kind is not None or any(form.search(analysis.text) for form in (_CUE, _VERDICT)):
        return None
    phrase = _PHRASE.fullmatch(analysis.text)
    return phrase if phrase and _units(material, noun_after(analysis, phrase["rest"])[:NAMING]) else None


def _row_noun(analysis: QuestionAnalysis, text: str) -> list[str]:
    """Returns the first word of a text but "different" and the like, where it is one for any row: "articles"."""
    content = [word for word in split(text) if word not in analysis.language.function]
    return [t for word in content[:1] for t in words_of(word) if t in row_terms()]


def _spent(material: Material, selections: Sequence[Selection]) -> Reply | None:
    """Returns the sum of the one column of money over the entries that the question selects of an account by days."""
    for selection in selections:
        relation = selection.relation
        free = [c for c in relation.values if c not in selection.used_columns and _is_money(material, c)]
        is_part = selection.bounds and not selection.other_terms and len(selection.rows) > 1
        if not is_part or len(free) != 1 or not is_dated(relation):
            continue
        operands = [operand for c in selection.rows if (operand := relation.number(c, free[0]))]
        reply = add([(1.0, operand) for operand in operands]) if len(operands) > 1 else None
        if reply:
            return replace(reply, checked=True)
    return None


def is_dated(relation: Relation) -> bool:
    """Returns whether rows are entries of an account or a diary: most of them have a day in one column."""
    return any(_holds(relation, column, lambda text: any(dates(text))) for column in relation.columns)


def _states_count(material: Material, c: Candidate, noun: str) -> bool:
    """Returns whether a sentence has a number right before the noun and says half of the question's other terms.

    Terms of the document's title count for nothing.
    """
    if c.passage.row is not None or c.passage.kind in HEADINGS:
        return False
    if re.search(rf"(?<!\S)\d+ (?:\w+ )?{re.escape(noun)}(?!\S)", c.spans) is None:
        return False
    analysis = material.analysis
    others = set(analysis.terms) - {noun} - words_of_names(c.evidence.title, c.evidence.name)
    return 2 * len(analysis.matched_terms(c.words, c.spans) & others) >= len(others)


def _is_total(text: str) -> bool:
    """Returns whether a question asks for the sum of all rows."""
    return bool(_TOTAL.search(text) or _ALL.search(text))


def _sum(material: Material, selection: Selection, noun: list[str]) -> Reply | None:
    columns = _numbers(material, selection, noun)
    is_total = _is_total(material.query.text)
    relation = selection.relation
    is_whole = _is_about_noun(material, relation, noun) or (len(columns) == 1 and _is_totalled(material, selection))
    columns = columns or (list(relation.values) if is_whole else [])
    if not columns or not (selection.bounds or is_total or is_whole):
        return None
    if relation.total is not None and not selection.bounds:
        stated = [relation.number(relation.total, column) for column in columns]
        if len(stated) == 1 and stated[0]:
            return Reply((Paragraph(stated[0].description, (relation.total,)),))
    cells = [relation.number(c, column) for c in selection.rows for column in columns]
    operands = [operand for operand in cells if operand]
    with_numbers = [c for c in selection.rows if any(relation.number(c, column) for column in columns)]
    if not operands or len(with_numbers) < len(selection.rows):
        return None
    if len(operands) == 1 and is_total and selection.bounds and _joins(material):
        return None
    if len(operands) == 1:
        is_one = selection.bounds and not (is_total and selection.other_terms)
        return Reply((Paragraph(operands[0].description, (operands[0].candidate,)),)) if is_one else None
    reply = add([(1.0, operand) for operand in operands])
    return Reply(reply.paragraphs, checked=not (is_total and selection.other_terms)) if reply else None


def _joins(material: Material) -> bool:
    """Returns whether a question joins things by a conjunction."""
    return pattern("page_sets", "and", material.analysis.language.code).search(material.query.text) is not None


def _is_totalled(material: Material, selection: Selection) -> bool:
    """Returns whether a question asks for the total of what a column is called, and the table says all of it."""
    summed = _SUMMED.search(material.query.text)
    return bool(summed and TOTAL & set(words_of(summed[0]))) and not selection.other_terms


def _is_about_noun(material: Material, relation: Relation, noun: Sequence[str]) -> bool:
    """Returns whether a heading says what is summed, in two words at least, and the table has one column of numbers.

    It says all words of the noun but perhaps the last, which may be a verb: "total grant money awarded". A total that a
    row of a table states is not computed.
    """
    terms_above = material.analysis.matched_terms(relation.above)
    head = list(takewhile(lambda t: t in terms_above, noun))
    is_stated = any(
        TOTAL & set(words_of(c.passage.row.label)) and material.analysis.matched_in(c.passage.row.label) >= set(head)
        for c in material.candidates
        if c.passage.row
    )
    return len(relation.values) == 1 and len(head) >= max(NAMING, len(noun) - 1) and not is_stated


def _numbers(material: Material, selection: Selection, noun: list[str]) -> list[str]:
    """Returns the columns of numbers to add: by name, unit or year, the quantity of named things, all costs' money.

    There are several only where the question joins their names.
    """
    relation, analysis = selection.relation, material.analysis
    free = [column for column in relation.values if column not in selection.used_columns]
    free = [column for column in free if not measures_of_price(column, free)]
    if _COUNTED.search(analysis.text) and not analysis.units and not _is_total(analysis.text):
        free = [column for column in free if not _adds_to_nothing(relation, column)]
        if any(words_of(c) and set(words_of(c)) <= set(noun) for c in relation.columns if c not in relation.values):
            return []
    if selection.headings and set(selection.headings) <= set(free):
        return list(selection.headings)
    names = {column: frozenset(words_of(column)) for column in free}
    columns = [c for c in free if names[c] and len(analysis.matched_terms(names[c]) & names[c]) == len(names[c])]
    if len(columns) > 1 and len(set().union(*(names[c] for c in columns))) == sum(len(names[c]) for c in columns):
        if pattern("page_sets", "and", analysis.language.code).search(analysis.text):
            return columns
        described = [c for c in columns if not names[c].intersection(noun[-1:])]  # "parcels were undelivered"
        return described if len(described) == 1 else []
    counting, is_total = terms_of_words(analysis.language.quantity), _is_total(material.query.text)
    is_about = bool(set(noun or analysis.terms) & analysis.matched_terms(relation.above))
    options = (
        [c for c in free if set(noun) & analysis.matched_terms(names[c])],
        [c for c in free if any(unit.stands_in(c) for unit in _units(material, noun))],
        [c for c in columns if is_about and words_of(c) == analysis.years]
        or [c for c in free if is_about and any(year in c for year in analysis.years)],
        [c for c in free if set(noun) & selection.said_by_cells and counting & names[c]],
        [c for c in free if is_total and set(noun) & row_terms() and counting & names[c]],
        [c for c in columns if _COUNTED.search(analysis.text) and not names[c] & selection.said_by_cells],
    )
    in_all = (
        [c for c in free if _is_money(material, c)] if analysis.money else [],
        [c for c in free if (set(analysis.terms) - selection.said_by_cells) & analysis.matched_terms(names[c])],
        free if selection.said_by_cells and len(relation.values) == 1 else [],
        free if is_about and len(relation.values) == 1 and not analysis.money else [],
    )
    best = next(filter(None, options + in_all if is_total else options), [])
    return best if len(best) == 1 else []


def _units(material: Material, noun: list[str]) -> list[Unit]:
    """Returns the units that a question wants its number in."""
    of_noun = [
        unit for word in split(material.query.text) if set(words_of(word)) & set(noun) and (unit := unit_of(word))
    ]
    return [*material.analysis.units, *of_noun]


def _is_money(material: Material, column: str) -> bool:
    """Returns whether a column is called by a currency or a word for a price."""
    return bool(
        MONEY_NAMED.search(column.upper().replace("_", " ")) or price_terms(material.analysis) & set(words_of(column))
    )


def _count(material: Material, selection: Selection, noun: list[str]) -> Reply | None:
    relation, analysis = selection.relation, material.analysis
    things = [c for c in relation.columns if c not in relation.values]
    matching = [c for c in things if set(noun) & analysis.matched_in(c)]
    matching.sort(key=lambda c: len(words_of(c)))
    heading = relation.above if selection.bounds else relation.above - relation.beside
    is_heading = bool(set(noun) & analysis.matched_terms(heading))
    people = terms_of_words(analysis.language.people)
    if selection.bounds and people.intersection(noun) and (names := names_of(selection, analysis)):
        return _count_people(selection, names)
    is_row = bool(selection.bounds) and (
        bool(set(noun) & row_terms())
        or is_day(relation, material.query.text)
        or (bool(_TIMES.intersection(noun)) and is_dated(relation))
    )
    is_named = not selection.other_terms and any(
        c in relation.columns[:2] and set(words_of(c)) <= set(noun) for c in matching
    )
    is_placed = bool(selection.bounds and set(noun) & place_terms() and PODIUM.search(analysis.text))
    is_register = bool(selection.said_by_cells) and not relation.notes
    is_stated = bool(selection.bounds) and states_row_count(relation, noun[:1])
    is_counted = is_heading or is_row or is_placed or is_register or is_stated
    is_counted = is_counted or (bool(matching) and bool(selection.bounds or is_named))
    if not is_counted or analysis.units or len(relation.counted) < 2:
        return None
    is_one_by_label = len(selection.rows) == 1 and selection.used_columns <= {relation.columns[0]}
    if not selection.rows or (relation.values and is_heading and is_one_by_label and not matching):
        return None
    exact = [c for c in matching if set(words_of(c)) <= set(noun)]
    exact.sort(key=lambda c: min(noun.index(t) for t in words_of(c)))
    if exact and len(distinct := _distinct(selection, exact[0])) < len(selection.rows):
        return Reply(
            (Paragraph(f"{len(distinct)}: {', '.join(distinct[:MOST_LISTED])}.", selection.rows),), checked=True
        )
    labels = ", ".join(relation.label(c, matching[0] if matching else "") for c in selection.rows[:MOST_LISTED])
    return Reply((Paragraph(f"{len(selection.rows)}: {labels}.", selection.rows),), checked=True)


def _adds_to_nothing(relation: Relation, column: str) -> bool:
    """Returns whether the numbers of a column are years, ages or the like, or places in an order."""
    last = words_of(column)[-1:]
    return unsummed_terms().issuperset(last) and (not place_terms().issuperset(last) or is_order(relation, column))


def _distinct(selection: Selection, column: str) -> list[str]:
    """Returns the different cells of a column in the rows of a selection."""
    cells = (cell_in(c, column) for c in selection.rows)
    return list(dict.fromkeys(cell.text.strip() for cell in cells if cell and cell.text.strip()))


def _count_people(selection: Selection, names: str) -> Reply | None:
    """Returns how many people the rows name, each once, where whole cells say what the question says in cells."""
    terms = selection.said_by_cells
    cells = [frozenset(words_of(cell.text)) for c in selection.relation.counted for cell in cells_of(c)]
    if terms and not any(words and words <= terms for words in cells):
        return None
    people = list(dict.fromkeys(cell.text for c in selection.rows if (cell := cell_in(c, names))))
    if not people or selection.other_terms:
        return None
    return Reply((Paragraph(f"{len(people)}: {'; '.join(people[:MOST_LISTED])}.", selection.rows),), checked=True)


def _column(material: Material, selection: Selection, noun: Sequence[str]) -> str | None:
    """Returns the column that a question asks for: names after who, days after when, else the one its noun names."""
    relation, analysis = selection.relation, material.analysis
    free = [c for c in relation.columns if c not in selection.used_columns and c not in relation.values]
    people = terms_of_words(analysis.language.people)
    matches = [c for c in free if words_of(c) and words_of(c) == tuple(noun[: len(words_of(c))])]
    if len(matches) == 1:
        return matches[0]
    if analysis.answer_kind is AnswerKind.WHO or (noun and noun[0] in people):
        return names_of(selection, analysis) or (column_of(selection, analysis, noun) if noun else None)
    if analysis.answer_kind is AnswerKind.WHEN:
        days = [c for c in free if _holds(relation, c, lambda text: any(dates(text)))]
        return days[0] if days else column_of(selection, analysis, noun)
    return column_of(selection, analysis, noun)


def _holds(relation: Relation, column: str, test: Callable[[str], bool]) -> bool:
    """Returns whether most cells of a column are of a kind."""
    texts = [cell.text for c in relation.rows if (cell := cell_in(c, column))]
    return sum(map(test, texts)) > 0.7 * len(texts)
