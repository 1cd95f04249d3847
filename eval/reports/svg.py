"""Plots as SVG, to stand inside a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from octavo.eval.metrics import ConfidenceInterval

COLORS = ("#2563eb", "#d97706", "#059669", "#dc2626", "#7c3aed", "#0891b2", "#be185d", "#4d7c0f")
_ROW, _LABEL, _WIDTH = 16, 210, 380
_LEFT, _TOP, _SIDE = 44, 12, 260


def bars(
    metrics: Sequence[str], series: Mapping[str, Mapping[str, ConfidenceInterval]], colors: Sequence[str] = COLORS
) -> str:
    """Returns a chart of means in [0, 1] as bars with intervals: metrics one under another, each with its systems.

    >>> "<svg" in bars(["page recall@1"], {"embedded": {"page recall@1": ConfidenceInterval(0.5, 0.4, 0.6, 10)}})
    True
    """
    parts, y = list[str](), 4
    for metric in metrics:
        parts.append(f'<text x="{_LABEL - 8}" y="{y + 12}" text-anchor="end">{escape(metric)}</text>')
        for n, (name, figures) in enumerate(series.items()):
            if result := figures.get(metric):
                parts.append(_bar(result, y, colors[n % len(colors)], f"{name}, {metric}"))
                y += _ROW
        y += 6
    grid = [
        f'<line class="grid" x1="{_LABEL + t * _WIDTH / 4}" x2="{_LABEL + t * _WIDTH / 4}" y1="0" y2="{y}"/>'
        f'<text x="{_LABEL + t * _WIDTH / 4}" y="{y + 12}" text-anchor="middle">{t / 4:g}</text>'
        for t in range(5)
    ]
    axis = (
        f'<text x="{_LABEL + _WIDTH / 2}" y="{y + 28}" text-anchor="middle">mean over questions, 95 % interval</text>'
    )
    return _svg(_LABEL + _WIDTH + 60, y + 34, [*grid, *parts, axis])


def curves(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]], x: str, y: str, colors: Sequence[str] = COLORS
) -> str:
    """Returns a chart with a line of points in [0, 1] × [0, 1] for each name."""
    parts = [
        f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _SIDE}" y1="{_at(t / 4)}" y2="{_at(t / 4)}"/>'
        f'<text x="{_LEFT - 6}" y="{_at(t / 4) + 4}" text-anchor="end">{t / 4:g}</text>'
        f'<text x="{_LEFT + t * _SIDE / 4}" y="{_TOP + _SIDE + 16}" text-anchor="middle">{t / 4:g}</text>'
        for t in range(5)
    ]
    for n, (name, (across, up)) in enumerate(series.items()):
        points = " ".join(f"{_LEFT + a * _SIDE:.1f},{_at(b):.1f}" for a, b in zip(across, up, strict=True))
        color = colors[n % len(colors)]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{color}"><title>{escape(name)}</title></polyline>'
        )
    parts.append(f'<text x="{_LEFT + _SIDE / 2}" y="{_TOP + _SIDE + 32}" text-anchor="middle">{escape(x)}</text>')
    parts.append(
        f'<text transform="translate(12,{_TOP + _SIDE / 2}) rotate(-90)" text-anchor="middle">{escape(y)}</text>'
    )
    return _svg(_LEFT + _SIDE + 12, _TOP + _SIDE + 40, parts)


def boxes(width: float, height: float, marks: Sequence[tuple[Sequence[float], str]]) -> str:
    """Returns a page of that size with boxes in points; each has the class that says what it marks."""
    shapes = "".join(
        f'<rect class="{kind}" x="{x0}" y="{y0}" width="{x1 - x0:.1f}" height="{y1 - y0:.1f}"/>'
        for (x0, y0, x1, y1), kind in marks
    )
    return f'<svg viewBox="0 0 {width:g} {height:g}" preserveAspectRatio="none">{shapes}</svg>'


def _bar(span: ConfidenceInterval, y: float, color: str, title: str) -> str:
    middle = y + _ROW / 2 - 1
    low, high, end = (_LABEL + min(1.0, value) * _WIDTH for value in (span.low, span.high, span.mean))
    return (
        f"<g><title>{escape(title)}: {span.mean:.3f} [{span.low:.3f}, {span.high:.3f}], n={span.n}</title>"
        f'<rect x="{_LABEL}" y="{y}" width="{end - _LABEL:.1f}" height="{_ROW - 3}" fill="{color}" opacity=".75"/>'
        f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="#111"/>'
        f'<text x="{max(end, high) + 5:.1f}" y="{y + 11}">{span.mean:.3f}</text></g>'
    )


def _at(value: float) -> float:
    return _TOP + (1 - value) * _SIDE


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return f'<svg class="plot" viewBox="0 0 {width:g} {height:g}" width="{width:g}">{"".join(parts)}</svg>'
