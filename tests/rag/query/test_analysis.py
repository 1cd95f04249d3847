"""Terms of a text."""

from __future__ import annotations

import re

from hypothesis import example, given, strategies as st

from octavo.rag.query.analysis import STOP_WORDS, terms


def test_words_that_differ_in_form_meet() -> None:
    assert terms("expenditures EXPENDITURE") == [terms("expenditure")[0]] * 2
    assert terms("naïve") == terms("naive")
    assert terms("company's") == terms("company")


def test_numbers_that_differ_in_form_meet() -> None:
    assert terms("1,577") == terms("1577") == terms("1,577.0") == ["1577"]
    assert terms("1.50") == ["1.5"]
    assert terms("1.2.3") == ["1.2.3"]
    assert terms("$12%") == ["12"]


def test_a_word_cut_at_the_end_of_a_line_is_whole() -> None:
    assert terms("inter-\nnational") == terms("international")


def test_scripts_without_spaces_are_searched_by_pairs_of_characters() -> None:
    assert set(terms("売上高")) <= set(terms("昨年の売上高は増加した"))


def test_stop_words_are_left_out_on_request() -> None:
    assert "the" in terms("the mirror")
    assert terms("what is the mirror", stop_words=False) == terms("mirror")
    assert "mirror" not in STOP_WORDS


@given(st.text(max_size=300))
@example("\ud7a4")  # within the block of Hangul, and no letter
@example("\u0b94a")  # a letter whose parts are none
def test_terms_can_be_quoted_anywhere(text: str) -> None:
    assert all(re.fullmatch(r"[^\W_]+(?:\.[^\W_]+)*", term) for term in terms(text))


@given(st.text(max_size=300))
def test_terms_of_terms_of_plain_numbers_stay(text: str) -> None:
    numbers = [term for term in terms(text) if term.isascii() and term.isdigit()]
    assert terms(" ".join(numbers)) == numbers


@given(st.lists(st.text(st.characters(categories=["L", "Nd", "Po", "Sc"]), max_size=20), max_size=8))
def test_words_do_not_depend_on_their_neighbours(words: list[str]) -> None:
    assert terms(" ".join(words)) == [term for word in words for term in terms(word)]


def test_the_parts_of_a_compound_are_found() -> None:
    assert terms("year-end") == terms("year end")
    assert terms("COVID-19") == ["covid", "19"]
    assert terms("2017-2018") == ["2017", "2018"]
