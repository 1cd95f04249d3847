"""Noise (RoRA-VLM, arXiv 2410.08876): answers from the right entry among wrong ones, random or best-ranked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from octavo.eval.datasets import Question
from octavo.eval.probes.base import Figure, ProbeTarget, Trial, by_variant, is_right, mean
from octavo.eval.retrieval import gold_places
from octavo.eval.runs.rows import Row
from octavo.rag import Evidence, Level, Scope

COUNTS = (0, 1, 3, 5)
"""Wrong entries beside the right one."""
_KINDS = ("random", "best-ranked")
_LOOKED_AT = 40


class Noise:
    """The probe of noise; without a model the answers are quotes."""

    needs_model = False

    def trials(self, source: ProbeTarget) -> Iterator[Trial]:
        """Yields a trial for each question with a gold answer, kind of noise and count."""
        for question in source.grounded:
            if question.answer:
                for count in COUNTS:
                    for kind in _KINDS if count else ("alone",):
                        yield Trial(f"{kind}-{count}/{question.id}", partial(_measure, source, question, kind, count))

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        """Returns accuracy and citation precision by noise, and accuracy by the place of the right entry."""
        results: list[Figure] = []
        for variant, own in by_variant(rows).items():
            results += mean(f"{variant}: right answers", own, lambda row: row["right"])
            results += mean(f"{variant}: citations on a gold page", own, lambda row: row["precision"])
        for place in sorted({row["place"] for row in rows if row["count"]}):
            of_place = [row for row in rows if row["count"] and row["place"] == place]
            results += mean(f"right entry at place {place}: right answers", of_place, lambda row: row["right"])
        return results


PROBE = Noise()


def _measure(source: ProbeTarget, question: Question, kind: str, count: int) -> Row:
    gold = set(gold_places(question, source.ids))
    right, wrong = _entries(source, question, gold)
    draw = source.draw("noise", question.id, kind, str(count))
    if kind == "random":
        draw.shuffle(wrong)
    evidence = [right, *wrong[:count]]
    draw.shuffle(evidence)
    answer = source.pipeline.ask(question.question, evidence=evidence)
    cited = [(c.document, c.page) in gold for c in answer.citations]
    return {
        "variant": f"{count} {kind}" if count else "alone",
        "count": count,
        "place": evidence.index(right) + 1,
        "right": is_right(question, answer),
        "precision": sum(cited) / len(cited) if cited else None,
        "answer": answer.text,
    }


def _entries(source: ProbeTarget, question: Question, gold: set[tuple[str, int]]) -> tuple[Evidence, list[Evidence]]:
    """Returns the best chunk of a gold page, and those of other pages, best first."""
    document, page = next(iter(sorted(gold)))
    inside = Scope(documents=(document,), pages=(page, page))
    candidates = source.pipeline.search(question.question, level=Level.CHUNK, k=1, scope=inside)
    right = candidates[0] if candidates else source.gold_page(question)
    everywhere = source.pipeline.search(question.question, level=Level.CHUNK, k=_LOOKED_AT)
    wrong = [e for e in everywhere if not {(e.document, region.page) for region in e.regions} & gold]
    return right, wrong
