"""Where sentences end."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from octavo.ingest.sentences import sentence_ends, split_sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ("It rose.", "It fell."),
        ("Did it rise?", "It did!", "(It fell later.)"),
        ("He said “It rose.”", "They left."),
        ("We met Dr. Ames and Mr. J. B. Roe of Acme Inc. in May.", "They left."),
        ("See fig. 3 and Sec. 4, e.g. the U.S. part.", "It is on p. 9."),
        ("2. Costs fell by 1.5 per cent.", "3. Sales rose."),
        ("Der Vertrag endet am 31. Januar 2024.", "Das gilt auch f. Dritte."),
        ("Das kostet ca. 20 Mio. Euro, z. B. für Strom.", "Vgl. Abb. 3 auf S. 9."),
        ("Voir l'art. 5 et M. Dupont.", "Mme Durand est là."),
        ("La pág. 5 y el Sr. Gómez.", "¿Qué dice?", "Nada."),
        ("L'art. 5 e il Sig. Rossi.", "È vero."),
        ("Zie blz. 5 van dhr. Jansen.", "Dat klopt."),
        ("Veja a pág. 5 e o Sr. Silva.", "É verdade."),
        ("売上高は増加した。", "利益は減少した。"),
        ("Выручка выросла.", "Прибыль упала."),
        ("It grew … slowly.", "It fell."),
    ],
)
def test_sentences_in_many_languages(sentences: tuple[str, ...]) -> None:
    joint = "" if sentences[0].endswith("。") else " "
    assert split_sentences(joint.join(sentences)) == list(sentences)


def test_a_lower_case_word_goes_on() -> None:
    assert split_sentences("It rose in May. and fell in June.") == ["It rose in May. and fell in June."]


def test_an_abbreviation_with_a_capital_is_one_only_as_it_is_written() -> None:
    assert split_sentences("Is it open? The answer is no. It is closed.")[-1] == "It is closed."
    assert split_sentences("It is No. 5 of the list.") == ["It is No. 5 of the list."]


@given(st.text(max_size=300))
def test_no_letter_is_lost(text: str) -> None:
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert sum(len("".join(s.split())) for s in split_sentences(text)) == len("".join(text.split()))
