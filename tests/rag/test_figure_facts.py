"""Facts about a figure that are read without a model, and the numbers that they bear out."""

from __future__ import annotations

from PIL import Image, ImageDraw

from octavo.ingest import Box, Element, Kind, Page
from octavo.ingest.model import Line
from octavo.rag.figure_facts import FigureFacts, doubtful_numbers, read_facts, strike_numbers


def test_labels_have_places_captions_belong_and_colors_are_named() -> None:
    figure = Element(
        1,
        Kind.CHART,
        Box(0, 0, 300, 300),
        "Ferries\n2024",
        (Line("Ferries", Box(10, 10, 60, 20)), Line("2024", Box(240, 280, 290, 295))),
    )
    caption = Element(2, Kind.CAPTION, Box(0, 310, 300, 330), "Figure 3: Boats", about=1)
    crop = Image.new("RGB", (300, 300), "white")
    draw = ImageDraw.Draw(crop)
    draw.rectangle((20, 100, 80, 280), fill=(30, 90, 220))
    draw.rectangle((120, 180, 180, 280), fill=(240, 140, 20))
    facts = read_facts(Page(0, 300, 400, "", 300, 400, elements=(figure, caption)), figure, crop)
    assert facts.labels == (("Ferries", "top left"), ("2024", "bottom right"))
    assert facts.listing == (
        "Caption: Figure 3: Boats\nLabels: Ferries (top left); 2024 (bottom right)\nColors: blue and orange"
    )
    assert facts.summary == "A chart in blue and orange."
    assert read_facts(Page(0, 9, 9, "", 9, 9), figure, Image.new("RGB", (9, 9), "gray")).summary == ""


def test_a_number_is_borne_out_however_it_is_written() -> None:
    facts = FigureFacts("chart", ("Figure 2",), (("1,577.0", ""), ("12 %", ""), ("-0.5", "")), ())
    assert doubtful_numbers("2, 1577, 12, 0,5 and −0.5 beside 13 and 1.577 and 157", facts) == ["13", "157"]
    assert strike_numbers("13 of 130", ["13"]) == "… of 130"
