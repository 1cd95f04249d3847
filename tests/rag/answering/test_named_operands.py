"""Operands by their names: two columns of a row, two rows of a column, counted rows, totals that a question means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

TARGETS = """# Ferry crossings 2022

## Tickets sold in 2022 by clerk

| Clerk | Goal | Sold |
|---|---|---|
| Orla Finnegan | 310 | 355 |
| Tomas Vrba | 280 | 251 |
| Ilse Maartens | 190 | 177 |
| Total | 780 | 783 |
"""
BUDGETS = """# Budgets of the Skerry Institute

| Unit | Lead | Q1 | Q2 | Q3 | Q4 |
|---|---|---|---|---|---|
| Library | Ada Holm | 41200 | 39100 | 40300 | 42800 |
| IT | Ivo Brandt | 52300 | 51100 | 54800 | 58900 |
| HR | Una Keogh | 12100 | 12900 | 13300 | 12800 |
"""
POOL = """# Harbour Baths: passes

| Pass | Monthly fee | Entry card | Guests per month |
|---|---|---|---|
| Early bird | £18 | £5 | 0 |
| Regular | £31 | £5 | 2 |
| Family | £52 | £9 | 4 |

Losing the entry card costs £12. A locker is £7 a month.

## Which courses are there?

Aqua fit (Mon 18:00), Crawl (Tue 19:00), Diving (Thu 20:00) and Baby swim (Sat 9:00). Courses are free for members.
"""
BAU = """# Umbau Speicher Westkai

| Gewerk | Budget (EUR) | Prognose (EUR) |
|---|---|---|
| Mauerwerk | 84.000 | 91.500 |
| Fenster | 62.000 | 58.000 |
| Heizung | 47.000 | 52.000 |
| Summe | 193.000 | 201.500 |
"""
FAIR = """# Lowmoor Craft Fair 2024

Stand fee £28, from 1 June £35. Exhibitors came to 214 (189 a year before).
Ticket revenue came to £3,120, after £2,600 in 2023.
"""
MOWER = """# Tarn 40 mower: manual

## Settings

| Setting | Height | Minutes per charge |
|---|---|---|
| Lawn | 30 mm | 45 |
| Meadow | 60 mm | 35 |
| Edge | 20 mm | 50 |
| Silent | 40 mm | 60 |

The warranty is void unless the mower is registered within 45 days. Service line: Monday to Friday, 9 am to 5 pm.
"""
REGATTA = """race,place,rower,club,time
single,1,Mia Lund,Tidewell,91.40
single,2,Eva Roth,Norsand,92.05
single,4,Ina Falk,Tidewell,95.70
double,2,Sam Oak,Tidewell,84.30
double,3,Jon Pike,Norsand,86.10
quad,3,Kim Dale,Tidewell,79.90
"""
SENSORS = """# HM-75 moisture probe

The HM-75 measures the moisture of grain.

## Prices by quantity

| Quantity | Unit price |
|---|---|
| 1 to 4 | €88.00 |
| 5 to 24 | €79.50 |
| 25 and more | €71.00 |
"""
CABINS = """# Fjordside cabins: price per night in pounds

| Cabin | Beds | Low season (Nov–Mar) | Mid season (Apr–May, Sep–Oct) | High season (Jun–Aug) |
|---|---|---|---|---|
| Birch 2 | 2 | 61 | 74 | 98 |
| Birch 4 | 4 | 83 | 97 | 129 |
| Heron 6 | 6 | 104 | 126 | 171 |
"""
BOOTE = """# Liegegebühren der Gemeinde Moorsee

| Boot | Gebühr je Jahr |
|---|---|
| erstes Boot | 64,00 € |
| zweites Boot | 92,00 € |
| jedes weitere Boot | 120,00 € |
| jedes Motorboot | 310,00 € |
"""
WALKS = """# Alpaca walks

| Walk | Length | Price |
|---|---|---|
| Meadow walk, short | 40 minutes | £16.00 |
| Meadow walk, long | 90 minutes | £27.00 |

Sundays cost £3.50 extra per walk. A picnic is sold at the gate.
"""
JUTLAND = """# Your cycling holiday in Jutland

You have paid a deposit of GBP 260.

| Item | Amount |
|---|---|
| Ferry | GBP 310 |
| Hotels | GBP 840 |
| Total | GBP 1,150 |
"""
STOCK = """# Stores of the ferry yard

| Item no. | Item | In stock | Reorder at |
|---|---|---|---|
| Y-11 | Shackle | 14 | 20 |
| Y-12 | Rope, 12 mm | 90 | 40 |
| Y-13 | Flare | 3 | 6 |
"""
VANS = """# Van pool

| Van | Weight | Seats |
|---|---|---|
| Tern | 900 kg | 3 |
| Gull | 1,400 kg | 5 |
| Rook | 1,150 kg | 2 |
"""
CANTEEN = """# Canteen prices

| Meal | Adult | Child |
|---|---|---|
| Set lunch | £11 | £6 |
| Take-away plate | £13 | £9 |
| Soup | £5 | £4 |
"""
GASTHOF = """# Gasthof Ulmental: Preise pro Nacht

| Zimmer | Winter (Nov–März) | Frühling (Apr–Mai) | Sommer (Juni–Sept) |
|---|---|---|---|
| Einzelzimmer | 55 € | 68 € | 81 € |
| Doppelzimmer | 90 € | 108 € | 127 € |

Frühstück kostet 12 € pro Person.
"""
GASTOS = """# Viajes de 2022

| Empleado | Destino | Tren (€) | Hotel (€) | Total (€) |
|---|---|---|---|---|
| Lola Prieto | Puertomar | 80 | 120 | 200 |
| Lola Prieto | Brumal | 240 | 310 | 550 |
| Tomás Vega | Cantil | 90 | 0 | 90 |
"""
TOOLS = """# Tools of the repair shed

| Shelves | Tool | Bought | Price paid (£) | Replacement value (£) |
|---|---|---|---|---|
| Left wall | Band saw | 2016-05-01 | 340 | 520 |
| Left wall | Router | 2019-02-11 | 120 | 150 |
| Back wall | Lathe | 2012-09-30 | 890 | 1400 |
| Back wall | Bench drill | 2021-03-17 | 210 | 260 |
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {
        "ferry.md": TARGETS,
        "budgets.md": BUDGETS,
        "baths.md": POOL,
        "westkai.md": BAU,
        "fair.md": FAIR,
        "mower.md": MOWER,
        "regatta.csv": REGATTA,
        "shed.md": TOOLS,
        "hm75.md": SENSORS,
        "cabins.md": CABINS,
        "boote.md": BOOTE,
        "alpacas.md": WALKS,
        "jutland.md": JUTLAND,
        "stores.md": STOCK,
        "viajes.md": GASTOS,
        "vans.md": VANS,
        "canteen.md": CANTEEN,
        "ulmental.md": GASTHOF,
    }
    with pipeline_over(tmp_path_factory.mktemp("named"), texts) as it:
        yield it


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("By how much did Orla Finnegan beat her goal in 2022?", "45 = 355 - 310"),
        ("How much higher is the IT budget in Q4 than in Q1?", "6,600 = 58,900 - 52,300"),
        ("How much cheaper is the Early bird pass than Regular per month?", "£13 = 31 - 18"),
        ("Um wie viel liegt die Prognose am Westkai insgesamt über dem Budget?", "8.500 = 201.500 - 193.000"),
        ("By what percentage does the stand fee rise from 1 June?", "25.0% = (35 - 28) ÷ 28"),
        ("By how much did the number of exhibitors rise?", "25 = 214 - 189"),
        ("By what percentage did ticket revenue grow from 2023 to 2024?", "20.0% = (3,120 - 2,600) ÷ 2,600"),
        ("How many clerks missed their goal in 2022?", "2: Tomas Vrba, Ilse Maartens"),
        ("How many settings does the Tarn 40 mower have?", "4: Lawn, Meadow, Edge, Silent"),
        ("How many podium places did Tidewell get?", "3: Mia Lund, Sam Oak, Kim Dale"),
        ("What is the most expensive tool in the shed by replacement value?", "Lathe: 1400"),
        ("I want 12 HM-75 probes. What price per piece do I pay?", "€79.50"),
        ("What do 30 HM-75 probes cost?", "€2,130.00 = 30 × 71.00"),
        ("How far below her goal was Ilse Maartens?", "13 = 190 - 177"),
        ("How much more is the stand fee from 1 June?", "£7 = 35 - 28"),
        ("Which clerks sold more tickets than their goal?", "Orla Finnegan (1 of 3 rows)"),
        ("What is the total replacement value of the tools?", "2,330 = 520 + 150 + 1,400 + 260"),
        ("How many shelves are there?", "2: Left wall, Back wall"),
        ("Who was the fastest in the single race?", "Mia Lund: 91.40"),
        ("Who was the slowest in the single race?", "Ina Falk: 95.70"),
        ("Which van is the lightest?", "Tern: 900 kg"),
        ("What percentage of the total sold came from Orla Finnegan?", "45.3% = 355 ÷ 783"),
        ("How much dearer is the Take-away plate than the Set lunch for a child?", "£3 = 9 - 6"),
        ("Was kostet ein Einzelzimmer für drei Nächte im Mai?", "204 = 3 × 68"),
        ("What would the Birch 4 cost for seven nights in May?", "679 = 7 × 97"),
        ("price per night Heron 6 in July", "171"),
        ("Ich habe vier Boote. Wie viel Gebühr zahle ich im Jahr insgesamt?", "64,00 + 92,00 + 2 × 120,00"),
        ("What do I pay for a long meadow walk on a Sunday?", "£30.50 = 27.00 + 3.50"),
        ("What percentage of the cycling holiday price is the deposit?", "22.6% = 260 ÷ 1,150"),
        ("Which items have fallen below their reorder level?", "Shackle; Flare (2 of 3 rows)"),
        ("How many different courses do the baths offer?", "4: Aqua fit, Crawl, Diving, Baby swim"),
        ("¿Qué viaje de 2022 fue el más caro?", "Lola Prieto, Brumal: 550"),
        ("How long do I have to register the mower for the warranty?", "within 45 days"),
    ],
)
def test_numbers_are_taken_under_the_names_that_a_question_says(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text


def test_things_that_meet_a_condition_which_no_cell_says_are_not_counted(pipeline: Pipeline) -> None:
    assert "4:" not in pipeline.ask("How many settings does the Tarn 40 mower skip at night?").text


@pytest.mark.parametrize(
    "question",
    [
        "What does the Heron 8 cost per night in August?",
        "How much higher are the legal costs in Q4 than in Q1?",
        "How many more swimmers came in 2024 than in 2023?",
        "Was kostet ein Doppelzimmer für zwei Nächte im Juli mit Frühstück?",
    ],
)
def test_other_names_have_no_number(pipeline: Pipeline, question: str) -> None:
    answer = pipeline.ask(question)
    assert answer.abstained, answer.text
