"""Sections and slides: the document is the one that the question's other words name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from octavo.rag import Pipeline
from tests.rag.made import pipeline_over

HANDBOOK = """# Foraging club: volunteer handbook

## 1 Walks

Walks start at nine.

## 2 Baskets

Every volunteer carries a basket and a knife.
"""
TRIP = """# Two volunteers, 2 weeks of hiking

## Baskets and bags

Bags are carried by a van. Under the Silver plan a bag weighs up to 15 kg.

| Plan | Bag limit |
|---|---|
| Basic | 10 kg |
| Silver | 15 kg |
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    texts = {"foraging-volunteer-handbook.md": HANDBOOK, "hiking-2-weeks.md": TRIP}
    with pipeline_over(tmp_path_factory.mktemp("sections"), texts) as opened:
        yield opened


def test_the_number_of_a_section_names_no_document(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What does section 2 of the volunteer handbook tell us?")
    assert answer.plan == "sections"
    assert "a basket and a knife" in answer.text


def test_a_plan_that_something_stands_under_is_no_section(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What is the weight limit for one bag on the trip under the Silver plan?")
    assert answer.plan != "sections"
    assert "15 kg" in answer.text
