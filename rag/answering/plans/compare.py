"""Comparing: what is asked, for each of several documents, years or columns, one after another."""

from __future__ import annotations

from octavo.rag.answering.material import Material
from octavo.rag.answering.named_cells import measure_beside_years
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.plans.binding import explained_terms, is_bound
from octavo.rag.answering.plans.compute.editions import in_counts, in_tables
from octavo.rag.answering.plans.operands import Operand, find, names_row, of_item
from octavo.rag.answering.plans.relation import relations
from octavo.rag.answering.plans.selection import noun_after
from octavo.rag.answering.quantities import format_number
from octavo.rag.answering.question_analysis import analyze_question, terms_of_words, words_of
from octavo.rag.answering.scoring import ScoredCandidate
from octavo.rag.query.domains import finance

_COMPARE = pattern("compare", "cue")
_CHANGED = pattern("compare", "changed")
_WHICH = pattern("rows", "which")
_SIDES = pattern("compare", "sides")
_IN_YEARS = pattern("compare", "years")
_ONLY_YEARS = pattern("compare", "only_years")
ENOUGH = 0.5


def compare(material: Material) -> Reply | None:
    """Returns a paragraph for each side, and the difference where both are numbers of one kind."""
    text = material.query.text
    years = material.years
    if len(years) >= 2 and not _asks_for_rows(material) and (reply := _years(material)):
        return reply
    if _CHANGED.search(text) and len(material.about) > 1 and (reply := _documents(material)):
        return reply
    if not _COMPARE.search(text):
        return None
    sides = _SIDES.search(text)
    if sides and not _ONLY_YEARS.match(sides[1]) and (reply := _sides(material, sides[1], sides[2])):
        return reply
    return _documents(material) if len(material.about) > 1 else None


def _asks_for_rows(material: Material) -> bool:
    """Returns whether a question asks which of the things that rows are called by, but years: no number answers it."""
    match = _WHICH.search(material.query.text)
    noun = noun_after(material.analysis, match["rest"])[:1] if match else []
    noun = [t for t in noun if t not in terms_of_words(material.analysis.language.generic)]
    return bool(noun) and any(set(noun) & set(words_of(relation.columns[0])) for relation in relations(material))


def _years(material: Material) -> Reply | None:
    """Returns the same number in each year."""
    phrase = _IN_YEARS.sub(" ", _COMPARE.sub(" ", material.query.text))
    results: list[Operand] = []
    if len(years := material.years) == 2:
        sides = material, phrase, years[0], years[1]
        results = list(in_tables(*sides) or in_counts(*sides) or ())
    documents = {info.id for info in material.about}
    pool = [c for c in material.candidates if c.document in documents] or material.candidates
    for year in material.years if not results else ():
        items = finance().items_in(phrase)
        operand = of_item(material, items[0][0], year, pool) if items else None
        operand = operand or find(material, f"{phrase} {year}", year, pool) or find(material, f"{phrase} {year}", year)
        if operand is None or not names_row(material.analysis, operand, year):
            return None
        results.append(operand)
    if len({(o.candidate.passage.places, o.cell.names if o.cell else o.quantity.start) for o in results}) < len(
        results
    ):
        return None
    if not all(_is_of_question(material, operand) for operand in results):
        return None
    if any(measure_beside_years(material.analysis, operand.candidate.passage.row) for operand in results):
        return None
    paragraphs = [
        Paragraph(f"{year}: {o.description}", (o.candidate,)) for year, o in zip(material.years, results, strict=True)
    ]
    first, last = results[0].quantity, results[-1].quantity
    if first.unit == last.unit and first.scale == last.scale:
        places = max(first.places, last.places)
        change = format_number(
            last.value - first.value, places, first.unit if first.unit in "$€£%" else "", first.scale
        )
        minuend, subtrahend = format_number(last.value, last.places), format_number(first.value, first.places)
        paragraphs.append(
            Paragraph(
                f"Difference: {change} = {minuend} - {subtrahend}",
                (results[0].candidate, results[-1].candidate),
            )
        )
    return Reply(tuple(paragraphs))


def _is_of_question(material: Material, operand: Operand) -> bool:
    """Returns whether the place of a number says the things that a question compares, whichever the year."""
    language, compared = material.analysis.language, " ".join(_COMPARE.findall(material.query.text))
    words = (*language.conditions.more, *language.conditions.less, *language.conditions.rose, *language.conditions.fell)
    which = _WHICH.match(material.query.text)
    noun = set(noun_after(material.analysis, which["rest"])[:1]) if which else set()
    if noun - terms_of_words(language.generic) - explained_terms(material, [operand.candidate]):
        return False
    return is_bound(material, [operand.candidate], {*material.years, *words_of(f"{compared} {' '.join(words)}")})


def _sides(material: Material, a: str, b: str) -> Reply | None:
    """Returns the evidence for each side: rows and sentences that name it; cells of its column."""
    text = material.query.text
    paragraphs: list[Paragraph] = []
    rest = _COMPARE.sub(" ", text).replace(a, " ").replace(b, " ")
    tail = b.split()[-1] if len(b.split()) > 1 and len(a.split()) < len(b.split()) else ""
    columns = _columns(material, f"{rest} {tail}", a, b)
    if columns:
        return columns
    for side in (a, b):
        own = analyze_question(side)
        documents = [
            info
            for info in material.about
            if own.terms and len(own.matched_in(f"{info.title} {info.name}".replace("-", " "))) >= 0.5 * len(own.terms)
        ]
        ids = {info.id for info in documents}
        ranked = material.ranked(f"{rest} {side}", fits=lambda c, ids=ids: not ids or c.document in ids)  # type: ignore[misc]
        good = [s for s in ranked if s.coverage >= ENOUGH and s.score >= 0.6 * ranked[0].score][:3]
        if not good:
            return None
        paragraphs += [
            Paragraph(f"{side[:1].upper()}{side[1:]}: {quote(s.candidate).text}", (s.candidate,)) for s in good
        ]
    return Reply(tuple(paragraphs))


def _columns(material: Material, rest: str, a: str, b: str) -> Reply | None:
    """Returns rows whose cells stand under both sides."""
    metric = analyze_question(rest)
    best: ScoredCandidate | None = None
    for scored in material.ranked()[:30]:
        row = scored.candidate.passage.row
        if row is None:
            continue
        names = {" ".join(cell.names): cell for cell in row.values if cell.names}
        hit = [
            next(
                (cell for name, cell in names.items() if set(analyze_question(side).terms) & set(words_of(name))), None
            )
            for side in (a, b)
        ]
        label = words_of(row.label)
        if all(hit) and hit[0] != hit[1] and metric.matched_terms(frozenset(label), " ".join(label)):
            best = scored
            break
    return Reply((quote(best.candidate),)) if best else None


def _documents(material: Material) -> Reply | None:
    """Returns the best passage of each document that the question is about."""
    paragraphs: list[Paragraph] = []
    for info in sorted(material.about, key=lambda info: info.name)[:6]:
        ranked = material.ranked(fits=lambda c, info=info: c.document == info.id)  # type: ignore[misc]
        if not ranked or ranked[0].coverage < ENOUGH:
            return None
        paragraphs.append(
            Paragraph(f"{info.title or info.name}: {quote(ranked[0].candidate).text}", (ranked[0].candidate,))
        )
    return Reply(tuple(paragraphs)) if len(paragraphs) > 1 else None
