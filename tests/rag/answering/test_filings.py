"""Figures of filings: the period that is asked for, metrics that are stated, and the columns of a quarter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

QUARTER = """<html><body><h1>Alder Boats Inc.</h1>
<p>QUARTERLY REPORT. For the quarterly period ended December 31, 2022</p>
<h2>CONDENSED CONSOLIDATED STATEMENTS OF OPERATIONS</h2>
<p>(In millions)</p>
<table>
<tr><th></th><th colspan="2">Three Months Ended</th><th colspan="2">Nine Months Ended</th></tr>
<tr><th></th><th>December 31, 2022</th><th>December 31, 2021</th>
<th>December 31, 2022</th><th>December 31, 2021</th></tr>
<tr><td>Total net sales</td><td>400</td><td>380</td><td>1,250</td><td>1,100</td></tr>
<tr><td>Cost of sales</td><td>240</td><td>238</td><td>800</td><td>700</td></tr>
<tr><td>Gross margin</td><td>160</td><td>142</td><td>450</td><td>400</td></tr>
<tr><td>Research and development</td><td>21</td><td>19</td><td>61</td><td>55</td></tr>
<tr><td>Income before income taxes</td><td>100</td><td>90</td><td>300</td><td>260</td></tr>
<tr><td>Provision for income taxes</td><td>25</td><td>20</td><td>70</td><td>60</td></tr>
</table>
<h2>Products</h2>
<p>Net sales by product (dollars in millions)</p>
<table>
<tr><th></th><th>Three Months Ended December 31, 2022</th><th>Three Months Ended December 31, 2021</th></tr>
<tr><td>Canoes</td><td>110</td><td>90</td></tr>
<tr><td>Rowing boats</td><td>290</td><td>290</td></tr>
<tr><td>Total net sales</td><td>400</td><td>380</td></tr>
</table>
<h2>Reconciliation</h2>
<p>Of net income to adjusted EBITDA (dollars in millions)</p>
<table>
<tr><th></th><th>Three Months Ended December 31, 2022</th><th>Three Months Ended December 31, 2021</th></tr>
<tr><td>EBITDA</td><td>120</td><td>108</td></tr>
<tr><td>Restructuring</td><td>11</td><td>2</td></tr>
<tr><td>Adjusted EBITDA</td><td>131</td><td>110</td></tr>
</table>
<h2>Income taxes</h2>
<p>Our effective tax rate was 24% and 22% for the three months ended December 31, 2022 and 2021, respectively.
The rate rose because of a charge of 3% on boats that were sold abroad.</p>
</body></html>"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with pipeline_over(tmp_path_factory.mktemp("filings"), {"2023 Q1 ALDER.html": QUARTER}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What was the effective tax rate of Alder Boats in Q1 2023?", "“Our effective tax rate was 24% and 22%"),
        (
            "What was Alder's gross margin in the latest 10-Q?",
            "Three Months Ended, December 31, 2022: 160",
        ),
        ("What was the gross margin of Alder Boats in the first quarter of 2023?", "40.0% = 160 ÷ 400."),
        ("What were total net sales in the first nine months of 2022?", "1,250"),
        ("How much did Alder spend on research and development in Q1 2023?", "21"),
        ("How did Alder's R&D compare to its net sales in Q1 2023?", "5.2% = 21 ÷ 400."),
        (
            "What was Alder's net sales of Canoes in the latest quarter?",
            "Canoes, Three Months Ended December 31, 2022: $110 million",
        ),
        ("What share of Alder's net sales came from Canoes in Q1 2023?", "27.5% = 110 ÷ 400."),
        ("What was Alder's gross margin in the most recent filing?", "Three Months Ended, December 31, 2022: 160"),
        ("Did the gross margin of Alder Boats improve?", "Gross margin, 2021: 37.4% = 142 ÷ 380."),
        ("What was Alder's adjusted EBITDA in Q1 2023?", "Adjusted EBITDA, Three Months Ended December 31, 2022: $131"),
        ("What was the operating cash flow margin of Alder in Q1 2019?", "Nothing found"),
    ],
)
def test_figures(pipeline: Pipeline, question: str, said: str) -> None:
    text = pipeline.ask(question).text
    assert said in text
