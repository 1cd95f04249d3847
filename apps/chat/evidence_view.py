"""Evidence as HTML: a bar chart of relevancy scores with the threshold, and a strip of what was used and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from octavo.apps.chat.markup import pages, render
from octavo.apps.chat.turns import Turn, TurnId
from octavo.rag import Answer, Evidence

HEIGHT = 47
"""Units of a bar whose score is 1."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart; places and sizes are units of its view box, 320 × 70."""

    name: str
    pages: str
    score: float
    state: str
    label: str
    x: float
    width: float
    height: float
    has_room: bool

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


def used_evidence(answer: Answer) -> list[Evidence]:
    """Returns what an answer rests on: all that a model was shown, and of quotes what they cite."""
    if answer.abstained:
        return []
    cited = {c.evidence for c in answer.citations}
    return [e for e in answer.evidence if answer.model or e.id in cited]


def panel(turn: Turn | None, at: TurnId) -> Markup:
    """Returns the evidence of a turn: the chart, what was used, and on demand what was dropped."""
    answer = turn.answer if turn else None
    used = used_evidence(answer) if answer else []
    numbers = {e.id: n for n, e in reversed([*enumerate(answer.evidence if answer else ())])}
    ids = {e.id for e in used}
    dropped = [(rank, e) for rank, e in enumerate(answer.candidates) if e.id not in ids] if answer else []
    threshold = turn.threshold if turn else 0.0
    return render(
        "evidence.html",
        at=at,
        used=[(numbers[e.id], e) for e in used],
        dropped=dropped,
        cited={c.evidence for c in answer.citations} if answer else set(),
        bars=_bars([(numbers[e.id], e) for e in used], [e for _, e in dropped]),
        threshold=threshold,
        line=56 - HEIGHT * threshold,
    )


def _bars(used: Sequence[tuple[int, Evidence]], dropped: Sequence[Evidence]) -> list[Bar]:
    """Returns the bars of a chart, those of used evidence first, with its numbers (from 0)."""
    step = 300 / max(len(used) + len(dropped), 6)
    states = [*((e, "used", str(number + 1)) for number, e in used), *((e, "dropped", "–") for e in dropped)]
    return [
        Bar(
            name=e.name,
            pages=pages(e),
            score=e.score,
            state=state,
            label=label,
            x=18 + n * step,
            width=step - 4,
            height=max(1.0, HEIGHT * e.score),
            has_room=state == "used" and step >= 17,
        )
        for n, (e, state, label) in enumerate(states)
    ]
