"""Formulas of answers, drawn by the browser itself."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st
from markupsafe import Markup

from octavo.apps.chat import text
from octavo.apps.chat.exports.spelled_formulas import spell_formulas
from octavo.apps.chat.formulas import DEEPEST, formula


def drawn(latex: str, *, is_block: bool = False) -> str:
    """The MathML of a formula without its frame."""
    found = re.search(r"<semantics><mrow>(.*)</mrow><annotation", formula(latex, is_block=is_block))
    assert found, latex
    return found[1]


def shown(words: str) -> str:
    return str(text.answer(words, lambda number, claim: Markup(f"({number})")))


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{a}{2}", "<mfrac><mi>a</mi><mn>2</mn></mfrac>"),
        (r"x_i^{2n}", "<msubsup><mi>x</mi><mi>i</mi><mrow><mn>2</mn><mi>n</mi></mrow></msubsup>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mrow><mn>3</mn></mrow></mroot>"),
        (r"\alpha\le\Omega", "<mi>α</mi><mo>≤</mo><mi>Ω</mi>"),
        (r"\mathbb{R}\mathbf{v}", "<mi>ℝ</mi><mi>𝐯</mi>"),
        (r"\text{net income} - 5\%", "<mtext>net income</mtext><mo>−</mo><mn>5</mn><mo>%</mo>"),
        (r"\left(x\right.", '<mrow><mo stretchy="true">(</mo><mrow><mi>x</mi></mrow></mrow>'),
        ("f'", "<msup><mi>f</mi><mo>′</mo></msup>"),
        (r"4{,}210", "<mn>4,210</mn>"),
        (r"\hat y", '<mover accent="true"><mi>y</mi><mo>^</mo></mover>'),
    ],
)
def test_latex_is_drawn(latex: str, expected: str) -> None:
    assert drawn(latex) == expected


def test_limits_stand_below_and_above_in_a_block() -> None:
    assert drawn(r"\sum_{i}^n i", is_block=True).startswith("<munderover><mo>∑</mo>")
    assert drawn(r"\sum_{i}^n i").startswith("<msubsup><mo>∑</mo>")


def test_matrices_and_cases_are_tables() -> None:
    matrix = drawn(r"\begin{pmatrix} a & b \\ c & d \\ \end{pmatrix}")
    assert (matrix.count("<mtr>"), matrix.count("<mtd>")) == (2, 4)
    assert drawn(r"\begin{cases} 1 & x > 0 \\ 0 & \text{else} \end{cases}").count(">{</mo>") == 1


@pytest.mark.parametrize(
    "latex", ["x^{", "}", r"\unknown{x}", "x^^2", r"\begin{tikz}", r"\left(", "{" * (DEEPEST + 1) + "x"]
)
def test_an_unsupported_formula_is_shown_as_its_source(latex: str) -> None:
    assert formula(latex).strip() == Markup("<code>{}</code>").format(latex)


@given(st.text(r"\{}[]()^_&$'abfrctxleigh123 <>\"", max_size=40))
def test_any_formula_is_harmless(latex: str) -> None:
    tree = ElementTree.fromstring(str(formula(latex)))
    assert tree.tag in ("math", "code")
    assert {name for one in tree.iter() for name in one.attrib} <= {
        *("display", "encoding", "stretchy", "accent", "width", "linethickness", "columnalign")
    }


def test_formulas_stand_in_text_and_amounts_of_money_stay() -> None:
    assert shown("It is $x^2$ [1].").count("<math") == 1
    assert "(1)" in shown("It is $x^2$ [1].")
    assert 'display="block"' in shown("So:\n\n$$\n\\frac{a}{b}\n$$\n")
    assert shown(r"Then \(a_1\) and \[b_2\] hold.").count("<math") == 2
    for plain in (
        "between $5 million and $6 million",
        "US$5 (or A$7)",
        "costs $5, or $6",
        "`$x^2$`",
        "```\n$x^2$\n```",
    ):
        assert "<math" not in shown(plain), plain
    assert "&lt;b&gt;" in shown("$\\text{<b>}$")


def test_notes_stand_behind_formulas_and_not_in_code() -> None:
    words = "So $$x^2$$.\n\n```\na b\n```\n"
    notes = [(words.index("^"), Markup("<sup>?</sup>")), (words.index(" b"), Markup("<sup>!</sup>"))]
    html = text.answer(words, lambda number, claim: Markup(), notes)
    assert "</math><sup>?</sup>." in html
    assert "<sup>!</sup>" not in html
    assert "a b" in html


@pytest.mark.parametrize(
    ("latex", "expected"),
    [
        (r"\frac{a}{2b} + f(x)", "<i>a</i>/(2<i>b</i>) + <i>f</i>(<i>x</i>)"),
        (r"\sum_{i=1}^n \log x_i", "∑<sub><i>i</i> = 1</sub><sup><i>n</i></sup> log <i>x</i><sub><i>i</i></sub>"),
        (r"\binom{n}{k} = -\sqrt{4{,}210}", "(<i>n</i> over <i>k</i>) = −√4,210"),
        (r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}", "[1, 0; 0, 1]"),
        (r"\text{<b> growth} \approx 5\%", "&lt;b&gt; growth ≈ 5%"),
    ],
)
def test_formulas_are_spelled_on_one_line(latex: str, expected: str) -> None:
    assert spell_formulas(f"so {formula(latex)}, say") == f"so {expected}, say"
    assert spell_formulas(formula(latex, is_block=True)) == f"<p>{expected}</p>"


@given(st.text(r"\{}[]()^_&x1+-,' ", max_size=40) | st.sampled_from((r"\hat{x}^2", r"\vec{\text{ab}}", r"\sqrt{}")))
def test_every_formula_that_is_drawn_can_be_spelled(latex: str) -> None:
    assert "<math" not in spell_formulas(formula(latex))
