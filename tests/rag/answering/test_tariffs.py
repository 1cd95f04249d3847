"""Tariffs, remainders, groups and spans: what documents do not state, but hold, for the amounts of a question."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

RINK = """# Ice rink Tannfeld

One visit costs €5.20 for adults and €3.10 for children. A strip of ten visits costs €42.

Skates are lent at €4 for the first hour and €1.50 for every further hour. A locker costs €2 per day.

Delivery of sharpened skates up to 5 km is free; each further kilometre costs €0.80.

## Late return of skates

| Delay | Charge |
|---|---|
| up to 15 minutes | €0 |
| 16 to 60 minutes | €6 |
| over 60 minutes | €18 |
"""
KENNEL = """# Kennel Sandhof

| Weight of the dog | One day | One week |
|---|---|---|
| under 8 kg | 14 | 85 |
| 8–20 kg | 18 | 110 |
| over 20 kg | 23 | 140 |

A dog is walked twice a day. Parcels of food: up to 2 kg €6, over 2 kg €9.
"""
MILL = """# Report of the mill society

Repairing the wheel cost €5,400, of which the county paid €3,100; the rest came from the members.

Sixty sacks were ground, 22 of them for the bakery. 410 guests came, against 360 the year before.
"""
LEAGUE = """Player,Team,Since,Goals,Fee (EUR),Paid
Ada Falk,Red,2015,4,50,yes
Bo Grant,Blue,2022,9,50,no
Cy Holm,Red,2019,2,40,yes
Di Ives,Green,2021,3,40,no
Ed Juhl,Red,2018,1,50,yes
"""
INNS = {
    "inn-of-the-moor.md": "# Inn of the Moor\n\nA single room costs €64 a night. The inn has 18 beds.\n",
    "inn-of-the-quay.md": "# Inn of the Quay\n\nA single room costs €71 a night. The inn has 25 beds.\n",
}
SLEDS = """# Hire of sledges

| Sledge | Price per hour (EUR) | Price per day (EUR) |
|---|---|---|
| Wooden sledge | 2.50 | 11.00 |
| Steel sledge | 3.20 | 14.00 |
"""
BULBS = """Code,Bulb,Pot size,Price (EUR),In stock
B11,Tulip Marrow,9 cm,2.40,30
B12,Crocus Elm,7 cm,1.10,55
B13,Tulip Quarry,9 cm,2.90,12
"""
KIOSK = """Day,Ices,Waffles
Monday,40,22
Tuesday,35,18
Wednesday,52,25
Thursday,48,21
Friday,61,30
Saturday,120,66
Sunday,134,71
"""
TALKS = """Talk,Start,End,Room
Moths,09:10,10:05,Attic
Lichens,10:30,12:20,Hall
Newts,13:00,13:40,Attic
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"rink.md": RINK, "kennel.md": KENNEL, "mill.md": MILL}
    texts |= {
        "league.csv": LEAGUE,
        "kiosk.csv": KIOSK,
        "talks.csv": TALKS,
        "bulbs.csv": BULBS,
        "sledges.md": SLEDS,
    } | INNS
    with pipeline_over(tmp_path_factory.mktemp("tariffs"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What does one visit cost with the strip of ten?", "€4.20 = 42 ÷ 10"),
        ("What do two adults and 3 children pay for a visit to the rink?", "€19.70 = 2 × 5.20 + 3 × 3.10"),
        ("What do skates cost for four hours?", "€8.50 = 4 + 3 × 1.50"),
        ("What does the delivery of skates cost for 12 km?", "€5.60 = 7 × 0.80"),
        ("I bring the skates back 40 minutes late. What do I pay?", "16 to 60 minutes, Charge: €6"),
        ("I return the skates two hours late. What is the charge?", "over 60 minutes, Charge: €18"),
        ("My dog weighs 11 kg. What does one week at the kennel cost?", "8–20 kg, One week: 110"),
        ("What do 12 pots of Tulip Quarry cost?", "€34.80 = 12 × 2.90"),
        ("How much more does a single room cost at the Quay than at the Moor?", "€7 = 71 - 64"),
        ("What does a steel sledge cost for three hours?", "€9.60 = 3 × 3.20"),
        ("How much did the members pay for the wheel?", "€2,300 = 5,400 - 3,100"),
        ("How many sacks were not for the bakery?", "38 = 60 - 22"),
        ("By what percentage did the number of guests rise?", "13.9% = (410 - 360) ÷ 360"),
        ("How many ices were sold at the weekend?", "254 = 120 + 134"),
        ("How many waffles were sold from Tuesday to Thursday?", "64 = 18 + 25 + 21"),
        ("Which team has the most players?", "Red: 3 (highest of 3"),
        ("How much in fees is still outstanding?", "€90 = 50 + 40"),
        ("Who has been a player the longest?", "Ada Falk, Since: 2015"),
        ("How long does the talk on lichens last?", "110 minutes (1 h 50 min), 10:30 to 12:20"),
        ("Which talk is the shortest?", "Newts: 40 minutes"),
    ],
)
def test_what_is_held_is_computed(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text.split("\n\n")[0]
    assert all(citation.boxes for citation in answer.citations)


@pytest.mark.parametrize(
    ("question", "not_said"),
    [
        ("What do three days with a locker and a sledge cost?", "×"),
        ("What do 15 visits cost?", "42"),
        ("What is the charge for 40 kilometres?", "€6"),
    ],
)
def test_nothing_is_computed_from_a_price_of_other_things(pipeline: Pipeline, question: str, not_said: str) -> None:
    assert not_said not in pipeline.ask(question).text.split("\n\n")[0]
