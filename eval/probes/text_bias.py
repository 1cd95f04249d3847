"""Text bias (Words or Vision, arXiv 2503.02199): does a model believe text or the picture where they differ?

Beside the true picture of a page stands its own text (`match`), the text with the gold answer replaced (`corrupt`), or
that of another document (`irrelevant`), in several orders of prompt and with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from random import Random

from octavo.eval.datasets import Question
from octavo.eval.judges import rules
from octavo.eval.judges.verdict import Grade
from octavo.eval.probes.base import Figure, ProbeTarget, Trial, is_right, mean
from octavo.eval.runs.rows import Row
from octavo.rag import Evidence, Settings

TEXTS = ("match", "corrupt", "irrelevant")
ORDERS = (("beside", "last"), ("first", "last"), ("last", "last"), ("beside", "first"))
"""Places of pictures and of the question (`llm_image_order`, `llm_question_order`)."""
_WARNING = "The text of the evidence may be wrong: where it differs from the picture, go by the picture. "
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*%?")
_NAME = re.compile(r"\b[A-Z][\w'’&-]+(?:\s+[A-Z][\w'’&-]+)*")
_SHORT = 5


class TextBias:
    """The probe of text bias."""

    needs_model = True

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields trials of questions whose short answer stands in the text of their one gold page."""
        for question in source.grounded:
            corrupt = _corrupt(source, question)
            if not corrupt:
                continue
            texts = {
                "match": source.gold_page(question).text,
                "corrupt": corrupt,
                "irrelevant": _foreign(source, question),
            }
            yield Trial(f"picture/{question.id}", partial(_measure, source, question, "picture", "", ORDERS[0], False))
            for name, text in texts.items():
                yield Trial(f"text/{name}/{question.id}", partial(_measure, source, question, name, text, None, False))
                for order in ORDERS:
                    key = f"both/{name}/{'-'.join(order)}/{question.id}"
                    yield Trial(key, partial(_measure, source, question, name, text, order, False))
                key = f"warned/{name}/{question.id}"
                yield Trial(key, partial(_measure, source, question, name, text, ORDERS[0], True))

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns accuracy, accuracy over that of the picture alone, their macro mean, and the text preference."""
        alone = [row for row in rows if row["form"] == "picture"]
        picture = {row["id"]: row for row in alone}
        results = mean("picture alone: right answers", alone, lambda row: row["right"])
        base = results[0].value.mean if results else 0.0
        for name in TEXTS:
            of_text = [row for row in rows if row["form"] == "text" and row["text"] == name]
            results += mean(f"text alone, {name}: right answers", of_text, lambda row: row["right"])
        by_text = {row["id"]: row for row in rows if row["form"] == "text" and row["text"] == "corrupt"}
        for order in dict.fromkeys(row["order"] for row in rows if row["form"] == "both"):
            both = [row for row in rows if row["form"] == "both" and row["order"] == order]
            for name in TEXTS:
                own = [row for row in both if row["text"] == name]
                results += mean(f"{order}, {name}: right answers", own, lambda row: row["right"])
                if base:
                    results += mean(f"{order}, {name}: over the picture alone", own, lambda row: row["right"] / base)
            results += mean(f"{order}: right answers, mean of the three", both, lambda row: row["right"])
            differ = [row for row in both if row["text"] == "corrupt" and _side(row, by_text, picture)]
            results += mean(f"{order}: text preference", differ, lambda row: _side(row, by_text, picture) == "text")
        return results


PROBE = TextBias()


def _side(row: Row, by_text: dict[str, Row], picture: dict[str, Row]) -> str:
    """Returns which answer, by the text or by the picture alone, one with both is; empty where it is neither."""
    text, image = by_text.get(row["id"]), picture.get(row["id"])
    if not text or not image or _plain(text["answer"]) == _plain(image["answer"]):
        return ""
    for name, other in (("text", text), ("picture", image)):
        if _says(row["answer"], other):
            return name
    return ""


def _says(answer: str, other: Row) -> bool:
    return rules.judge(other["question"], other["short"] or other["answer"], answer).grade is Grade.CORRECT


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\[\d+\]", "", text).lower().split())


def _measure(
    source: ProbeTarget, question: Question, name: str, text: str, order: tuple[str, str] | None, warned: bool
) -> Row:
    """Returns the answer from a picture and a text; without an order from the text alone, without a text from it."""
    settings = _settings(source.pipeline.settings, order)
    evidence: Evidence = replace(source.gold_page(question), text=text)
    query = f"{_WARNING}{question.question}" if warned else question.question
    answer = source.pipeline.ask(query, evidence=[evidence], settings=settings)
    form = "text" if order is None else "both" if text else "picture"
    return {
        "id": question.id,
        "question": question.question,
        "form": form,
        "text": name,
        "order": "with a warning" if warned else " ".join(_named_answer(order)),
        "answer": answer.text,
        "short": _replacement(source, question) if name == "corrupt" else question.answer,
        "right": is_right(question, answer),
    }


def _named_answer(order: tuple[str, str] | None) -> tuple[str, ...]:
    return (f"pictures {order[0]},", f"question {order[1]}") if order else ()


def _settings(settings: Settings, order: tuple[str, str] | None) -> Settings:
    if order is None:
        return settings.model_copy(update={"llm_images": 0})
    return settings.model_copy(update={"llm_image_order": order[0], "llm_question_order": order[1]})


def _corrupt(source: ProbeTarget, question: Question) -> str:
    """Returns the text of the gold page with another answer; empty where the gold answer does not stand in it."""
    if len(question.gold_pages) != 1 or not question.answer or len(question.answer.split()) > _SHORT:
        return ""
    text, new = source.gold_page(question).text, _replacement(source, question)
    pattern = re.compile(rf"(?<![\w.,]){re.escape(question.answer.strip())}(?!\w|[.,]\d)", re.I)
    return pattern.sub(lambda _: new, text) if new and pattern.search(text) else ""


def _replacement(source: ProbeTarget, question: Question) -> str:
    """Returns another number or name of the document, of the same kind as the gold answer."""
    gold, draw = question.answer.strip(), source.draw("text-bias", question.id)
    document = source.pipeline.library.document(source.ids[question.doc])
    text = "\n".join(page.text for page in document.pages)
    if number := _NUMBER.search(gold):
        others = {n for n in _NUMBER.findall(text) if _like(n, number[0])}
        return gold.replace(number[0], draw.choice(sorted(others)), 1) if others else ""
    names = {n for n in _NAME.findall(text) if n.lower() not in gold.lower() and len(n.split()) == len(gold.split())}
    return draw.choice(sorted(names)) if names and _NAME.match(gold) else ""


def _like(number: str, gold: str) -> bool:
    return number != gold and len(number) == len(gold) and number.endswith("%") == gold.endswith("%")


def _foreign(source: ProbeTarget, question: Question) -> str:
    """Returns the text of a page of another document, or of another page where there is one document only."""
    draw: Random = source.draw("irrelevant", question.id)
    others = sorted({identity for doc, identity in source.ids.items() if doc != question.doc})
    document = draw.choice(others) if others else source.ids[question.doc]
    count = source.pipeline.library.info(document).pages
    numbers = [n for n in range(count) if others or n not in question.gold_pages] or [0]
    return source.pipeline.library.page(document, draw.choice(numbers)).text
