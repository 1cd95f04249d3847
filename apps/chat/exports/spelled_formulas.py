"""Formulas on one line, for what draws no MathML: letters, signs, raised and lowered parts, fractions with a slash."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element, fromstring

from markupsafe import Markup, escape

_MATH = re.compile(r"<math\b.*?</math>", re.S)
_RELATIONS = frozenset("=<>≤≥≠≈≡∼≃≅∝≪≫∈∉⊂⊆⊃⊇→←↔⇒⇐⇔⟹⟺↦+−±∓×÷∪∩∧∨∣∥⊥⊕⊗")
"""Signs between two parts, which stand with a space on either side."""
_UNARY = frozenset("+−±∓")
"""Signs that may have nothing before them."""
_ACCENTS = {"^": "\u0302", "¯": "\u0304", "‾": "\u0304", "→": "\u20d7", "˙": "\u0307", "¨": "\u0308", "~": "\u0303"}
"""The combining characters of accents."""


def spell_formulas(html: str) -> Markup:
    """Returns HTML whose formulas, as `formula` draws them, are spelled on one line.

    >>> from octavo.apps.chat.formulas import formula
    >>> print(spell_formulas(formula(r"\\frac{a+b}{2} = x_1^2")))
    (<i>a</i> + <i>b</i>)/2 = <i>x</i><sub>1</sub><sup>2</sup>
    >>> print(spell_formulas(formula(r"\\sqrt[3]{8} \\le -\\hat{x}")))
    <sup>3</sup>√8 ≤ −<i>x̂</i>
    """
    return Markup(_MATH.sub(_spelled, html))  # noqa: S704 (the formulas' parts are escaped)


def _spelled(match: re.Match[str]) -> str:
    math = fromstring(match[0])  # noqa: S314 (this program has made it)
    text = " ".join(_spell(math[0][0]).split())
    return f"<p>{text}</p>" if math.get("display") == "block" else text


def _spell(element: Element) -> str:
    spell = _ELEMENTS.get(element.tag)
    return spell(element) if spell else _row(element)


def _row(element: Element) -> str:
    """Returns the parts of a row; a sign that has nothing before it stands close to what follows."""
    parts, before = [], "("
    for part in element:
        text = part.text or "" if part.tag == "mo" else ""
        is_unary = text in _UNARY and (before in _RELATIONS or before in ("(", "[", "{", ",", "|"))
        parts.append(text if is_unary else _spell(part))
        before = text
    return "".join(parts)


def _name(element: Element) -> str:
    text = element.text or ""
    return f"<i>{escape(text)}</i>" if len(text) == 1 and text.isalpha() else f"{escape(text)} "


def _sign(element: Element) -> str:
    text = element.text or ""
    return f" {escape(text)} " if text in _RELATIONS else f"{escape(text)} " if text == "," else str(escape(text))


def _grouped(element: Element) -> str:
    """Returns an element in brackets where it has several parts."""
    text = _spell(element).strip()
    return f"({text})" if element.tag == "mrow" and len(element) > 1 else text


def _fraction(element: Element) -> str:
    above, below = element
    if element.get("linethickness") == "0":
        return f"{_spell(above)} over {_spell(below)}"
    return f"{_grouped(above)}/{_grouped(below)}"


def _scripts(element: Element) -> str:
    base, *scripts = element
    if element.get("accent") and (accent := _ACCENTS.get(scripts[0].text or "")):
        return _spell(base) if len(base) else f"<i>{escape((base.text or '') + accent)}</i>"
    tags = {"msup": ("sup",), "mover": ("sup",)}.get(element.tag, ("sub", "sup"))
    scripted = "".join(f"<{tag}>{_spell(script).strip()}</{tag}>" for tag, script in zip(tags, scripts, strict=False))
    return _spell(base).strip() + scripted + (" " if base.tag == "mo" or len(base.text or "") > 1 else "")


def _root(element: Element) -> str:
    degree = f"<sup>{_spell(element[1])}</sup>" if element.tag == "mroot" else ""
    return f"{degree}√{_grouped(element[0])}"


def _table(element: Element) -> str:
    is_aligned = element.get("columnalign") == "left"
    rows = ((_spell(cell).strip() for cell in row) for row in element)
    return "; ".join((" " if is_aligned else ", ").join(row) for row in rows)


_ELEMENTS: Mapping[str, Callable[[Element], str]] = {
    "mi": _name,
    "mn": lambda element: str(escape(element.text or "")),
    "mtext": lambda element: str(escape(element.text or "")),
    "mo": _sign,
    "mspace": lambda element: " " if element.get("width") != "0em" else "",
    "mfrac": _fraction,
    "msqrt": _root,
    "mroot": _root,
    "mtable": _table,
    **dict.fromkeys(("msub", "msup", "msubsup", "munder", "mover", "munderover"), _scripts),
}
