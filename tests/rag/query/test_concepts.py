"""Words across languages: the list itself, and words by parts of compounds."""

from octavo.rag.query.analysis import terms
from octavo.rag.query.concepts import LANGUAGES, alternatives, parts, translate


def test_each_language_reaches_each_other() -> None:
    months = {"en": "june", "de": "Juni", "fr": "juin", "es": "junio", "it": "giugno", "nl": "juni", "pt": "junho"}
    for source in LANGUAGES:
        for target in LANGUAGES:
            if source != target:
                assert terms(months[target])[0] in translate(terms(months[source]), source, target)


def test_a_compound_is_its_parts_but_a_known_word_is_itself() -> None:
    assert {"rent", "deposit"} <= translate(terms("Mietkaution"), "de", "en")
    assert parts("mietvertrag", "de") == ()
    assert parts("instalment", "en") == ()
    assert translate(["zzz"], "de", "en") == frozenset()


def test_a_form_of_a_verb_is_its_concept_and_a_word_that_says_nothing_is_none() -> None:
    renting = {
        "de": ("vermietete", "verliehen"),
        "fr": ("louées", "location"),
        "es": ("alquilados", "arrendado"),
        "it": ("noleggiate", "affitto"),
        "nl": ("verhuurde", "gehuurd"),
        "pt": ("alugadas", "arrendado"),
    }
    for code, (form, other) in renting.items():
        assert set(terms(other)) <= alternatives(terms(form)[0], code), code
        assert "rent" in translate(terms(form), code, "en"), code
    assert "clean" in translate(terms("poetst"), "nl", "en") & translate(terms("reinigte"), "de", "en")
    for code, words in {"it": "e di una", "nl": "te bij over", "de": "alle hin", "fr": "car tous deux"}.items():
        assert translate(terms(words), code, "en") == frozenset(), code
