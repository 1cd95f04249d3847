"""Questions of every day to small files: first and last, yes and no columns, recipes, prices, release notes, charts."""

from __future__ import annotations

from collections.abc import Iterator

import pymupdf
import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

ROWERS = """Name,Boat,Since,Fee,Paid,Locker
Ada Brook,Heron,2014,90,yes,A1
Ben Cole,Kestrel,2009,90,no,
Cleo Dunn,Plover,2021,60,yes,A3
Dov Eames,Curlew,2017,90,no,A4
"""
TRAM = """stop,first tram,last tram
Quarry,05:50,23:10
Old Bridge,06:02,23:22
Botanic Garden,06:31,23:51
"""
ROSTER = """# Rota of the night shelter, week 40

Monday 30 September to Wednesday 2 October 2024

| Name | Mon 30 | Tue 1 | Wed 2 |
|---|---|---|---|
| Ewa Falk | N | N | AL |
| Finn Gale | E | – | N |
| Gus Hurst | – | E | E |

Key: E early shift · N night shift · AL annual leave · – off duty
"""
FERRY = """<html><body><h1>Ferry</h1><table><tr><th>Pier</th><th></th><th></th><th>Sun</th></tr>
<tr><td>Town pier</td><td>08:10</td><td>10:40</td><td>13:05</td></tr>
<tr><td>Gull Island</td><td>08:25</td><td>–</td><td>13:20</td></tr>
<tr><td>Far Point</td><td>08:50</td><td>11:15</td><td>13:45</td></tr></table>
<p>– = does not call.</p><h2>Tickets in euros</h2>
<table><tr><td>Ticket</td><td>Age 4–9</td><td>Age 10–15</td></tr>
<tr><td>Single trip</td><td>2.10</td><td>3.30</td></tr>
<tr><td>Day pass</td><td>5.20</td><td>7.40</td></tr>
<tr><td>Week pass</td><td>14.00</td><td>19.00</td></tr></table></body></html>"""
WELLS = """# Wells of Oster

| Well | 2022 | 2023 | 6 May | 9 July |
|---|---|---|---|---|
| Abbey | 310 | 340 | 12 | 31 |
| Brook | 280 | 255 | 22 | 44 |
| Church | 190 | 200 | 8 | 19 |

The nitrate limit of the county for July is 30 mg.
"""
BAKING = """<html><body><h1>Baking</h1><h2>Plum cake</h2><p>Serves 6.</p>
<ul><li>300 g flour</li><li>900 g plums</li></ul><ol><li>Mix the dough.</li><li>Add the plums and bake.</li></ol>
<h2>Rye bread</h2><p>Serves 4.</p><ul><li>500 g rye flour</li><li>10 g salt</li></ul></body></html>"""
PAYSLIPS = """Name,Hours,Net wage
Ida Moss,140,1810.50
Rolf Penn,152,1990.00
Uma Quill,96,1204.75
"""
LEAFLET = """# Safety leaflet for Brightex

Nora Blake, Holm and Partners

## Section 1: Names of the product

- Product: Brightex floor polish
- Supplier: Holm and Partners

## Section 2: History

Against the last edition, sections 3 and 5 were changed.
"""
NOTES = """INKWELL CHANGES

Version 3.2 (4 May 2024)
- New: spell checking
- Fixed: printing of tables

Version 3.1 (9 January 2024)
- New: dark mode
- Removed: the old importer
"""
PLANT = """# Waterworks of Tarn

The works have two pump halls: North with 6 pumps and South with 5 pumps. The river plant closes in 2031.

The council met on 3 May from 18:30 to 20:15 in the pump hall.
"""
WINCHES = """# Boat winches compared

| | Anker 20 | Belmar S | Corvo X |
|---|---|---|---|
| Price (EUR) | 310 | 275 | 402 |
| Weight (kg) | 5.2 | 3.9 | 7.6 |
"""
SOLAR = """# Solar roof of the school, production in kWh

| Month | 2022 | 2023 |
|---|---|---|
| June | 1,395 | 1,288 |
| July | 1,420 | 1,511 |
"""
WAGES = """Name,Post,Hours,Tips,Wage
"Orr, Amy",Kitchen,120,0.00,1800.00
"Lind, Bo",Bar,90,45.50,1350.00
"Moss, Cy",Bar,100,0.00,1500.00
"Park, Di",Door,60,12.00,900.00
"""
TOURS = """Date,Driver,Tour,Hours,Note
2024-05-02,Ray Holt,TR-118,4,gravel
2024-05-03,Una West,TR-121,6,sand
2024-05-06,Ray Holt,TR-118,5,gravel
2024-05-07,Ida Penn,TR-118,2,return
"""
WINES = """article;colour;bottles;price_eur;delivery_days;country
Alba;red;120;14.50;6;IT
Breva;white;60;9.80;4;PT
Cadiz;white;80;7.40;5;ES
Douro;red;90;21.00;9;PT
Enna;red;30;11.30;6;IT
"""
RHUBARB = """# Rhubarb pie

## Ingredients

| Ingredient | Amount | For |
|---|---|---|
| Flour | 220 g | base |
| Sugar | 40 g | base |
| Rhubarb | 800 g | filling |
| Sugar | 150 g | filling |
"""
WEIGHTS = {
    "waagen.md": "# Waagen im Vergleich\n\n| Waage | Preis | Gewicht (kg) |\n|---|---|---|\n",
    "velos.md": "# Vélos en comparaison\n\n| Vélo | Prix | Poids (kg) |\n|---|---|---|\n",
    "hornos.md": "# Hornos comparados\n\n| Horno | Precio | Peso (kg) |\n|---|---|---|\n",
    "sedie.md": "# Sedie a confronto\n\n| Sedia | Prezzo | Peso (kg) |\n|---|---|---|\n",
    "tenten.md": "# Tenten vergeleken\n\n| Tent | Prijs | Gewicht (kg) |\n|---|---|---|\n",
    "malas.md": "# Malas comparadas\n\n| Mala | Preço | Peso (kg) |\n|---|---|---|\n",
}


def chart(path: str) -> None:
    document = pymupdf.open()
    page = document.new_page(width=420, height=320)
    page.insert_text((60, 30), "Visitors of the tower", fontsize=14)
    for n, (month, value) in enumerate((("Apr", 120), ("May", 310), ("Jun", 240), ("Jul", 280))):
        x, top = 70 + 80 * n, 260 - value / 2
        page.draw_rect((x, top, x + 40, 260), fill=(0.2, 0.4, 0.7))
        page.insert_text((x + 8, top - 6), str(value), fontsize=11)
        page.insert_text((x + 8, 280), month, fontsize=11)
    document.save(path)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("everyday")
    texts = {
        "payslips_2023-11.csv": PAYSLIPS,
        "brightex.md": LEAFLET,
        "rowers.csv": ROWERS,
        "tram.csv": TRAM,
        "baking.html": BAKING,
        "notes.txt": NOTES,
        "waterworks.md": PLANT,
    }
    texts |= {"rota.md": ROSTER, "ferry.html": FERRY, "wells.md": WELLS}
    texts |= {
        "winches.md": WINCHES,
        "solar.md": SOLAR,
        "wages.csv": WAGES,
        "tours.csv": TOURS,
        "rhubarb.md": RHUBARB,
        "wines.csv": WINES,
    }
    names = ("Adler", "Bussard"), ("Mistral", "Sirocco"), ("Tauro", "Lince"), ("Gaia", "Luna"), ("Otter", "Reiger")
    for (name, head), (a, b) in zip(WEIGHTS.items(), (*names, ("Douro", "Minho")), strict=True):
        texts[name] = f"{head}| {a} | 120 | 14,2 |\n| {b} | 95 | 11,8 |\n"
    chart(str(folder / "tower.pdf"))
    with pipeline_over(folder, texts, "tower.pdf") as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What was the net wage of Rolf Penn in November 2023?", "Rolf Penn, Net wage: 1990.00"),
        ("Which sections of the Brightex safety leaflet were changed?", "sections 3 and 5 were changed"),
        ("How many pages does Nora Blake's talk on Brightex have?", "brightex.md has 1 pages"),
        ("Which rower joined first?", "Ben Cole"),
        ("How many rowers have not paid?", "2: Ben Cole, Dov Eames."),
        ("Which rowers have paid?", "Ada Brook; Cleo Dunn (2 of 4 rows)"),
        ("What do the fees of all rowers add up to?", "330"),
        ("How many minutes does the tram take from Quarry to the Botanic Garden?", "41 minutes = 06:31 - 05:50"),
        ("How much flour do I need for the plum cake for 12 people?", "600 g = 300 × 12 ÷ 6"),
        ("In which version of Inkwell was dark mode new?", "Version 3.1"),
        ("When was the latest version of Inkwell?", "4 May 2024"),
        ("In what version was the importer removed?", "Version 3.1 (9 January 2024): "),
        ("How many pumps do both pump halls have together?", "11 pumps = 6 + 5"),
        ("How long did the council meet?", "105 minutes"),
        ("Which month had the most visitors of the tower?", "May: 310"),
        ("Who works the night shift on Wednesday 2 October?", "Finn Gale (1 of 3 rows)"),
        ("Which person of the night shelter is on holiday in week 40?", "Ewa Falk"),
        ("What does Gus Hurst do on Tuesday?", "Gus Hurst, Tue 1: E (early shift)"),
        ("On which days does Ewa Falk have the night shift?", "Mon 30, Tue 1"),
        (
            "I take the 10:40 ferry from the town pier. When do I reach Far Point?",
            "Far Point: 11:15 (Town pier: 10:40)",
        ),
        ("Which pier is left out by the 10:40 ferry?", "Gull Island"),
        ("How much is the ferry's week pass for a 12 year old?", "Week pass, Age 10–15: 19.00"),
        ("Which wells of Oster rose from 2022 to 2023?", "Abbey; Church (2 of 3 rows)"),
        ("Which well was lower in 2023 than in the year before?", "Brook"),
        ("Which wells were above the nitrate limit on 9 July?", "Abbey; Brook"),
        ("Which well of Oster grew most between 2022 and 2023?", "Abbey: 30 = 340 - 310 (highest of 2"),
        ("By how much is the Corvo heavier than the Belmar?", "3.7 = 7.6 - 3.9"),
        ("By how much is the Corvo X more expensive than the Anker 20?", "€92 = 402 - 310"),
        ("Um wie viel ist der Adler schwerer als der Bussard?", "2,4 = 14,2 - 11,8"),
        ("De combien le Mistral est-il plus lourd que le Sirocco ?", "2,4 = 14,2 - 11,8"),
        ("¿Cuánto más pesado es el Tauro que el Lince?", "2,4 = 14,2 - 11,8"),
        ("Di quanto è più pesante la Gaia della Luna?", "2,4 = 14,2 - 11,8"),
        ("Hoeveel is de Otter zwaarder dan de Reiger?", "2,4 = 14,2 - 11,8"),
        ("Quanto mais pesada é a Douro do que a Minho?", "2,4 = 14,2 - 11,8"),
        ("By how many kWh did production in July 2023 exceed that of July 2022?", "91 = 1,511 - 1,420"),
        ("How many people got no tips?", "2: Orr, Amy; Moss, Cy."),
        ("How many staff at the bar got no tips?", "1: Moss, Cy."),
        (
            "Which article in the wine list is the most expensive, and how long is its delivery?",
            "Douro: 21.00, delivery_days: 9 (highest of 5",
        ),
        (
            "Which article in the wine list is the cheapest and what is its colour?",
            "Cadiz: 7.40, colour: white (lowest of 5",
        ),
        ("hours driven on tour TR-118", "11 = 4 + 5 + 2"),
        ("how much sugar do I need in total for the rhubarb pie", "190 g = 40 + 150"),
    ],
)
def test_the_answer_comes_first(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text.split("\n\n")[0]


def test_a_list_of_ingredients_is_told_from_its_steps(pipeline: Pipeline) -> None:
    ingredients = pipeline.ask("What do I need for the plum cake?").text
    assert "900 g plums" in ingredients
    assert "Mix the dough" not in ingredients
    steps = pipeline.ask("How do I make the plum cake?").text
    assert "Mix the dough" in steps
    assert "900 g plums" not in steps


@pytest.mark.parametrize(
    "question",
    [
        "When does the nuclear plant close?",
        "How much does sourdough cost?",
        "hours driven on tour TR-119",
        "How many people got no lunch?",
        "how much sugar do I need in total for the cherry pie",
        "What was the net wage of Rolf Penn in May 2023?",
    ],
)
def test_another_thing_of_the_same_kind_is_no_answer(pipeline: Pipeline, question: str) -> None:
    assert pipeline.ask(question).abstained
