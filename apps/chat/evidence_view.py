"""Evidence as HTML: a bar chart of relevancy scores with the threshold, and a strip of what was used and dropped."""

from __future__ import annotations

from collections.abc import Sequence

from octavo.apps.chat.pictures import PREFIX
from octavo.apps.chat.text import plain
from octavo.apps.chat.turns import Turn, TurnId
from octavo.ingest import Box
from octavo.rag import Evidence

NOTHING = '<p class="hint">The evidence of an answer appears here: what it rests on, and how relevant that is.</p>'

TALL = 47
"""Units of a bar whose score is 1."""


def panel(turn: Turn | None, at: TurnId) -> str:
    """The evidence of a turn: the chart, what was used, and on demand what was dropped."""
    if turn is None or turn.answer is None or not (turn.answer.evidence or turn.answer.looked_at):
        return NOTHING
    answer = turn.answer
    used = [] if answer.abstained else list(answer.evidence)
    ids = {e.id for e in used}
    dropped = [(rank, e) for rank, e in enumerate(answer.looked_at) if e.id not in ids]
    cited = {c.evidence for c in answer.citations}
    cards = "".join(_card(e, at, n, "used", e.id in cited) for n, e in enumerate(used))
    kept = (
        f'<div class="strip">{cards}</div>' if cards else '<p class="hint">Nothing was relevant enough to be used.</p>'
    )
    more = ""
    if dropped:
        others = "".join(_card(e, at, rank, "looked", False) for rank, e in dropped)
        opened = "" if cards else " open"
        more = (
            f'<details class="dropped"{opened}><summary>Looked at and dropped ({len(dropped)})</summary>'
            f'<div class="strip">{others}</div></details>'
        )
    return f'<div class="panel">{chart(used, [e for _, e in dropped], turn.threshold)}{kept}{more}</div>'


def chart(used: Sequence[Evidence], dropped: Sequence[Evidence], threshold: float) -> str:
    """Relevancy scores as bars with the threshold as a line; an SVG, 320 × 70 units."""
    bars = []
    step = 300 / max(len(used) + len(dropped), 6)
    for n, (e, state) in enumerate([*((e, "used") for e in used), *((e, "dropped") for e in dropped)]):
        height = max(1.0, TALL * e.score)
        x = 18 + n * step
        middle = x + (step - 4) / 2
        has_room = state == "used" and step >= 17
        score = f'<text class="score" x="{middle:.1f}" y="{54 - height:.1f}">{e.score:.2f}</text>' if has_room else ""
        label = f"{plain(e.name)}, {pages(e)}: relevancy {e.score:.2f}, {state}"
        bars.append(
            f'<g class="{state}"><title>{label}</title>'
            f'<rect x="{x:.1f}" y="{56 - height:.1f}" width="{step - 4:.1f}" height="{height:.1f}" rx="1.5"></rect>'
            f'{score}<text x="{middle:.1f}" y="66">{n + 1 if state == "used" else "–"}</text></g>'
        )
    y = 56 - TALL * threshold
    line = (
        f'<line class="axis" x1="16" x2="318" y1="56" y2="56"></line>'
        f'<line class="threshold" x1="16" x2="318" y1="{y:.1f}" y2="{y:.1f}"></line>'
        f'<text class="at" x="318" y="{y - 2.5:.1f}">an answer needs {threshold:.2f}</text>'
        '<text class="axis" x="14" y="12">1</text><text class="axis" x="14" y="59">0</text>'
    )
    return (
        f'<svg class="chart" viewBox="0 0 320 70" role="img" aria-label="Relevancy scores">{"".join(bars)}{line}</svg>'
    )


def _card(e: Evidence, at: TurnId, number: int, state: str, is_cited: bool) -> str:
    place = "your picture" if e.document.startswith(PREFIX) else pages(e)
    kind = f" · {e.kind}" if e.kind else ""
    head = f"<b>{number + 1}</b> " if state == "used" else ""
    return (
        f'<button type="button" class="card {state}{" cited" if is_cited else ""}" data-open="{state}" '
        f'{at.data} data-number="{number}" title="{plain(e.text, 200)}">'
        f'<img src="{picture(e)}" alt="" loading="lazy">'
        f"<span>{head}{plain(e.name, 28)}</span><span>{place}{kind} · {e.score:.2f}</span></button>"
    )


def pages(e: Evidence) -> str:
    """The pages of a piece of evidence, as people count them."""
    numbers = sorted({region.page + 1 for region in e.regions} or {e.page + 1})
    return f"pages {numbers[0]}–{numbers[-1]}" if len(numbers) > 1 else f"page {numbers[0]}"


def picture(e: Evidence) -> str:
    """Where the crop of a piece of evidence is fetched."""
    if e.document.startswith(PREFIX):
        return f"/pictures/questions/{plain(e.document.removeprefix(PREFIX))}.webp"
    boxes = [region.box for region in e.regions if region.page == e.page]
    if not boxes:
        return f"/pictures/pages/{plain(e.document)}/{e.page}.webp?width=320"
    box = ",".join(f"{v:.1f}" for v in Box.around(boxes))
    return f"/pictures/crops/{plain(e.document)}/{e.page}/{box}.webp?width=320"
