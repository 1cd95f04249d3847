"""`report.pdf`: the annual report of an observatory that does not exist."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pymupdf

from examples.documents.draw import (
    AMBER,
    BLUE,
    BODY_SIZE,
    BOLD,
    GREY,
    INK,
    ITALIC,
    LEADING,
    NAVY,
    PALE,
    RULE,
    SANS,
    SERIF,
    WHITE,
    Colour,
    Sheet,
    save,
    wrapped,
)

WIDTH, HEIGHT = 595, 842
LEFT, RIGHT = 64, 531
BODY = RIGHT - LEFT
COATING_LINES = 5
NAME, TITLE = "Northlight Observatory", "Annual report 2018"

YEARS = ("2014", "2015", "2016", "2017", "2018")
FIGURES = (
    ("Million crowns¹", *YEARS),
    ("Revenue", "31.2", "33.8", "36.1", "39.4", "42.1"),
    ("of which observing time", "18.6", "19.9", "21.0", "23.2", "24.7"),
    ("of which grants", "12.6", "13.9", "15.1", "16.2", "17.4"),
    ("Operating cost", "27.9", "29.3", "30.8", "32.6", "34.0"),
    ("Operating result", "3.3", "4.5", "5.3", "6.8", "8.1"),
    ("Capital expenditure", "4.9", "6.2", "11.8", "17.3", "15.8"),
    ("Cash at year end²", "22.4", "20.7", "14.2", "15.7", "8.0"),
    ("Staff at year end (people)", "41", "44", "49", "55", "58"),
    ("Visitors", "18,400", "19,100", "20,600", "23,900", "24,700"),
)
NIGHTS = {"North Dome": (214, 221, 208, 226, 231), "South Dome": (0, 0, 0, 142, 218)}


def write(path: Path) -> Path:
    """Writes the report's six pages."""
    document = pymupdf.open()
    _cover(Sheet(document, WIDTH, HEIGHT))
    _year(_inner(document, 2))
    _finances(_inner(document, 3))
    _observing(_inner(document, 4))
    _instruments(_inner(document, 5))
    _outlook(_inner(document, 6))
    return save(document, path, f"{NAME}: {TITLE}")


def _inner(document: pymupdf.Document, number: int) -> Sheet:
    sheet = Sheet(document, WIDTH, HEIGHT)
    sheet.text(LEFT, 44, NAME, 8, colour=GREY)
    sheet.text(RIGHT, 44, TITLE, 8, colour=GREY, align="right")
    sheet.line(LEFT, 51, RIGHT, 51)
    sheet.line(LEFT, 796, RIGHT, 796)
    sheet.text(RIGHT, 811, str(number), 8, colour=GREY, align="right")
    return sheet


def _heading(sheet: Sheet, y: float, text: str) -> float:
    sheet.text(LEFT, y, text, 19, BOLD, NAVY)
    sheet.box(LEFT, y + 9, LEFT + 34, y + 11.5, AMBER)
    return y + 38


def _subheading(sheet: Sheet, y: float, text: str) -> float:
    sheet.text(LEFT, y, text, 12.5, BOLD, NAVY)
    return y + 19


def _paragraphs(sheet: Sheet, y: float, *texts: str) -> float:
    for text in texts:
        y = sheet.paragraph(LEFT, y, BODY, text) + 7
    return y


def _cover(sheet: Sheet) -> None:
    sheet.box(0, 0, WIDTH, HEIGHT, NAVY)
    sky = random.Random(1961)  # noqa: S311 - stars, not secrets
    pole = (400.0, 330.0)
    for _ in range(150):
        radius = sky.uniform(14, 560)
        start, sweep = sky.uniform(0, 2 * math.pi), sky.uniform(0.15, 0.7)
        light = sky.uniform(0.20, 0.62)
        colour: Colour = (light, light + 0.05, min(1.0, light + 0.16))
        arc = [start + sweep * step / 24 for step in range(25)]
        sheet.shape([(pole[0] + radius * math.cos(a), pole[1] + radius * math.sin(a)) for a in arc], edge=colour)
    hill: Colour = (0.03, 0.07, 0.14)
    sheet.shape([(0, 706), (110, 664), (235, 640), (380, 650), (500, 684), (595, 700), (595, 842), (0, 842)], fill=hill)
    _dome(sheet, 232, 642, 62, hill)
    _dome(sheet, 404, 656, 38, hill)
    sheet.box(LEFT, 112, LEFT + 56, 116, AMBER)
    sheet.text(LEFT, 168, "Northlight", 44, BOLD, WHITE)
    sheet.text(LEFT, 216, "Observatory", 44, BOLD, WHITE)
    sheet.text(LEFT, 258, TITLE, 20, SANS, AMBER)
    sheet.text(LEFT, 786, "The observatory, its island and all figures are invented for this demo.", 9, SANS, RULE)


def _dome(sheet: Sheet, x: float, base: float, radius: float, colour: Colour) -> None:
    """A dome seen from the side, its slit open and lit."""
    sheet.box(x - radius, base - 0.8 * radius, x + radius, base + radius, colour)
    round_top = [
        (x + radius * 1.08 * math.cos(math.pi * n / 40), base - 0.8 * radius - radius * math.sin(math.pi * n / 40))
        for n in range(41)
    ]
    sheet.shape(round_top, fill=colour)
    slit = [
        (x + radius * 1.04 * math.cos(angle), base - 0.8 * radius - 0.98 * radius * math.sin(angle))
        for angle in (0.50 * math.pi, 0.44 * math.pi, 0.38 * math.pi, 0.33 * math.pi)
    ]
    sheet.shape([*slit, (x + 0.50 * radius, base - 0.84 * radius), (x + 0.06 * radius, base - 0.84 * radius)], AMBER)


def _year(sheet: Sheet) -> None:
    y = _heading(sheet, 96, "The year in brief")
    y = sheet.paragraph(
        LEFT,
        y,
        BODY,
        "2018 was the first full year with two domes. The North Dome observed on 231 nights and the South Dome on "
        "218, together more than in any year since the observatory was founded in 1961. Revenue rose by 6.9 per "
        "cent, mostly because guest institutes booked the new telescope as soon as it left its trial run.",
    )
    y += 10
    tiles = (("42.1 m", "crowns of revenue"), ("449", "observing nights"), ("58", "people on staff"), ("64", "papers"))
    width = (BODY - 36) / 4
    for n, (number, label) in enumerate(tiles):
        x = LEFT + n * (width + 12)
        sheet.box(x, y, x + width, y + 70, PALE)
        sheet.box(x, y, x + 3, y + 70, AMBER)
        sheet.text(x + 14, y + 36, number, 21, BOLD, NAVY)
        sheet.text(x + 14, y + 54, label, 9, SANS, GREY)
    y = _subheading(sheet, y + 112, "What changed")
    y = _paragraphs(
        sheet,
        y,
        "The South Dome was handed over in March 2017 and reached its planned image quality in May 2018, after the "
        "primary mirror had been supported anew at its outer edge. The trial run took five months longer than "
        "planned; the supplier bore the cost of the delay.",
        "The night crew now works in two shifts of six hours. Handovers are written down in a shared log, and the "
        "number of nights lost to technical faults fell by half. Nights lost to ice rose, since the winter of 2018 "
        "brought freezing fog from the north on nine days in a row.",
        "Visitors came in larger numbers than ever although the summit road was closed for most of February. The "
        "evening tours were sold out from June to September, and a second guide was hired for the season.",
    )
    y = _subheading(sheet, y + 16, "What did not go well")
    _paragraphs(
        sheet,
        y,
        "The radio link to the mainland failed eleven times, once for three days, and observers had to carry their "
        "data down the mountain on disks. A better link is the first item of the plan for 2019.",
        "The heating of the guest house was to be replaced in the summer. No bid was received, since the island's "
        "two plumbers were at work on the harbour; the work will be offered again with a longer term.",
    )


def _finances(sheet: Sheet) -> None:
    y = _heading(sheet, 96, "Finances")
    y = sheet.paragraph(
        LEFT,
        y,
        BODY,
        "Revenue comes from observing time that guest institutes book and from grants of the island's research "
        "council. Both grew. Operating cost rose more slowly, because the second dome shares its workshop, its crew "
        "and its energy supply with the first, so that the operating result was the best of the past five years "
        "(table 1).",
    )
    sheet.text(LEFT, y + 16, "Table 1: Five years in figures", 9, BOLD, NAVY)
    widths = (177, 58, 58, 58, 58, 58)
    y = sheet.table(LEFT, y + 26, widths, FIGURES, height=22, bold=(1, 5))
    y = _subheading(sheet, y + 40, "Investment")
    y = _paragraphs(
        sheet,
        y,
        "Most of the money invested since 2016 went into the South Dome: the building, the telescope, and the road "
        "that leads to both. In 2018 the last instalment for the telescope fell due, and the energy store was "
        "bought. No investment of like size is planned for the next three years.",
        "The loan that the observatory drew in 2017 is to be paid back in ten equal yearly sums, the first of them "
        "in June 2020. Its rate of interest is fixed at 1.9 per cent.",
    )
    sheet.line(LEFT, 752, LEFT + 120, 752, GREY)
    sheet.text(LEFT, 765, "¹ The crown is the island's currency, and as invented as the island.", 8, SANS, GREY)
    sheet.text(LEFT, 778, "² Including a loan of 12.0 million crowns, which was drawn in 2017.", 8, SANS, GREY)


def _observing(sheet: Sheet) -> None:
    y = _heading(sheet, 96, "Observing")
    y = sheet.paragraph(
        LEFT,
        y,
        BODY,
        "A night counts as an observing night when the shutter was open for at least three hours. Figure 1 shows how "
        "many there were. The North Dome gained five nights over 2017 although it was closed for eight nights in "
        "March, when the rails of its shutter were ground.",
    )
    sheet.bars((LEFT + 34, y + 46, RIGHT - 6, y + 288), YEARS, NIGHTS, 250, 50, "nights")
    sheet.text(LEFT, y + 328, "Figure 1: Observing nights by dome, 2014 to 2018", 9, BOLD, NAVY)
    y = _subheading(sheet, y + 368, "Who observed")
    y = _paragraphs(
        sheet,
        y,
        "Guests from 27 institutes used 61 per cent of the nights, the observatory's own programmes 30 per cent. The "
        "rest was kept for targets that cannot wait, such as a new comet or a star that flares. Requests for the "
        "South Dome exceeded the nights on offer by a factor of 2.4, those for the North Dome by 1.6.",
        "The longest programme follows 3,200 faint stars near the pole and looks for the slight dips in their light "
        "that a planet makes. It found four candidates in 2018, one of which has been confirmed from elsewhere. All "
        "images are given away free of charge after twelve months.",
    )


def _instruments(sheet: Sheet) -> None:
    y = _heading(sheet, 96, "Instruments")
    y = sheet.paragraph(
        LEFT,
        y,
        BODY,
        "The telescope of the South Dome feeds its spectrograph through a fibre, so that the instrument can stand in "
        "the cellar, away from wind and from the warmth of people (figure 2). It splits the light of a star into "
        "94,000 colours and compares them with those of a lamp whose lines are known.",
    )
    _light_path(sheet, y + 12)
    sheet.text(LEFT, y + 364, "Figure 2: The path of the light in the South Dome", 9, BOLD, NAVY)
    y = _subheading(sheet, y + 404, "Mirrors")
    y = _paragraphs(
        sheet,
        y,
        "Both telescopes have mirrors of glass ceramic, which keeps its shape when the night gets cold. A coat of "
        "aluminium, a ten-thousandth of a millimetre thick, makes them reflect; salt from the sea eats it away.",
    )
    for n, line in enumerate(_coating()[:COATING_LINES]):
        sheet.text(LEFT, y + n * LEADING, line, BODY_SIZE, SERIF)


def _coating() -> list[str]:
    """Returns the lines of a paragraph that goes on from one page to the next."""
    text = (
        "The primary mirror of the North Dome was coated anew in August, for the first time in six years. It now "
        "reflects 93 per cent of the light instead of 84. The work was done on the mountain, in the vacuum chamber "
        "that came with the South Dome; before, the mirror had to be shipped to the mainland and was away for seven "
        "weeks. All that time the dome stood still, which cost about thirty clear nights. The next coating is planned "
        "for 2023. Until then the mirror is washed twice a year, in spring and in autumn, with carbon dioxide snow, "
        "which leaves no residue. A washing takes one day and wins back about half of the light that dust and salt "
        "have cost."
    )
    return list(wrapped(text, BODY, SERIF, BODY_SIZE))


def _light_path(sheet: Sheet, y: float) -> None:
    """A telescope in section, 330 points high: light falls on two mirrors and goes down a fibre into the cellar."""
    sheet.box(LEFT, y, RIGHT, y + 330, PALE)
    x, top, mirror, floor = LEFT + 150, y + 58, y + 186, y + 230
    sheet.box(LEFT, floor, RIGHT, floor + 3, GREY)
    for offset in (-66, -42, 42, 66):
        sheet.line(x + offset, y + 14, x + offset, mirror - 4, AMBER, 1)
        sheet.line(x + offset, mirror - 4, x + offset / 5, top + 4, AMBER, 1)
    for offset in (-8, 8):
        sheet.line(x + offset, top + 6, x, mirror + 8, AMBER, 1)
    sheet.shape(
        [(x - 76, mirror - 8), (x, mirror + 4), (x + 76, mirror - 8), (x + 76, mirror + 9), (x - 76, mirror + 9)], BLUE
    )
    sheet.shape([(x - 18, top), (x + 18, top), (x + 13, top + 7), (x - 13, top + 7)], BLUE)
    sheet.box(x - 83, y + 24, x - 79, mirror + 9, NAVY)
    sheet.box(x + 79, y + 24, x + 83, mirror + 9, NAVY)
    sheet.shape([(x, mirror + 9), (x, floor + 52), (x + 62, floor + 52)], edge=AMBER)
    sheet.box(x + 62, floor + 28, x + 136, floor + 76, NAVY)
    for n, colour in enumerate(((0.45, 0.30, 0.80), (0.20, 0.50, 0.90), (0.20, 0.70, 0.45), AMBER, (0.85, 0.25, 0.20))):
        sheet.line(x + 76 + 11.5 * n, floor + 38, x + 76 + 11.5 * n, floor + 66, colour, 2.2)
    for base, start, label in (
        (top + 4, x + 18, "Secondary mirror, 0.6 m"),
        (mirror, x + 76, "Primary mirror, 2.4 m"),
        (floor + 52, x + 136, "Spectrograph, kept at 12.5 °C"),
    ):
        sheet.line(start + 6, base, x + 168, base, GREY, 0.6, "[2 2]")
        sheet.text(x + 174, base + 3.4, label, 10, SANS, INK)
    sheet.text(x - 12, floor + 40, "Fibre, 38 m", 10, SANS, INK, "right")
    sheet.text(LEFT + 10, floor - 7, "Observing floor", 8.5, ITALIC, GREY)
    sheet.text(LEFT + 10, y + 320, "Cellar", 8.5, ITALIC, GREY)


def _outlook(sheet: Sheet) -> None:
    y = 82.0
    for line in _coating()[COATING_LINES:]:
        sheet.text(LEFT, y, line, BODY_SIZE, SERIF)
        y += LEADING
    y = _heading(sheet, y + 40, "Energy")
    y = sheet.paragraph(
        LEFT,
        y,
        BODY,
        "The mountain is supplied by a wind turbine, by solar panels on the workshop roof and, when both fail, by a "
        "diesel generator. The energy store that was bought in 2018 holds 840 kilowatt hours, enough for a winter "
        "night with both domes at work. Diesel burnt fell from 71,000 to 46,000 litres. The aim for 2020 is fewer "
        "than 20,000 litres.³",
    )
    y = _heading(sheet, y + 46, "Outlook for 2019")
    y = _paragraphs(
        sheet,
        y,
        "The observatory expects revenue of about 44 million crowns and an operating cost of 35.5 million. Three "
        "posts are to be filled: an optician, a second software engineer and a cook. The number of guest nights is "
        "meant to stay as it is, so that the own programmes get the nights that the new shift plan has gained.",
        "The largest project is the fibre link to the mainland, which the board decided on in November. It is to be "
        "in service before the winter. The second is a new roof for the visitor centre; its exhibition will be "
        "closed from January to the middle of April.",
        "A third dome has been asked for by several guest institutes. The board will not decide on it before the "
        "loan for the second has begun to be paid back.",
    )
    sheet.box(LEFT, y + 18, RIGHT, y + 84, PALE)
    sheet.box(LEFT, y + 18, LEFT + 3, y + 84, AMBER)
    sheet.paragraph(
        LEFT + 18,
        y + 47,
        BODY - 40,
        "Thanks are due to the harbour crew, who brought the mirror of the South Dome ashore in a swell of two "
        "metres and did not lose a crate, and to everyone who kept the road open.",
        11,
        ITALIC,
        NAVY,
    )
    sheet.line(LEFT, 765, LEFT + 120, 765, GREY)
    sheet.text(LEFT, 778, "³ Heating of the guest house is not included.", 8, SANS, GREY)
