"""Words across languages: the list itself, and words by parts of compounds."""

from octavo.rag.query.analysis import terms
from octavo.rag.query.concepts import LANGUAGES, parts, translate


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
