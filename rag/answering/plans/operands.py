"""Operands: typed numbers found for a phrase and a period, in cells of tables first, then in sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.dates import dates
from octavo.rag.answering.material import Material
from octavo.rag.answering.passage_lines import FIELD, LABELS
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.lookup import cell_text
from octavo.rag.answering.quantities import CURRENCIES, SCALED, Quantity, decimal_sign, quantities, quantity
from octavo.rag.answering.question_analysis import QuestionAnalysis, analyze_question, terms_of_words, words_of
from octavo.rag.answering.reporting import cells_of_length
from octavo.rag.answering.rows import NamedCell
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.query.domains import Item, finance
from octavo.rag.query.language import Language, any_form, languages

_COUNTED = pattern("compute", "counted")
_YEARS = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
TOTAL = terms_of_words(words("totals", "words_total"))
"""Labels of rows of totals."""
MONEY_NAMED = re.compile(r"[$€£¥]|\b(?:USD|EUR|GBP|CHF)\b")
"""Currencies in the names of columns: other columns of such a table are in none."""
LEAST = 0.6
"""The share of a phrase's terms that must stand with a number."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A number with its unit, its label, and its place."""

    quantity: Quantity
    name: str
    candidate: Candidate
    cell: NamedCell | None = None
    fit: float = 0.0

    @property
    def place(self) -> tuple[object, ...]:
        """Tells operands apart: their document, passage, and cell or place in the text."""
        return (self.candidate.document, self.candidate.passage.places, self.cell or self.quantity.start)

    @property
    def description(self) -> str:
        """The value with its names."""
        return cell_text(self.candidate, self.cell) if self.cell else f"“{self.candidate.passage.text}”"


def of_cell(candidate: Candidate, cell: NamedCell, fit: float = 1.0) -> Operand | None:
    """Returns the number of a cell, with the unit and scale that the table, its column and its row state."""
    row = candidate.passage.row
    if row is None or cell is row.cells[0]:
        return None
    own = " ".join((*cell.names, row.label))
    is_other = any(map(_names_currency, row.values)) and not _names_currency(cell)
    around = own if is_other else f"{candidate.passage.context} {own}"
    result = quantity(cell.text, around, decimal_sign(candidate.evidence.text))
    if result is None or any(day.start < result.end and result.start < day.end for day in dates(cell.text)):
        return None
    name = ", ".join(dict.fromkeys([row.label, *cell.names]))
    return Operand(result, name, candidate, cell, fit)


def _names_currency(cell: NamedCell) -> bool:
    """Returns whether a column's name says a currency, and not the scale of the whole table."""
    name = " ".join(cell.names)
    return MONEY_NAMED.search(name) is not None and SCALED.search(name) is None


def is_in_money(operand: Operand) -> bool:
    """Returns whether a number is an amount of money, as its own sign, its column or its table says.

    Where the name of another column says a currency, the table says none of this one.
    """
    cell, passage = operand.cell, operand.candidate.passage
    names = " ".join(cell.names) if cell else ""
    is_other = cell is not None and passage.row is not None and any(map(_names_currency, passage.row.values))
    around = names if is_other else f"{passage.context} {passage.section} {names}"
    return operand.quantity.unit in CURRENCIES or MONEY_NAMED.search(around) is not None


def field_name(c: Candidate) -> str:
    """Returns the label of a row, or what stands before the colon of a field."""
    return c.passage.row.label if c.passage.row else c.passage.text.partition(":")[0]


def names_row(analysis: QuestionAnalysis, operand: Operand, year: str = "") -> bool:
    """Returns whether a question names the row of a number by a word of its cells, or it is that of a year or a total.

    True for a number of a sentence.
    """
    row = operand.candidate.passage.row
    if row is None:
        return True
    words = frozenset(t for cell in row.cells if cell is not operand.cell for t in words_of(cell.text))
    return bool(words & (TOTAL | {year}) or analysis.matched_terms(words))


def counted_noun(analysis: QuestionAnalysis) -> set[str]:
    """Returns the term of the noun that a question counts: `member` of "how many more members"."""
    match = _COUNTED.search(analysis.text)
    return set(words_of(match["noun"])) & set(analysis.terms) if match else set()


def find(
    material: Material,
    phrase: str,
    year: str = "",
    among: Sequence[Candidate] | None = None,
    rows_only: bool = False,
    *,
    is_part: bool = False,
) -> Operand | None:
    """Returns the number that a phrase names, of a year where one is given.

    With `is_part`, of several numbers of a row that in the column is taken for which the table has a total.

    Each term of the phrase must stand in the row, in the column's name, or with what belongs to them, but for a few.
    """
    analysis = analyze_question(phrase)
    ranked = material.ranked(phrase, among)[:40]
    for scored in ranked:
        c = scored.candidate
        if scored.coverage < LEAST:
            continue
        if c.passage.row is not None:
            cell = cell_of(analysis, scored, year, material.query.text) or (_total_of(material, c) if is_part else None)
            if cell and (operand := of_cell(c, cell, scored.score)):
                return operand
        elif not rows_only and (result := _in_sentence(analysis, c, year)):
            return Operand(result, phrase, c, None, scored.score)
    return None


def _total_of(material: Material, c: Candidate) -> NamedCell | None:
    """Returns the cell of a row in the one column of which the row of totals has a number."""
    for other in material.candidates:
        row = other.passage.row
        if row is None or (other.document, other.passage.element) != (c.document, c.passage.element):
            continue
        numbers = [cell for cell in row.values if any(ch.isdigit() for ch in cell.text)]
        if len(numbers) == 1 and TOTAL & set(words_of(row.label)) and c.passage.row:
            return next((cell for cell in c.passage.row.values if cell.names == numbers[0].names), None)
    return None


def cell_of(
    analysis: QuestionAnalysis, scored: ScoredCandidate, year: str = "", question: str = ""
) -> NamedCell | None:
    """Returns the cell of a row that a phrase and a year select; `None` where several or none are selected.

    Of several columns that differ by the length of their periods, the `question` tells which.
    """
    row = scored.candidate.passage.row
    assert row is not None
    values = [cell for cell in row.values if any(ch.isdigit() for ch in cell.text)]
    if year:
        of_year = [cell for cell in values if year in " ".join(cell.names)]
        if not of_year:
            other = any(_YEARS.search(" ".join(cell.names)) for cell in values)
            e = scored.candidate.evidence
            belongs = year in f"{scored.candidate.passage.context} {e.name} {e.title}"
            of_year = values if not other and belongs else []
        values = of_year
    if len(values) == 1:
        return values[0]
    fits = []
    for n, cell in enumerate(values):
        name = words_of(" ".join(cell.names))
        fits.append((len(analysis.matched_terms(frozenset(name), " ".join(name))), n))
    best = max(fits, default=(0, 0))[0]
    chosen = [values[n] for fit, n in fits if fit == best]
    if len(chosen) > 1 and (best or year):
        chosen = cells_of_length(question, chosen)[:1] or (chosen[:1] if year and not best else chosen)
    return chosen[0] if (best or year) and len(chosen) == 1 else None


def of_label(analysis: QuestionAnalysis, candidate: Candidate) -> Quantity | None:
    """Returns the number of the one label of a figure, such as `Barges 24`, of which a phrase says all words."""
    text, results, start = candidate.passage.text, [], 0
    for piece in text.split(LABELS):
        numbers = list(quantities(piece, decimal_sign(candidate.evidence.text)))
        words = [t for t in words_of(piece) if t.isalpha()]
        if LABELS in text and len(numbers) == 1 and words and analysis.matched_terms(frozenset(words)) >= set(words):
            results.append(replace(numbers[0], start=numbers[0].start + start, end=numbers[0].end + start))
        start += len(piece) + len(LABELS)
    return results[0] if len(results) == 1 else None


def _in_sentence(analysis: QuestionAnalysis, candidate: Candidate, year: str) -> Quantity | None:
    """Returns the number nearest to the phrase's words; where the year stands in brackets with a number, that one."""
    if labelled := of_label(analysis, candidate):
        return labelled
    line = _line(analysis, candidate)
    start = max(0, candidate.passage.text.find(line))
    quantity = _nearest(analysis, line, decimal_sign(candidate.evidence.text), year)
    return replace(quantity, start=quantity.start + start, end=quantity.end + start) if quantity else None


def _nearest(analysis: QuestionAnalysis, text: str, decimal: str, year: str) -> Quantity | None:
    """Returns the number of a text that is nearest to a phrase's words, none that the phrase says itself."""
    days = list(dates(text))
    results = [
        q
        for q in quantities(text, decimal)
        if not any(d.start < q.end and q.start < d.end for d in days)
        and not _captions().search(text[: q.start])
        and not set(words_of(text[q.start : q.end])) & set(analysis.terms)
    ]
    if not results:
        return None
    if year:
        after = re.search(rf"\b{year}\b\s*:?\s*", text)
        if after is None:
            if _YEARS.search(text):
                return None
        else:
            near = [q for q in results if 0 <= q.start - after.end() <= 3]
            if near and text[: after.start()].rstrip().endswith("("):
                return near[0]
            outside = [q for q in results if not re.match(r"\s*\)", text[q.end :])]
            results = outside or results
    places = [m.start() for m in re.finditer(r"\w+", text) if analysis.matched_in(m[0])]
    if not places:
        return None
    last = max(places)
    return min(results, key=lambda q: abs(q.start - last) if q.start > last else 1.5 * (last - q.start))


@cache
def _captions() -> re.Pattern[str]:
    """Returns a pattern of the words before the number of a caption, such as "Figure"."""
    kinds = (kind for language in languages().values() for kind in language.regions.captions.values())
    return re.compile(rf"{any_form({word for words in kinds for word in words})}\.?\s*$", re.I)


def _line(analysis: QuestionAnalysis, candidate: Candidate) -> str:
    """Returns the line of a form that says most of a phrase beside a number; the whole passage where it is no form."""
    lines = [place.text for place in candidate.passage.places]
    if not any(FIELD.match(line) for line in lines):
        return candidate.passage.text
    ranked = [(len(analysis.matched_in(line)), any(quantities(line)), line) for line in lines]
    return max(ranked, key=lambda one: one[:2])[2]


def of_item(material: Material, item: Item, year: str, among: Sequence[Candidate]) -> Operand | None:
    """Returns a line item of a year: the row that is called by one of its names, the most usual name first."""
    best: tuple[float, Operand] | None = None
    for c in among:
        row = c.passage.row
        if row is None:
            continue
        label = " ".join(words_of(re.sub(r"\([^)]*\)", " ", row.label)))
        for rank, name in enumerate(item.analyzed_names):
            phrase = " ".join(name)
            if not phrase or f" {phrase} " not in f" {label} ":
                continue
            exact = 3.0 if label == phrase else 1.5 if label.startswith(phrase) else 0.0
            exact += 0.5 if label.startswith("total") else 0.0
            fit = exact + 2 * len(name) / max(1, len(label.split())) - 0.02 * rank + (0.6 + 0.4 * c.evidence.score)
            analysis = analyze_question(f"{row.label} {year}")
            cell = cell_of(analysis, ScoredCandidate(1.0, 1.0, c), year, material.query.text) or first_of(c, year)
            operand = of_cell(c, cell, fit) if cell else None
            if operand and operand.quantity.unit != "%" and (best is None or fit > best[0]):
                best = fit, operand
    return best[1] if best else None


def first_of(c: Candidate, year: str) -> NamedCell | None:
    """Returns the first value of a row where no year is asked for: statements begin with the latest."""
    row = c.passage.row
    values = [cell for cell in row.values if any(ch.isdigit() for ch in cell.text)] if row else []
    return values[0] if values and not year else None


def operand_of_year(material: Material, phrase: str, year: str) -> Operand | None:
    """Returns the number of a phrase in a year: a line item's row first, else what fits the words."""
    line_items = finance().items_in(phrase)
    documents = {info.id for info in material.about}
    pool = [c for c in material.candidates if c.document in documents] or material.candidates
    for item, span in line_items[:1]:
        if len(span) >= 1 and (operand := of_item(material, item, year, pool)):
            return operand
    return find(material, f"{phrase} {year}", year, pool) or find(material, f"{phrase} {year}", year)


def without_money(text: str, language: Language) -> str:
    """Returns a text without the words by which a language asks for an amount of money.

    >>> from octavo.rag.query.language import languages
    >>> without_money("what does the hotel cost", languages()["en"])
    'what does the hotel'
    """
    words = language.money
    return " ".join(word for word in text.split() if word.lower().strip(" ?.") not in words)


def without_years(text: str) -> str:
    """Returns a text without its years and the words before them."""
    return pattern("compare", "years").sub(" ", text)
