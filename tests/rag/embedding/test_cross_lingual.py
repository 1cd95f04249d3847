"""Which embedders know several languages, and the scale of their likeness."""

from __future__ import annotations

import pytest

from octavo import Settings
from octavo.rag.embedding import StaticEmbedder
from octavo.rag.embedding.cross_lingual import likeness_scale
from tests.polyglot import Polyglot


def test_an_embedder_of_several_languages_has_a_scale() -> None:
    scale = likeness_scale(Polyglot())
    assert scale is not None
    assert scale.gap == pytest.approx(0.95, abs=0.05)
    vector = Polyglot().embed_question("Who keeps the lamp of the lighthouse?")
    of_matter, of_another = Polyglot().embed_texts(["Der Wärter hält die Lampe im Leuchtturm", "Der Käfer"]) @ vector
    near, far = scale.likeness(vector, [of_matter, of_another])
    assert near == pytest.approx(1, abs=0.1)
    assert far == pytest.approx(0, abs=0.1)


def test_one_of_a_single_language_has_none() -> None:
    assert likeness_scale(StaticEmbedder()) is None
    assert Settings().embedding.kind == "static"
