"""Questions to papers of a town: timetables, reports of two years, price lists of two seasons, rotas, minutes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

TRAIN = """<html><body><h1>Valley line: Orme – Selby Moor – Tidewater</h1><h2>Towards Tidewater</h2>
<table><tr><td>Train</td><td>801</td><td>803</td><td>805</td></tr>
<tr><td>Orme, Market Place</td><td>06:40</td><td>08:15</td><td>11:05</td></tr>
<tr><td>Selby Moor, School</td><td>–</td><td>08:47</td><td>–</td></tr>
<tr><td>Tidewater, Pier</td><td>07:31</td><td>09:12</td><td>11:58</td></tr></table>
<h2>Towards Orme</h2>
<table><tr><td>Tidewater, Pier</td><td>08:20</td><td>10:10</td><td>12:30</td></tr>
<tr><td>Selby Moor, School</td><td>08:51</td><td>10:36</td><td>12:58</td></tr>
<tr><td>Orme, Market Place</td><td>09:14</td><td>11:01</td><td>13:22</td></tr></table></body></html>"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("town")
    with pipeline_over(folder, {"valley_line.html": TRAIN}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "When does the 08:15 train from Orme arrive in Tidewater?",
            "Tidewater, Pier, 803: 09:12 (Orme, Market Place: 08:15)",
        ),
        ("When does the 10:10 from Tidewater get to Orme?", "Orme, Market Place: 11:01 (Tidewater, Pier: 10:10)"),
        ("When does train 803 stop at Selby Moor School?", "Selby Moor, School, 803: 08:47"),
    ],
)
def test_the_answer_comes_first(pipeline: Pipeline, question: str, said: str) -> None:
    answer = pipeline.ask(question)
    assert not answer.abstained, answer.text
    assert said in answer.text.split("\n\n")[0]
