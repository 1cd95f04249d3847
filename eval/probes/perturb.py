"""Perturbation (XMAI and SNARE): questions in other words, and turned round.

Attributes read in the gold region, other function words, typing slips and lower case must change nothing; a negation
or exchanged operands must change the answer, or there is none.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import itemgetter
from random import Random

from PIL import Image

from octavo.eval.datasets import Question
from octavo.eval.probes.base import Figure, ProbeTarget, Trial, by_variant, mean
from octavo.eval.retrieval import gold_places
from octavo.eval.runs.rows import Row
from octavo.ingest.model import FIGURES
from octavo.rag import Level
from octavo.rag.query.analysis import STOP_WORDS

_K = 5
_WORD = re.compile(r"[^\W\d_]{4,}")
_HUES = ((15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (260, "blue"), (330, "purple"), (361, "red"))
_OPENINGS = (
    (r"^What (is|was|are|were) ", r"Can you tell me what \1 "),
    (r"^How many ", "What is the number of "),
    (r"^How much ", "What amount of "),
    (r"^(?:Which|What) ([a-z]+) ", r"Tell me which \1 "),
    (r"^Who ", "Which person or body "),
    (r"^When ", "At what time "),
    (r"^Where ", "In which place "),
    (r"^(Is|Are|Was|Were|Does|Do|Did|Has|Have|Can) ", r"Please say: \1 "),
)
_MEDIUM = re.compile(r"\bin the (document|report|slides|presentation|paper)\b")
_AUXILIARY = re.compile(r"\b(is|are|was|were|does|do|did|has|have|can|should|will)\b(?! not)", re.I)
_RELATIONS = (
    re.compile(r"\b(?P<a>[\w.%-]+) (?P<r>(?:more|less|higher|lower|larger|smaller|fewer) than) (?P<b>[\w.%-]+)", re.I),
    re.compile(r"\bfrom (?P<a>\S*\w)(?P<r> to )(?P<b>\S*\w)"),
    re.compile(r"\b(?P<a>[A-Z]\w+|\d+)(?P<r> (?:minus|versus|vs\.?|over|compared (?:to|with)) )(?P<b>[A-Z]\w+|\d+)"),
)  # fmt: skip
MUST_CHANGE = ("negation", "exchanged operands")
"""Variants after which the answer must be another one, or none."""


class Perturb:
    """The probe of perturbation; it needs no model."""

    needs_model = False

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields a trial for each question and each variant that changes it."""
        plain: dict[str, Row] = {}
        for question in source.grounded:
            for variant, change in VARIANTS.items():
                text = change(source, question, source.draw("perturb", question.id, variant))
                if text and text != question.question:
                    yield Trial(f"{variant}/{question.id}", partial(_measure, source, question, variant, text, plain))

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns for each variant the change of recall, and the shares of equal decisions and answers."""
        results: list[Figure] = []
        for variant, own in by_variant(rows).items():
            for k in (1, _K):
                changes = [{"change": row[f"recall@{k}"] - row[f"plain@{k}"]} for row in own]
                results += mean(f"{variant}: change of page recall@{k}", changes, itemgetter("change"))
            if variant in MUST_CHANGE:
                results += mean(f"{variant}: another answer, or none", own, lambda row: not row["same_answer"])
            else:
                results += mean(f"{variant}: answers or abstains as before", own, lambda row: row["same_decision"])
                results += mean(f"{variant}: the same answer", own, lambda row: row["same_answer"])
        return results


PROBE = Perturb()


def _measure(source: ProbeTarget, question: Question, variant: str, text: str, plain: dict[str, Row]) -> Row:
    before = plain.get(question.id) or plain.setdefault(question.id, _outcome(source, question, question.question))
    after = _outcome(source, question, text)
    return {
        "variant": variant,
        "question": text,
        **{f"recall@{k}": after[f"recall@{k}"] for k in (1, _K)},
        **{f"plain@{k}": before[f"recall@{k}"] for k in (1, _K)},
        "same_decision": after["abstained"] == before["abstained"],
        "same_answer": not after["abstained"] and after["answer"] == before["answer"],
    }


def _outcome(source: ProbeTarget, question: Question, text: str) -> Row:
    scope, gold = source.scope(question), set(gold_places(question, source.ids))
    hits = source.pipeline.search(text, level=Level.PAGE, k=_K, scope=scope)
    ranked = [(hit.document, hit.page) for hit in hits]
    answer = source.pipeline.ask(text, level=source.system.level, scope=scope)
    return {
        **{f"recall@{k}": len(set(ranked[:k]) & gold) / len(gold) for k in (1, _K)},
        "abstained": answer.abstained,
        "answer": " ".join(re.sub(r"\[\d+\]", "", answer.text).split()),
    }


def with_attributes(source: ProbeTarget, question: Question, draw: Random) -> str:
    """Returns the question with the kind, the colour and a label of its gold figure before one of its nouns."""
    if not question.gold_layouts:
        return ""
    region, document = question.gold_layouts[0], source.ids[question.doc]
    page = source.pipeline.library.page(document, region.page)
    figures = [e for e in page.elements if e.kind in FIGURES and e.box.coverage(region.box) > 0.5]
    nouns = [m for m in _WORD.finditer(question.question) if m[0].lower() not in STOP_WORDS]
    if not figures or not nouns:
        return ""
    colour = main_colour(source.pipeline.library.crop(document, region.page, figures[0].box))
    labels = [word for word in _WORD.findall(figures[0].text) if word.lower() not in STOP_WORDS]
    attributes = [word for word in (colour, str(figures[0].kind), draw.choice(labels) if labels else "") if word]
    at = nouns[-1].start()
    return f"{question.question[:at]}{' '.join(attributes)} {question.question[at:]}"


def main_colour(image: Image.Image) -> str:
    """Returns the name of the colour that most of the coloured pixels of a picture have; empty where hardly any has.

    >>> main_colour(Image.new("RGB", (40, 40), (30, 60, 200))), main_colour(Image.new("RGB", (40, 40), "white"))
    ('blue', '')
    """
    small = image.convert("RGB").resize((24, 24))
    names: dict[str, int] = {}
    for r, g, b in (small.getpixel((x, y)) for x in range(24) for y in range(24)):  # type: ignore[misc]
        hue, saturation, value = colorsys.rgb_to_hsv(r / 255, g / 255, b / 255)
        if saturation > 0.25 and value > 0.2:
            name = next(name for end, name in _HUES if hue * 360 < end)
            names[name] = names.get(name, 0) + 1
    best = max(names, key=lambda name: names[name], default="")
    return best if names.get(best, 0) > 12 else ""


def in_other_words(source: ProbeTarget, question: Question, draw: Random) -> str:
    """Returns the question with other function words."""
    opening = next(((p, other) for p, other in _OPENINGS if re.search(p, question.question)), ("", ""))
    return _MEDIUM.sub(r"within this \1", re.sub(*opening, question.question) if opening[0] else question.question)


def with_slips(source: ProbeTarget, question: Question, draw: Random) -> str:
    """Returns the question with two letters exchanged in one of five of its longer words, at least in one."""
    words = list(re.finditer(r"[^\W\d_]{5,}", question.question))
    if not words:
        return ""
    letters = list(question.question)
    for m in draw.sample(words, max(1, len(words) // 5)):
        at = m.start() + draw.randrange(1, len(m[0]) - 2)
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def in_lower_case(source: ProbeTarget, question: Question, draw: Random) -> str:
    """Returns the question as it is typed in haste."""
    return question.question.lower().rstrip("? ")


def negate(source: ProbeTarget, question: Question, draw: Random) -> str:
    """Returns the question with a `not` after its first auxiliary verb."""
    return _AUXILIARY.sub(r"\1 not", question.question, count=1) if _AUXILIARY.search(question.question) else ""


def exchange(source: ProbeTarget, question: Question, draw: Random) -> str:
    """Returns the question with the two sides of a relation exchanged."""
    for pattern in _RELATIONS:
        if m := pattern.search(question.question):
            swapped = m[0].replace(m["a"], "\0", 1)
            swapped = swapped[::-1].replace(m["b"][::-1], m["a"][::-1], 1)[::-1].replace("\0", m["b"])
            return question.question[: m.start()] + swapped + question.question[m.end() :]
    return ""


VARIANTS: dict[str, Callable[[ProbeTarget, Question, Random], str]] = {
    "attributes": with_attributes,
    "other words": in_other_words,
    "typing slips": with_slips,
    "lower case": in_lower_case,
    "negation": negate,
    "exchanged operands": exchange,
}
"""The variants of a question by name; one that cannot be made is empty."""
