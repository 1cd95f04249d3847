"""The content of the demo's deck, independent of its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chart:
    """Two series of a bar chart; its axis goes from 0 to `top`."""

    labels: Sequence[str]
    series: Mapping[str, Sequence[float]]
    top: int
    step: int
    unit: str


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide with its speaker notes, and bullets beside a key figure, a table or a chart."""

    title: str
    notes: str
    subtitle: str = ""
    bullets: Sequence[str] = ()
    key: tuple[str, str] = ("", "")
    table: Sequence[Sequence[str]] = ()
    chart: Chart | None = None
    hidden: bool = False


SLIDES = (
    Slide(
        "Plan for 2019",
        "Welcome the board and the guests from the harbour authority. The plan follows the annual report, which "
        "everyone has had for two weeks.",
        subtitle="Northlight Observatory · board meeting, November 2018",
    ),
    Slide(
        "What 2018 brought",
        "Do not dwell on the guest house. If somebody asks: the work will be offered again in spring.",
        bullets=(
            "First full year with two domes",
            "South Dome as sharp as planned since May",
            "Half as many technical faults as in 2017",
            "Radio link to the mainland failed eleven times",
            "No bid for the heating of the guest house",
        ),
        key=("449", "observing nights"),
    ),
    Slide(
        "Nights lost, by cause",
        "The freezing fog of February explains the ice. The shift log explains the technical faults.",
        chart=Chart(
            ("Clouds", "Wind", "Ice", "Technical faults"),
            {"2017": (61, 24, 17, 12), "2018": (52, 19, 21, 6)},
            80,
            20,
            "nights",
        ),
    ),
    Slide(
        "Operating budget",
        "Energy falls because the energy store saves diesel. The three new posts are in the first row.",
        table=(
            ("Million crowns", "2018", "2019"),
            ("Staff", "18.2", "19.4"),
            ("Energy", "3.1", "2.7"),
            ("Maintenance", "6.3", "6.8"),
            ("Travel and guests", "2.4", "2.6"),
            ("Other", "4.0", "4.0"),
            ("Total", "34.0", "35.5"),
        ),
    ),
    Slide(
        "Fibre link to the mainland",
        "The harbour authority pays for half of the fibre link to the mainland, because the ferry office will use it "
        "too. The other half comes out of the observatory's reserves.",
        bullets=(
            "31 kilometres of cable, 4 of them on the sea bed",
            "Ten times the speed of the radio link",
            "Laying starts in May, after the storms",
            "In service before the winter",
        ),
        key=("31 km", "of cable"),
    ),
    Slide(
        "In reserve: if the cable ship is late",
        "Show this only if the board asks about the weather.",
        bullets=(
            "The ship is free again in August",
            "The radio link stays in place until 2021",
            "Disks go down by the supply car",
        ),
        key=("August", "is the second date"),
        hidden=True,
    ),
)
