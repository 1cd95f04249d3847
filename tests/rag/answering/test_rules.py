"""Rules for a case: scales of time, rates in percent, what is taken off, what grows, changes between two columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

MOORINGS = """# Marina Halvorn: moorings

| Berth | Length | Fee per year | Power per year |
|---|---|---|---|
| Small berth | 6 m | £240.00 | £30.00 |
| Wide berth | 9 m | £410.00 | £45.00 |

Members aged 67 or over pay 75 % of the fee; the power charge is the same for all. Owners who moor a catamaran pay a
fee 40 % higher than in the table.

## Giving up a berth

If you give up a berth more than eight weeks before the season begins, nothing is due. Between eight and three weeks
before, 30 per cent of the fee is due. Less than three weeks before, the whole fee is due.

## Late departure

A boat that leaves after 12:00 pays £4 per started half hour.
"""
BURSARY = """# Bursaries of the Rennick Trust

The trust pays travel grants of up to £900. If a holder gives up the course within 6 months, the grant is repayable in
full; between 6 and 18 months half of it is repayable; after that nothing.

| Bursary | For whom | Share that the holder pays |
|---|---|---|
| Instrument bursary | music students | 30 % |
| Language bursary | all students | 15 % |

## Staff

Wardens have 24 days of leave. Leave grows by two days for each year of service, up to 32 days.
"""
FERIEN = """# Ferienhof Ahornweiler

Anreise: Samstag, 9. August 2025
Abreise: Samstag, 16. August 2025

## Stornierung

Bis 45 Tage vor Anreise zahlen Sie 10 % des Mietpreises, von 44 bis 15 Tage vor Anreise 60 %, danach 95 %.

## Neuer Backofen

- Preis: 4.800 €
- Zuschuss des Landes: 1.500 €
"""
STAGE = """# Séjour nautique de Lanvérec

- Jusqu'au 31 mars 2025 : tout est remboursé sauf 30 €.
- Du 1er avril au 15 mai 2025 : 60 % du prix est remboursé.
- À partir du 16 mai 2025 : aucun remboursement.
"""
HERDS = """# Sheep on the commons

| Common | 2022 | 2023 | Lambs 2023 |
|---|---|---|---|
| Upper Fell | 310 | 275 | 190 |
| Gull Moor | 120 | 148 | 88 |
| Total | 430 | 423 | 278 |
"""
GIRI = """# Officina Belcastro: biciclette riparate

| Mese | T1 | T2 |
|---|---|---|
| Freni | 42 | 57 |
| Ruote | 31 | 29 |
"""
FUEL = """entry,date,boat,skipper,litres,cost_eur
F-1,2024-05-02,Tern,Ole Brand,40,68.00
F-2,2024-05-09,Tern,Ida Moe,35,60.20
F-3,2024-05-20,Skua,Ole Brand,52,88.40
F-4,2024-06-03,Tern,Ole Brand,41,71.10
"""
BUS = """# Valley bus

| Stop | 1 | 2 | 3 |
|---|---|---|---|
| Arden dep. | 06:40 | 09:15 | 14:05 |
| Brook Mill | 07:02 | – | 14:27 |
| Corley arr. | 07:35 | 10:00 | 15:00 |
"""
PLAN = """# Payments for the choir tour

| Payment | Amount | Due by |
|---|---|---|
| First part | £120 | 3 March 2025 |
| Second part | £180 | 14 April 2025 |
"""

COSTS = """# Kassenbericht des Segelvereins Brandhorst 2024

| Einnahmen | Betrag (€) |
|---|---|
| Beiträge | 9.800,00 |
| Spenden | 640,00 |

| Ausgaben | Betrag (€) |
|---|---|
| Steganlage | 5.120,00 |
| Jugendboote | 2.300,00 |
"""
LOANS = """# Boat shed

| Item | Bought on | Guarantee (years) |
|---|---|---|
| Winch | 14 May 2023 | 3 |
| Heater | 2 March 2024 | 2 |

| Contract | Ends on | Notice needed |
|---|---|---|
| Crane service | 31 August 2025 | 3 months |
| Water supply | 1 December 2025 | 6 weeks |
"""
TRIP = """# Trip to Skarvik

- Price: £310 per person in a double room
- Single cabin supplement: £64
- Deposit: £50
"""
STORKS = """# Storchenpaare im Hafengau

| Jahr | Paare |
|---|---|
| 2020 | 31 |
| 2021 | 34 |
| 2022 | 29 |
| 2023 | 33 |
"""
CLIMBS = """# Kletterhalle Birkstein: Kurse

| Kurs | Mindestalter | Dauer |
|---|---|---|
| Schnupperkurs | 8 Jahre | 2 Stunden |
| Vorstieg | 14 Jahre | 6 Stunden |
| Mehrseillängen | 18 Jahre | 2 Tage |
"""
RACES = """race,event,club,time,place
1,Junior four,Alder RC,4:12.6,1
1,Junior four,Birch BC,4:15.1,2
1,Junior four,Cedar RC,4:20.0,3
2,Senior pair,Alder RC,3:58.2,2
2,Senior pair,Birch BC,3:57.7,1
"""
CHARGES = """# Workshop Lindholt

| Place | Size | Charge per year |
|---|---|---|
| Large bench | 3 m | £84 |
| Small bench | 2 m | £51 |
| Heating | large or small bench | £18 |
| Heating | locker | none |

Members of 66 or over pay half the charge for their bench, but all of the heating.

| Machine | Course fee | Use |
|---|---|---|
| Band saw | £25 | £7 per hour |
| Planer | £15 | £9 per hour |

| Pass | Monthly (£) | Annual (£) |
|---|---|---|
| Adult | 21 | 215 |
| Youth | 12 | 120 |
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {
        "moorings.md": MOORINGS,
        "bursaries.md": BURSARY,
        "ferienhof.md": FERIEN,
        "sejour.md": STAGE,
        "sheep.md": HERDS,
        "officina.md": GIRI,
        "fuel.csv": FUEL,
        "bus.md": BUS,
        "tour.md": PLAN,
        "kassenbericht.md": COSTS,
        "shed.md": LOANS,
        "workshop.md": CHARGES,
        "skarvik.md": TRIP,
        "races.csv": RACES,
        "storks.md": STORKS,
        "klettern.md": CLIMBS,
    }
    with pipeline_over(tmp_path_factory.mktemp("rules"), texts) as it:
        yield it


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("We give up our berth five weeks before the season begins. What do we have to pay?", "30 per cent of the fee"),
        ("A holder gives up the course after 10 months. How much of the grant is repayable?", "£450 = 50 % × 900"),
        (
            "Ich storniere am 10. Juli. Wie viel Prozent des Mietpreises zahle ich?",
            "von 44 bis 15 Tage vor Anreise 60 %",
        ),
        ("J'annule le séjour nautique le 2 mai. Que me rembourse-t-on ?", "Du 1er avril au 15 mai 2025"),
        ("I'm 71 and have a wide berth. What is my fee per year?", "£307.50 = 410.00 × 75 %"),
        ("What fee does the owner of a catamaran pay for a small berth?", "£336.00 = 240.00 + 40 %"),
        ("A cello costs £1,600. How much does the holder pay under the instrument bursary?", "£480 = £1,600 × 30 %"),
        ("How many days of leave does a warden get after three years of service?", "30 days = 24 + 3 × 2"),
        ("Our boat leaves at 13:10 instead of 12:00. What do we pay?", "£12 = 3 × 4"),
        ("Was kostet der neue Backofen abzüglich Zuschuss?", "3.300 € = 4.800 - 1.500"),
        ("By how much did the sheep on Gull Moor rise compared with the year before?", "28 = 148 - 120"),
        ("Di quanto sono aumentati i freni dal primo al secondo trimestre?", "15 = 57 - 42"),
        ("What percentage of all sheep of 2023 were on Gull Moor?", "35.0% = 148 ÷ 423"),
        ("How much did we spend on fuel for the Tern in May?", "128.20 = 68.00 + 60.20"),
        ("How many times did Ole Brand take fuel for a boat?", "3: F-1, F-3, F-4"),
        ("How long does the bus that leaves at 09:15 take from Arden to Corley?", "45 minutes = 10:00 - 09:15"),
        ("How much time is there between the first part and the second part?", "42 days (6 weeks)"),
        ("Wofür hat der Segelverein 2024 am meisten Geld ausgegeben?", "Steganlage: 5.120,00 (highest of 2"),
        ("Until when is the winch under guarantee?", "2026-05-14 (14 May 2026)"),
        ("By when do we have to give notice for the crane service?", "2025-05-31 (31 May 2025)"),
        ("What do I pay per year for a large bench including heating?", "£102 = 84 + 18"),
        ("What do the course for the band saw and its use for four hours cost?", "£53 = 25 + 4 × 7"),
        ("How much is the trip to Skarvik if I want a cabin to myself?", "£374 = 310 + 64"),
        ("How far was Alder ahead of Birch in the junior four?", "2.5 s = 4:15.1 - 4:12.6"),
        ("In welchem Jahr sind die Storchenpaare gesunken?", "2022: 29 (2021: 34)"),
        (
            "Meine Tochter ist 15. Welche Kurse der Kletterhalle darf sie machen?",
            "Schnupperkurs (Mindestalter: 8 Jahre); Vorst",
        ),
        ("I'm 68. What do I pay per year for a large bench including heating?", "£60 = 84 × 50 % + 18"),
        ("How much does an adult save by paying for the year instead of month by month?", "£37 = 12 × 21 - 215"),
    ],
)
def test_a_rule_is_applied_to_the_case(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("question", "unsaid"),
    [
        ("I'm 50 and have a wide berth. What is my fee per year?", "75 %"),
        ("How many days of leave do wardens have?", "="),
        ("What is the fee for a course that begins 20 days before the exam?", "of the fee is due"),
    ],
)
def test_a_rule_is_left_out_where_its_condition_does_not_hold(pipeline: Pipeline, question: str, unsaid: str) -> None:
    assert unsaid not in pipeline.ask(question).text.split("\n\n")[0]
