"""Thoughts of a model are taken out of what it writes, in every form and however the text is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from octavo.rag.clients.thoughts import ThoughtFilter, without_thoughts

THOUGHT = "Let me look. The evidence [1] says 5."
ANSWER = "Revenue grew by 5 percent [1]."
FORMS = [
    f"<think>{THOUGHT}</think>\n\n{ANSWER}",
    f"{THOUGHT}\n</think>\n\n{ANSWER}",
    f"<think>\n\n</think>\n\n{ANSWER}",
    f"Sure. <think>{THOUGHT}</think> {ANSWER}",
    f"<think>a</think><think>b</think>{ANSWER}",
    f"<thinking>{THOUGHT}</thinking>\n{ANSWER}",
    f"<Think>{THOUGHT}</Think>{ANSWER}",
    f"<thought>{THOUGHT}</thought>{ANSWER}",
    f"<reasoning>{THOUGHT}</reasoning>{ANSWER}",
    f"<seed:think>{THOUGHT}</seed:think>{ANSWER}",
    f"[THINK]{THOUGHT}[/THINK]{ANSWER}",
    f"◁think▷{THOUGHT}◁/think▷{ANSWER}",
    f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|><|begin_of_solution|>{ANSWER}<|end_of_solution|>",
    f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{ANSWER}<|END_RESPONSE|>",
    f"<|channel>thought\n{THOUGHT}<channel|>{ANSWER}",
    f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{ANSWER}<|return|>",
    f"<|channel|>final<|message|>{ANSWER}",
    f"analysis{THOUGHT}assistantfinal{ANSWER}",
    f"<|begin_of_box|>{ANSWER}<|end_of_box|>",
    f"{ANSWER}<|im_end|>",
]


@pytest.mark.parametrize("said", FORMS)
def test_a_thought_goes_in_every_form(said: str) -> None:
    assert without_thoughts(said) == ANSWER
    thoughts = ThoughtFilter()
    pieces = []
    for letter in said:
        piece = thoughts.feed(letter)
        pieces = [piece] if thoughts.restarted else [*pieces, piece]
    assert ("".join(pieces) + thoughts.close()).strip() == ANSWER


@pytest.mark.parametrize("said", [form for form in FORMS if not form.startswith("Sure")])
def test_no_part_of_a_thought_is_streamed(said: str) -> None:
    thoughts = ThoughtFilter()
    shown = []
    for letter in said:
        shown.append(thoughts.feed(letter))
        assert not thoughts.restarted
    assert ("".join(shown) + thoughts.close()).strip() == ANSWER


def test_a_thought_that_was_shown_is_replaced_and_the_next_one_held_back() -> None:
    thoughts = ThoughtFilter()
    assert thoughts.feed("Revenue is in evidence 1.") == "Revenue is in evidence 1."
    assert (thoughts.feed(f"</think>{ANSWER}"), thoughts.restarted, thoughts.unopened) == (ANSWER, True, True)
    knowing = ThoughtFilter(thinks=True)
    assert knowing.feed("Revenue is in evidence 1.") == ""
    assert (knowing.feed(f"</think>{ANSWER}"), knowing.restarted) == (ANSWER, False)


def test_a_thought_without_an_end_is_no_answer() -> None:
    assert without_thoughts("<think>Let me") == ""
    held = ThoughtFilter(thinks=True)
    assert held.feed("Perhaps") + held.close(cut=True) == ""
    ended = ThoughtFilter(thinks=True)
    assert ended.feed(ANSWER) + ended.close() == ANSWER


@pytest.mark.parametrize(
    "said",
    [
        ANSWER,
        "First, revenue grew [1]. Then it fell [2].",
        "So, it fell.",
        "It is 5 < 6 and 7 > 3; see <b>x</b>, a[i], <a href='x'>.",
        "The thinking behind it is the assistant's.",
        "Let me be brief: 5 [1].",
    ],
)
def test_text_outside_of_thoughts_is_unchanged(said: str) -> None:
    assert without_thoughts(said) == said


@settings(max_examples=100)
@given(
    text=st.lists(st.sampled_from([*"<>/[]|◁▷ ", "think", "<think>", "</think>", "Okay", "5", "a"]), max_size=20),
    data=st.data(),
)
def test_cutting_changes_nothing_but_what_is_replaced(text: list[str], data: st.DataObject) -> None:
    said = "It is 5 and more than that, so they say in the report [1]. " + "".join(text)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=6)))
    thoughts, shown = ThoughtFilter(), ""
    for a, b in pairwise([0, *cuts, len(said)]):
        piece = thoughts.feed(said[a:b])
        shown = piece if thoughts.restarted else shown + piece
    assert (shown + thoughts.close()).strip() == without_thoughts(said)


def test_long_text_of_marks_takes_time_that_grows_with_it() -> None:
    for mark in ("<", "[", "<think>", "assistant", "◁", "<|", "Okay, "):
        assert isinstance(without_thoughts(mark * 20_000), str)
