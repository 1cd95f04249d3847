"""Computing: difference, growth, sum, share, ratio, product and metrics over typed numbers; the formula is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.patterns import pattern
from octavo.rag.answering.plans.base import Reply, Said
from octavo.rag.answering.plans.operands import Operand, cell_of, find, of_cell, of_item
from octavo.rag.answering.quantities import written
from octavo.rag.answering.wanted import wanted, words_of
from octavo.rag.query.domains import Metric, finance
from octavo.rag.query.language import Asks, languages

_GROWTH = pattern("compute", "growth")
_CHANGE = pattern("compute", "change")
_BETWEEN = pattern("compute", "between")
_THAN = pattern("compute", "than")
_TIMES = pattern("compute", "times")
_SUM = pattern("compute", "sum")
_AND = re.compile(r"\s*(?:,\s*and\s+|\s+and\s+|\s+plus\s+|,\s+)\s*", re.I)
_SHARE = pattern("compute", "share")
_RATIO = pattern("compute", "ratio")
_YEARLY = pattern("compute", "yearly")
_MONTHLY = pattern("compute", "monthly")
_PRICED = pattern("compute", "priced")
_COMPARING = pattern("compute", "comparing")
_COUNT = pattern("compute", "counted")
_SPAN = pattern("compute", "span")
_RANGE = pattern("compute", "range")


def compute(material: Material) -> Reply | None:
    """The first of the operations whose words the question has and whose operands are all found."""
    if material.wanted.asks is Asks.WHY:
        return None
    for operation in (
        _metric,
        _growth,
        _change,
        _times,
        _than,
        _between,
        _share,
        _ratio,
        _priced,
        _sum,
        _yearly,
        _years,
    ):
        reply = operation(material)
        if reply is not None:
            return reply
    return None


# metrics


def _metric(material: Material) -> Reply | None:
    """A metric of accounting by its formula, unless a row states it."""
    metric = finance().metric(material.query.text)
    if metric is None:
        return None
    for year in material.wanted.years or ("",):
        if stated := _stated(material, metric, year):
            return stated
    years = material.wanted.years or ("",)
    said: list[Said] = []
    for year in years[:3]:
        made = _by_formula(material, metric, year)
        if made is None:
            return None
        said.append(made)
    return Reply(tuple(said), checked=True)


def _stated(material: Material, metric: Metric, year: str) -> Reply | None:
    """`None` unless a row of a table is called by the metric's own name."""
    for c in material.candidates:
        row = c.passage.row
        if row and any(words_of(row.label) == words_of(name) for name in metric.asked):
            from octavo.rag.answering.material import Scored

            cell = cell_of(material.wanted, Scored(1.0, 1.0, c), year)
            operand = of_cell(c, cell) if cell else None
            if operand:
                return Reply((Said(operand.shown, (c,)),), checked=True)
    return None


def _by_formula(material: Material, metric: Metric, year: str) -> Said | None:
    documents = [info.id for info in material.about] or [e.document for e in material.evidence]
    pools = [[c for c in material.candidates if c.document == d] for d in dict.fromkeys(documents)]
    for formula in metric.formulas:
        names = list(dict.fromkeys(re.findall(r"[a-z][a-z_]+", formula)))
        for pool in pools:
            outcome = {name: of_item(material, finance().items[name], year, pool) for name in names}
            operands = {name: operand for name, operand in outcome.items() if operand}
            if len(operands) < len(names) or not _same_money(list(operands.values())):
                continue
            values = {
                name: abs(o.quantity.amount) if name != "net_income" else o.quantity.amount
                for name, o in operands.items()
            }
            result = _value(formula, values)
            if result is None:
                continue
            return _metric_said(metric, formula, year, operands, result)
    return None


def _metric_said(metric: Metric, formula: str, year: str, operands: dict[str, Operand], result: float) -> Said:
    shown = formula.replace("*", "×").replace(" / ", " ÷ ")
    for name, operand in operands.items():
        digits = operand.quantity.value if name == "net_income" else abs(operand.quantity.value)
        shown = re.sub(rf"\b{name}\b", written(digits, operand.quantity.places), shown)
    first = next(iter(operands.values())).quantity
    if metric.form == "percent":
        text = written(100 * result, 1, "%")
    elif metric.form == "ratio":
        text = written(result, 2)
    else:
        text = written(result / first.scale, first.places, first.unit if first.unit in "$€£" else "", first.scale)
    inputs = "; ".join(o.shown for o in operands.values())
    label = metric.asked[0] + (f", {year}" if year else "")
    return Said(f"{label[:1].upper()}{label[1:]}: {text} = {shown}. From {inputs}", _support(list(operands.values())))


def _same_money(operands: Sequence[Operand]) -> bool:
    units = {o.quantity.unit for o in operands if o.quantity.unit in ("$", "€", "£", "%")}
    return len(units) <= 1


def _value(formula: str, values: dict[str, float]) -> float | None:
    """The value of a formula of names, numbers, + - * / and brackets; `None` where something is divided by 0."""
    tokens = re.findall(r"[a-z][a-z_]*|\d+(?:\.\d+)?|[-+*/()]", formula)
    position = 0

    def factor() -> float:
        nonlocal position
        read = tokens[position]
        position += 1
        if read == "(":
            inner = expression()
            position += 1
            return inner
        return values[read] if read in values else float(read)

    def product() -> float:
        nonlocal position
        left = factor()
        while position < len(tokens) and tokens[position] in "*/":
            operator = tokens[position]
            position += 1
            right = factor()
            left = left * right if operator == "*" else left / right
        return left

    def expression() -> float:
        nonlocal position
        left = product()
        while position < len(tokens) and tokens[position] in "+-":
            operator = tokens[position]
            position += 1
            right = product()
            left = left + right if operator == "+" else left - right
        return left

    try:
        return expression()
    except ZeroDivisionError:
        return None


# two numbers


@dataclass(frozen=True, slots=True)
class _Operation:
    sign: str
    name: str
    apply: Callable[[float, float], float]


_MINUS = _Operation("-", "Difference", lambda a, b: a - b)
_OVER = _Operation("÷", "Ratio", lambda a, b: a / b)


def _pair(a: Operand | None, b: Operand | None, operation: _Operation, form: str = "") -> Reply | None:
    """Two numbers of one kind, with the formula; `None` where they cannot be compared."""
    if (
        a is None
        or b is None
        or (a.candidate.passage.places == b.candidate.passage.places and a.cell == b.cell and a.quantity == b.quantity)
    ):
        return None
    if not _alike(a, b):
        return None
    scaled = b.quantity.amount / a.quantity.scale
    first, second = a.quantity.value, scaled
    places = max(a.quantity.places, b.quantity.places)
    shown = f"{written(first, a.quantity.places)} {operation.sign} {written(second, b.quantity.places)}"
    if operation is _MINUS:
        result = first - second
        if form == "absolute":
            high, low = max(first, second), min(first, second)
            shown = f"{written(high, places)} - {written(low, places)}"
            result = abs(result)
        text = written(result, places, _unit(a, b), a.quantity.scale)
    elif second == 0:
        return None
    elif form == "growth":
        text = written(100 * (first - second) / abs(second), 1, "%")
        before = written(second, b.quantity.places)
        shown = f"({written(first, a.quantity.places)} - {before}) ÷ {before}"
    elif form == "share":
        text = written(100 * first / second, 1, "%")
    else:
        text = written(first / second, 2)
    return Reply((Said(f"{text} = {shown}. From {a.shown}; {b.shown}", _support([a, b])),), checked=False)


def _unit(a: Operand, b: Operand) -> str:
    return a.quantity.unit or b.quantity.unit


def _alike(a: Operand, b: Operand) -> bool:
    """Returns whether two numbers have the same unit, or one has none."""
    x, y = a.quantity.unit.lower(), b.quantity.unit.lower()
    same = x == y or not x or not y or x.rstrip("s") == y.rstrip("s")
    return same if (x in ("%", "$", "€", "£") or y in ("%", "$", "€", "£")) else True


def _support(operands: Sequence[Operand]) -> tuple[Candidate, ...]:
    return tuple({(o.candidate.evidence.id, o.candidate.passage.places): o.candidate for o in operands}.values())


def _without_years(text: str) -> str:
    return re.sub(r"\b(?:from|to|in|between|and|of|fy|the year|year)?\s*(?:19|20)\d\d\b", " ", text, flags=re.I)


def _two_years(material: Material) -> tuple[str, str] | None:
    years = sorted(material.wanted.years)
    if len(years) >= 2:
        return years[0], years[-1]
    return (str(int(years[0]) - 1), years[0]) if years else None


_ASKING = pattern("compute", "asking")


def _growth(material: Material) -> Reply | None:
    text = material.query.text
    if not _GROWTH.search(text) or (years := _two_years(material)) is None:
        return None
    phrase = _ASKING.sub(" ", _without_years(text))
    return _pair(
        _yearly_operand(material, phrase, years[1]), _yearly_operand(material, phrase, years[0]), _OVER, "growth"
    )


def _change(material: Material) -> Reply | None:
    text = material.query.text
    if not _CHANGE.search(text) or (years := _two_years(material)) is None:
        return None
    phrase = _ASKING.sub(" ", _without_years(text))
    return _pair(_yearly_operand(material, phrase, years[1]), _yearly_operand(material, phrase, years[0]), _MINUS)


def _yearly_operand(material: Material, phrase: str, year: str) -> Operand | None:
    """The number of a phrase in a year: a line item's row first, else what fits the words."""
    named = finance().named(phrase)
    documents = {info.id for info in material.about}
    pool = [c for c in material.candidates if c.document in documents] or material.candidates
    for item, span in named[:1]:
        if len(span) >= 1 and (operand := of_item(material, item, year, pool)):
            return operand
    return find(material, f"{phrase} {year}", year, pool) or find(material, f"{phrase} {year}", year)


def _than(material: Material) -> Reply | None:
    match = _THAN.search(material.query.text)
    if not match:
        return None
    first = find(material, match["a"])
    return _pair(first, _counterpart(material, first, match["b"], match["a"]), _MINUS, "absolute")


def _times(material: Material) -> Reply | None:
    match = _TIMES.search(material.query.text)
    if not match:
        return None
    years = re.findall(r"\b(?:19|20)\d\d\b", match["a"])
    first = find(material, _COMPARING.sub(" ", match["a"]), "", None) or (
        find(material, match["a"], years[0]) if years else None
    )
    return _pair(first, _counterpart(material, first, match["b"], match["a"]), _OVER)


def _between(material: Material) -> Reply | None:
    found = _BETWEEN.search(material.query.text)
    if not found:
        return None
    years = [re.findall(r"\b(?:19|20)\d\d\b", found[g]) for g in ("a", "b")]
    if years[0] and years[1]:
        return None
    metric = re.sub(r"^\s*(?:in|of)\b", " ", found["metric"])
    a = find(material, f"{metric} {found['a']}")
    b = _counterpart(material, a, found["b"], metric) if metric.strip() else find(material, found["b"])
    return _pair(a, b, _MINUS, "absolute")


def _counterpart(material: Material, first: Operand | None, other: str, metric: str) -> Operand | None:
    """The number that `other` has where the first one has its own: in its column, in its row, in another document."""
    if first is None:
        return None
    asked = wanted(other)
    if first.cell is not None and first.candidate.passage.row is not None:
        table = [
            c
            for c in material.candidates
            if (c.document, c.page, c.passage.element)
            == (first.candidate.document, first.candidate.page, first.candidate.passage.element)
        ]
        best: tuple[float, Operand] | None = None
        own = frozenset(asked.terms)
        for c in table:
            row = c.passage.row
            if row is None:
                continue
            for cell in row.values:
                same_column = cell.names == first.cell.names and c.passage.places != first.candidate.passage.places
                same_row = c.passage.places == first.candidate.passage.places and cell.names != first.cell.names
                if not (same_column or same_row):
                    continue
                name = words_of(row.label if same_column else " ".join(cell.names))
                fit = len(asked.held(frozenset(name), " ".join(name)) & own) / max(1, len(name))
                operand = of_cell(c, cell, fit)
                if fit and operand and (best is None or fit > best[0]):
                    best = fit, operand
        if best:
            return best[1]
        label = words_of(first.candidate.passage.row.label)
        for c in material.candidates:
            row = c.passage.row
            if row and c.document != first.candidate.document and words_of(row.label) == label and _speaks_of(c, other):
                cells = [cell for cell in row.values if cell.names == first.cell.names] or list(row.values)
                if operand := of_cell(c, cells[0]):
                    return operand
    return find(material, f"{metric} {other}") or find(material, other)


def _speaks_of(c: Candidate, name: str) -> bool:
    asked = wanted(name)
    title = words_of(f"{c.evidence.title} {c.evidence.name} {c.evidence.heading}".replace("-", " "))
    return len(asked.held(frozenset(title))) >= max(1, len(asked.terms) // 2)


# parts and wholes


def _share(material: Material) -> Reply | None:
    found = _SHARE.search(material.query.text)
    if not found:
        return None
    year = next(iter(material.wanted.years), "")
    part = find(material, f"{_without_years(found['part'])} {_without_years(found['whole'])}", year, rows_only=True)
    if part is None or part.cell is None:
        return None
    if part.quantity.unit == "%":
        return None
    table = [
        c
        for c in material.candidates
        if (c.document, c.page, c.passage.element)
        == (part.candidate.document, part.candidate.page, part.candidate.passage.element)
    ]
    totals = [
        c for c in table if c.passage.row and {"total", "sum", "gesamt", "summe"} & set(words_of(c.passage.row.label))
    ]
    whole = None
    for c in totals:
        cell = (
            next((cell for cell in c.passage.row.values if cell.names == part.cell.names), None)
            if c.passage.row
            else None
        )
        whole = whole or (of_cell(c, cell) if cell else None)
    whole = whole or _yearly_operand(material, found["whole"], year)
    reply = _pair(part, whole, _OVER, "share")
    return reply if reply and whole and abs(part.quantity.amount) <= abs(whole.quantity.amount) else None


def _ratio(material: Material) -> Reply | None:
    match = _RATIO.search(material.query.text)
    if not match:
        return None
    year = next(iter(material.wanted.years), "")
    return _pair(
        _yearly_operand(material, _without_years(match["a"]), year),
        _yearly_operand(material, _without_years(match["b"]), year),
        _OVER,
    )


def _sum(material: Material) -> Reply | None:
    """Answers by the sum of several named items."""
    text = material.query.text
    if not _SUM.search(text):
        return None
    year = next(iter(material.wanted.years), "")
    phrase = re.sub(
        r"^\s*(?:what|how much|how many|which)\b\s*(?:do|does|did|is|are|was|were)?\s*(?:the)?",
        "",
        _SUM.sub(" | ", text),
        flags=re.I,
    )
    head, _, tail = phrase.partition("|")
    head = head if _AND.search(head) else tail
    rest = tail if head is not tail else ""
    parts = [p for p in _AND.split(head.strip(" ?.")) if wanted(p).terms]
    if len(parts) < 2:
        return None
    shared = _shared_noun(parts)
    operands = []
    for part in parts:
        plain = _without_years(f"{part} {rest}")
        operand = _yearly_operand(material, plain, year)
        if operand is None and shared and part is not parts[-1]:
            operand = find(material, f"{part} {shared}", year)
        if operand is None:
            return None
        operands.append(operand)
    return _added([(1.0, o) for o in operands])


def _shared_noun(parts: Sequence[str]) -> str:
    """In "short-term and long-term borrowings", the last word belongs to all."""
    words = re.split(r"\b(?:of|for|in|at|on)\b", parts[-1])[0].split()
    return words[-1] if len(words) > 1 else ""


def _added(parts: Sequence[tuple[float, Operand]]) -> Reply | None:
    places = {(o.candidate.passage.places, o.cell.names if o.cell else o.quantity.start) for _, o in parts}
    first = parts[0][1]
    if len(places) < len(parts) or not all(_alike(first, o) for _, o in parts):
        return None
    total = sum(n * o.quantity.amount for n, o in parts) / first.quantity.scale
    count = max(o.quantity.places for _, o in parts)
    shown = " + ".join(
        f"{n:g} × {written(o.quantity.value, o.quantity.places)}"
        if n != 1
        else written(o.quantity.value, o.quantity.places)
        for n, o in parts
    )
    unit = next((o.quantity.unit for _, o in parts if o.quantity.unit), "")
    text = written(total, count, unit, first.quantity.scale)
    inputs = "; ".join(dict.fromkeys(o.shown for _, o in parts))
    return Reply((Said(f"{text} = {shown}. From {inputs}", _support([o for _, o in parts])),))


def _priced(material: Material) -> Reply | None:
    """Answers by the total cost of counted items: "two adults and a bicycle", "three oak doors"."""
    text = material.query.text
    if not _PRICED.search(text):
        return None
    counted = [(_count(n), noun) for n, noun in _COUNT.findall(text)]
    counted = [(n, noun) for n, noun in counted if n and wanted(noun).terms]
    if not counted or (len(counted) == 1 and counted[0][0] == 1):
        return None
    parts = []
    for n, noun in counted:
        for words in (noun, noun.split()[0]):
            operand = _price_of(material, words)
            if operand:
                parts.append((n, operand))
                break
    if not parts or len(parts) < sum(1 for n, _ in counted if n > 1) or not any(n > 1 for n, _ in parts):
        return None
    return _added(parts)


def _count(word: str) -> float:
    if word.isdigit():
        return float(word) if len(word) < 4 else 0.0
    numbers = languages()["en"].numbers
    return float(numbers.index(word.lower()) + 1) if word.lower() in numbers else 1.0


def _price_of(material: Material, noun: str) -> Operand | None:
    """The price of a thing that a row or a column is called by."""
    asked = wanted(noun)
    documents = {info.id for info in material.about}
    for c in sorted(material.candidates, key=lambda c: c.document not in documents):
        row = c.passage.row
        if row is None or not asked.terms:
            continue
        for cell in row.values:
            name, label = words_of(" ".join(cell.names)), words_of(row.label)
            if set(asked.terms) <= asked.held(frozenset(name), " ".join(name)) and (operand := of_cell(c, cell)):
                return operand
            priced = wanted("price cost fare").held(frozenset(name))
            if (
                priced
                and set(asked.terms) <= asked.held(frozenset(label), " ".join(label))
                and (operand := of_cell(c, cell))
            ):
                return operand
    return None


def _yearly(material: Material) -> Reply | None:
    """A monthly amount over a year."""
    text = material.query.text
    if not _YEARLY.search(text) or not _PRICED.search(text):
        return None
    operand = find(material, f"{_YEARLY.sub(' ', text)} monthly")
    if operand is None:
        return None
    around = f"{operand.name} {operand.candidate.passage.context} {operand.candidate.passage.text}"
    if not _MONTHLY.search(around):
        return None
    q = operand.quantity
    result = written(12 * q.value, q.places, q.unit, q.scale)
    return Reply((Said(f"{result} = 12 × {written(q.value, q.places)}. From {operand.shown}", (operand.candidate,)),))


def _years(material: Material) -> Reply | None:
    """Answers by a duration from its first and last year."""
    if not _SPAN.search(material.query.text):
        return None
    for scored in material.ranked()[:3]:
        if match := _RANGE.search(scored.candidate.passage.text):
            count = int(match[2]) - int(match[1])
            text = f"{count} years = {match[2]} - {match[1]}. From “{scored.candidate.passage.text}”"
            return Reply((Said(text, (scored.candidate,)),))
    return None
