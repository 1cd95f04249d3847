"""The parameter file of the relevancy score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from octavo.ingest.errors import SettingsError
from octavo.rag import Level, Pipeline, Settings
from octavo.rag.query.question import parse_query
from octavo.rag.relevancy import MatchScorer
from octavo.rag.relevancy.features import FUSED_ONLY
from octavo.rag.relevancy.parameters import load_parameters


def test_every_weight_is_that_of_a_feature_and_counts(pipeline: Pipeline) -> None:
    parameters, document = load_parameters(), pipeline.library.find("report.pdf").id
    for level, place in ((Level.PAGE, "p0"), (Level.ELEMENT, "p0/e0")):
        entries = pipeline.index.entries([f"{document}/{place}"])
        features = MatchScorer(pipeline.index).features(parse_query("What was revenue in 2018?"), entries)
        assert parameters.model(level).weights.keys() <= features.keys() - set(FUSED_ONLY)
        assert min(parameters.model(level).weights.values()) >= 0.01
        assert parameters.fusion.weights.keys() <= features.keys()


def test_chunks_and_documents_are_scored_as_pages_are() -> None:
    parameters = load_parameters()
    assert parameters.model(Level.CHUNK) is parameters.model(Level.DOCUMENT) is parameters.model(Level.PAGE)
    assert parameters.model(Level.ELEMENT) is not parameters.model(Level.PAGE)


def test_the_provenance_says_where_the_parameters_come_from() -> None:
    provenance = load_parameters().provenance
    assert provenance.command.startswith("octavo fit ")
    assert {s.name for s in provenance.sets} == set(provenance.command.split()[2:])
    assert provenance.figures.keys() == {Level.PAGE, Level.ELEMENT}
    assert set(provenance.chosen) == {"cascade", "fusion", "floor", "least weights"}


def test_a_file_of_one_s_own_takes_the_place_of_the_shipped_one(pipeline: Pipeline, tmp_path: Path) -> None:
    data = load_parameters().model_dump(mode="json")
    data["levels"]["page"]["floor"] = 0.9
    own = tmp_path / "own.json"
    own.write_text(json.dumps(data))
    relevancy = {"kind": "match", "parameters": str(own)}
    settings = Settings(library=pipeline.library.folder, relevancy=relevancy)
    with Pipeline(settings) as other:
        assert min(hit.score for hit in other.search("anything", k=3)) >= 0.9
    assert min(hit.score for hit in pipeline.search("anything", k=3)) < 0.9


@pytest.mark.parametrize("text", ["", "{}", '{"levels": {}}'])
def test_an_invalid_parameter_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.json").write_text(text)
    with pytest.raises(SettingsError, match=r"own\.json is no parameter file of the relevancy score"):
        load_parameters(tmp_path / "own.json")
    with pytest.raises(SettingsError, match="missing"):
        load_parameters(tmp_path / "missing.json")
