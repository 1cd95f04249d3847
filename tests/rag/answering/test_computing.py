"""Answers that are counted and computed: rows that a question selects, arithmetic over cells and sentences."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

STOCK = """Item no.,Item,Warehouse,Quantity,Reorder level,Unit price (EUR),Supplier
T-11,Anvil rope 8 mm,Harwick,120,50,2.40,Lindqvist
T-12,Anvil rope 10 mm,Harwick,34,40,3.10,Lindqvist
T-21,Deck pulley,Osmond,6,10,18.50,Brevoort
T-31,Sail needle,Osmond,900,200,0.15,Lindqvist
T-41,Brass cleat,Osmond,15,40,21.00,Brevoort
"""
ROTA = """Date,Keeper,Shift,Hours
2025-05-05,Ada Winther,early,8
2025-05-05,Milo Brandt,night,10
2025-05-06,Milo Brandt,early,8
2025-05-06,Ada Winther,night,10
"""
LETTER = """Tower Street 4

The crane cost $5,600, which was $800 more than planned. The fee rises from 40 to 46 dollars in May.

Lodging: EUR 450.00
Meals: EUR 150.00
Total: EUR 600.00

Lodging is for three nights. A berth costs EUR 12 per night.
"""
TARIF = """<html><body><h1>Hallenbad Birkenau</h1><p>Der Verein besteht seit 1962. Das Bad ist für alle offen.</p>
<table><tr><th>Karte</th><th>Preis im Monat</th></tr>
<tr><td>Kinder</td><td>12,50 €</td></tr><tr><td>Erwachsene</td><td>29,00 €</td></tr>
<tr><td>Familien</td><td>54,00 €</td></tr></table></body></html>"""
BILL = """# Guest house bill

| Service | Nights | Price | Amount |
|---|---|---|---|
| Room | 4 | $80.00 | $320.00 |
| Bicycle | 4 | $10.00 | $40.00 |
| Total | | | $360.00 |
"""
BOATS = """Boat,Year built,Berths,Skipper
Osprey,2012,6,Ida Holm
Petrel,2019,4,Per Lund
Gannet,2021,8,Una Berg
"""
CLUB = """# Ferry club

The club has 36 rowers, nine of them women. In 2024 it had 50 moorings. It rented 40 and kept ten.

The repair money came from the town (£3,000) and the members (£2,000).

The new crane came in May and cost £8,000; the county paid 70 per cent, the town the rest.

The waiting time was 5 days, down from 9.

## Prices of rooms

| Room | Summer | Winter |
|---|---|---|
| Gable room | £55 | £40 |
| Cellar room | £35 | £25 |
"""
WELL = """# Well water

| Parameter | Result | Limit |
|---|---|---|
| Nitrate | 62 | 50 |
| Iron | 145 | 200 |
| Manganese | 71 | 50 |
"""

OYSTERS = """Bed,Baskets,Damaged,Winter,Spring
North,140,6,310,520
South,90,11,240,410
Island,60,2,150,330
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {
        "stock.csv": STOCK,
        "rota.csv": ROTA,
        "letter.txt": LETTER,
        "birkenau.html": TARIF,
        "well.md": WELL,
        "club.md": CLUB,
    }
    texts |= {"bill.md": BILL, "boats.csv": BOATS, "oyster-beds.csv": OYSTERS}
    with pipeline_over(tmp_path_factory.mktemp("computing"), texts) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many items are stored in Osmond?", "3: Deck pulley, Sail needle, Brass cleat."),
        ("Add up the quantity of the items T-11 to T-21.", "160 = 120 + 34 + 6"),
        ("What do the things stored in Osmond cost in total?", "39.65 = 18.50 + 0.15 + 21.00"),
        ("How many pieces of stock have a supplier other than Lindqvist?", "2: T-21 Deck pulley, T-41 Brass cleat."),
        ("How many baskets of the oyster beds were damaged in total?", "19 = 6 + 11 + 2"),
        ("How many oysters came from the south bed in spring?", "South, Spring: 410"),
        ("How many hours long were the two night shifts together?", "20 = 10 + 10"),
        ("What percentage of the rowers are women?", "25.0% = 9 ÷ 36"),
        ("What share of the moorings was rented?", "80.0% = 40 ÷ 50"),
        ("What percentage of the repair money came from the town?", "60.0% = 3,000 ÷ (3,000 + 2,000)"),
        ("How much did the county pay for the new crane?", "£5,600 = 70% × 8,000"),
        ("By how many days did the waiting time fall?", "4 days = 9 - 5"),
        ("What would three nights in the gable room cost in winter?", "£120 = 3 × 40"),
        ("How many items are not stored in Osmond?", "2: Anvil rope 8 mm, Anvil rope 10 mm."),
        ("How many items cost more than 10 euros?", "2: Deck pulley, Brass cleat."),
        ("Which items are below their reorder level?", "Anvil rope 10 mm; Deck pulley; Brass cleat (3 of 5 rows)"),
        ("Which items come from Brevoort?", "Deck pulley; Brass cleat (2 of 5 rows)"),
        ("Which item is the most expensive?", "Brass cleat: 21.00 (highest of 5"),
        ("What is the stock of brass cleats worth?", "€315.00 = 15 × 21.00"),
        ("How much do ten deck pulleys cost?", "€185.00 = 10 × 18.50"),
        ("Who works the night shift on 6 May 2025?", "Ada Winther (1 of 4 rows)"),
        ("How many hours does Milo Brandt work in total?", "18 = 10 + 8"),
        ("Which parameters exceed their limit?", "Nitrate; Manganese (2 of 3 rows)"),
        ("By how much does nitrate exceed its limit?", "12 = 62 - 50"),
        ("How many times higher than the manganese limit is the result?", "1.42 = 71 ÷ 50"),
        ("How much was planned for the crane?", "$4,800 = 5,600 - 800"),
        ("By how much does the fee rise?", "$6 = 46 - 40"),
        ("What does the lodging cost per night?", "€150.00 = 450.00 ÷ 3"),
        ("What percentage of the total price is for meals?", "25.0% = 150.00 ÷ 600.00"),
        ("What share of the total of the bill is for the bicycle?", "11.1% = 40.00 ÷ 360.00"),
        ("How much do room and bicycle come to together?", "$360.00 = 320.00 + 40.00"),
        ("What was the total reorder level of the items in Osmond?", "250 = 10 + 200 + 40"),
        ("Which boats were built after 2015?", "Petrel; Gannet (2 of 3 rows)"),
        ("How many berths do the boats have in total?", "18 = 6 + 4 + 8"),
        ("Wie viel mehr kostet die Karte für Erwachsene als für Kinder?", "16,50 € = 29,00 - 12,50"),
        ("Welche Karte ist am billigsten?", "Kinder: 12,50 € (lowest of 3"),
        ("Was kostet die Karte für Familien im ganzen Jahr?", "648,00 € = 12 × 54,00"),
    ],
)
def test_a_computed_answer_shows_its_formula(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text.split("\n\n")[0]
    assert all(citation.boxes for citation in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "How many items are stored in Groningen?",
        "Who works the night shift on 19 May 2025?",
        "How many shifts does Petra Novak have?",
        "By how much does lead exceed its limit?",
    ],
)
def test_rows_without_the_term_are_not_counted(pipeline: Pipeline, question: str) -> None:
    assert pipeline.ask(question).abstained
