"""Evidence as HTML: a bar chart of relevancy scores with the threshold, and a strip of what was used and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from octavo.apps.chat.markup import pages, render
from octavo.apps.chat.turns import Turn, TurnId
from octavo.rag import Evidence

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


def panel(turn: Turn | None, at: TurnId) -> Markup:
    """The evidence of a turn: the chart, what was used, and on demand what was dropped."""
    answer = turn.answer if turn else None
    used = list(answer.evidence) if answer and not answer.abstained else []
    ids = {e.id for e in used}
    dropped = [(rank, e) for rank, e in enumerate(answer.looked_at) if e.id not in ids] if answer else []
    threshold = turn.threshold if turn else 0.0
    return render(
        "evidence.html",
        at=at,
        used=used,
        dropped=dropped,
        cited={c.evidence for c in answer.citations} if answer else set(),
        bars=bars(used, [e for _, e in dropped]),
        threshold=threshold,
        line=56 - HEIGHT * threshold,
    )


def bars(used: Sequence[Evidence], dropped: Sequence[Evidence]) -> list[Bar]:
    """The bars of a chart, those of used evidence first."""
    step = 300 / max(len(used) + len(dropped), 6)
    states = [*((e, "used") for e in used), *((e, "dropped") for e in dropped)]
    return [
        Bar(
            name=e.name,
            pages=pages(e),
            score=e.score,
            state=state,
            label=str(n + 1) if state == "used" else "–",
            x=18 + n * step,
            width=step - 4,
            height=max(1.0, HEIGHT * e.score),
            has_room=state == "used" and step >= 17,
        )
        for n, (e, state) in enumerate(states)
    ]
