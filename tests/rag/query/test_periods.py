"""Periods that texts name, in seven languages."""

from __future__ import annotations

import pytest

from octavo.rag.query.periods import Period, asks_for_latest, periods


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Was there a drop between FY 2023 and Q2 of FY2024?", [(2023, 0), (2024, 2)]),
        ("Q2 sales compared with those of 2019", [(0, 2), (2019, 0)]),
        ("In the 1st quarter?", [(0, 1)]),
        ("BESTWARES_2024Q2_10Q.pdf", [(2024, 2)]),
        ("ACME_2023_8K_dated-2022-08-30.pdf", [(2023, 0), (2022, 0)]),
        ("2303.05039v2.pdf", []),
        ("im zweiten Quartal des Jahres 2020", [(2020, 2)]),
        ("le premier trimestre 2019, et T2 2020", [(2019, 1), (2020, 2)]),
        ("en el tercer trimestre de 2021", [(2021, 3)]),
        ("nel secondo trimestre 2020", [(2020, 2)]),
        ("het vierde kwartaal van 2021", [(2021, 4)]),
        ("no segundo trimestre de 2022", [(2022, 2)]),
        ("20220815", []),
    ],
)
def test_years_and_quarters(text: str, expected: list[tuple[int, int]]) -> None:
    assert periods(text) == tuple(Period(*pair) for pair in expected)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does the newest edition say?", True),
        ("In its most recent quarterly filing?", True),
        ("Was sagt der neueste Bericht?", True),
        ("Que dit le rapport le plus récent ?", True),
        ("¿Qué dice el informe más reciente?", True),
        ("Cosa dice il bilancio più recente?", True),
        ("Wat zegt het meest recente verslag?", True),
        ("O que diz o relatório mais recente?", True),
        ("Who is the latest member of the board?", False),
        ("How does the latest quarter compare with prior quarters?", False),
    ],
)
def test_questions_for_the_latest(question: str, expected: bool) -> None:
    assert asks_for_latest(question) is expected
