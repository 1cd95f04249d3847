"""Omnify (OmnixR, arXiv 2410.12219): the same question as text, as a picture, and in one picture with its page.

Retrieval by the picture is measured without a model; the answers of a model that sees should be the same in all forms.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from functools import partial
from operator import itemgetter

from PIL import Image, ImageDraw, ImageFont

from octavo.eval.datasets import Question
from octavo.eval.judges import rules
from octavo.eval.judges.verdict import Grade
from octavo.eval.probes.base import Figure, ProbeTarget, Trial, mean
from octavo.eval.retrieval import gold_places
from octavo.eval.runs.rows import Row
from octavo.ingest.imaging import encode, encode_png
from octavo.rag import Level

FORMS = ("text", "picture", "page")
"""A question in words, drawn as a picture, and drawn below its page in one picture."""
_K = 5
_SIZE, _COLUMNS = 26, 52
_ASK = "Answer the question from the picture in a few words. If it does not hold the answer, say so."


class Omnify:
    """The probe of forms of a question; a model that sees is asked, too, where the system has one."""

    needs_model = False

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields a trial for each question."""
        for question in source.grounded:
            yield Trial(question.id, partial(_measure, source, question))

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns recall by words and by picture with their difference, and the accuracy of answers by form."""
        results: list[Figure] = []
        for k in (1, _K):
            results += mean(f"page recall@{k}, text", rows, itemgetter(f"text@{k}"))
            results += mean(f"page recall@{k}, picture", rows, itemgetter(f"picture@{k}"))
            changes = [{"change": row[f"picture@{k}"] - row[f"text@{k}"]} for row in rows]
            results += mean(f"page recall@{k}, picture less text", changes, itemgetter("change"))
        right = [row["right"] for row in rows if "right" in row]
        for form in FORMS:
            results += mean(f"right answers, {form}", right, itemgetter(form))
        for form in FORMS[1:]:
            same = [{"same": row[form] == row["text"]} for row in right]
            results += mean(f"right or wrong as by text, {form}", same, itemgetter("same"))
        return results


PROBE = Omnify()


def _measure(source: ProbeTarget, question: Question) -> Row:
    picture, scope = encode_png(draw_text(question.question)), source.scope(question)
    gold = set(gold_places(question, source.ids))
    row: Row = {}
    for form, hits in (
        ("text", source.pipeline.search(question.question, level=Level.PAGE, k=_K, scope=scope)),
        ("picture", source.pipeline.search("", level=Level.PAGE, k=_K, scope=scope, picture=picture)),
    ):
        ranked = [(hit.document, hit.page) for hit in hits]
        row |= {f"{form}@{k}": len(set(ranked[:k]) & gold) / len(gold) for k in (1, _K)}
    if source.has_model and question.answer:
        replies = {form: _reply(source, question, form) for form in FORMS}
        row["replies"] = replies
        row["right"] = {
            form: rules.judge(question.question, question.answer, reply).grade is Grade.CORRECT
            for form, reply in replies.items()
        }
    return row


def _reply(source: ProbeTarget, question: Question, form: str) -> str:
    page = source.pipeline.library.screenshot(source.ids[question.doc], question.gold_pages[0])
    side = source.pipeline.settings.llm_image_side
    if form == "page":
        return source.ask_model(encode(below(page, draw_text(question.question)), "JPEG", 88, side=side), _ASK)
    query: str | bytes = question.question if form == "text" else encode(draw_text(question.question), "JPEG", 88)
    return source.ask_model(encode(page, "JPEG", 88, side=side), query, _ASK)


def draw_text(text: str) -> Image.Image:
    """Returns a text as black letters on white, in lines of about 52 letters."""
    font = ImageFont.load_default(_SIZE)
    lines = textwrap.wrap(text, _COLUMNS) or [""]
    width = max(int(font.getlength(line)) for line in lines) + 2 * _SIZE
    image = Image.new("RGB", (width, int(1.4 * _SIZE * len(lines)) + 2 * _SIZE), "white")
    draw = ImageDraw.Draw(image)
    for n, line in enumerate(lines):
        draw.text((_SIZE, _SIZE + 1.4 * _SIZE * n), line, fill="black", font=font)
    return image


def below(page: Image.Image, question: Image.Image) -> Image.Image:
    """Returns one picture of a page and, below it, a question as wide as the page at most."""
    if question.width > page.width:
        question = question.resize((page.width, round(question.height * page.width / question.width)))
    image = Image.new("RGB", (page.width, page.height + question.height), "white")
    image.paste(page, (0, 0))
    image.paste(question, (0, page.height))
    return image
