"""Formulas in LaTeX as MathML, which browsers draw themselves: the part of LaTeX's mathematics that answers use.

latex2mathml 3.81 knows more of LaTeX, but writes what stands in `\\text{}` unescaped, makes links of `\\href` and draws
unknown commands by their names. What a model writes is not trusted here, and what cannot be drawn stays its source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from markupsafe import Markup

from octavo.apps.chat.markup import render

LONGEST, DEEPEST = 4_000, 60
"""Letters of a formula, and groups within each other, that are drawn."""
_TOKENS = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:(?:[.,]|\{,\})\d+)*|\s+|.", re.S)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in text.split())


_OPERATORS = _pairs("""
    times:× cdot:· div:÷ pm:± mp:∓ le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠ approx:≈ equiv:≡ sim:∼ simeq:≃ cong:≅ propto:∝
    ll:≪ gg:≫ in:∈ notin:∉ ni:∋ subset:⊂ subseteq:⊆ supset:⊃ supseteq:⊇ cup:∪ cap:∩ setminus:∖ forall:∀ exists:∃ neg:¬
    land:∧ wedge:∧ lor:∨ vee:∨ to:→ rightarrow:→ leftarrow:← leftrightarrow:↔ Rightarrow:⇒ Leftarrow:⇐ Leftrightarrow:⇔
    implies:⟹ iff:⟺ mapsto:↦ ldots:… dots:… cdots:⋯ vdots:⋮ ddots:⋱ mid:∣ parallel:∥ perp:⊥ circ:∘ ast:∗ star:⋆ oplus:⊕
    otimes:⊗ bullet:∙ sum:∑ prod:∏ int:∫ iint:∬ oint:∮ langle:⟨ rangle:⟩ lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ lvert:|
    rvert:| lVert:‖ rVert:‖ lbrace:{ rbrace:} lbrack:[ rbrack:] colon:: angle:∠ therefore:∴ because:∵
""")
_LETTERS = _pairs("""
    infty:∞ partial:∂ nabla:∇ hbar:ℏ ell:ℓ Re:ℜ Im:ℑ emptyset:∅ varnothing:∅ varepsilon:ε vartheta:ϑ varphi:φ varrho:ϱ
    varsigma:ς epsilon:ϵ phi:ϕ degree:° prime:′ lambda:λ Lambda:Λ aleph:ℵ
""")
_FUNCTIONS = _words("""
    sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln lg exp det dim ker deg arg gcd Pr
    lim limsup liminf max min sup inf argmax argmin
""")
_WITH_LIMITS = _words("∑ ∏ lim limsup liminf max min sup inf argmax argmin")
_ACCENTS = _pairs("hat:^ widehat:^ bar:¯ overline:‾ vec:→ dot:˙ ddot:¨ tilde:~")
_SPACES = {",": 0.17, ":": 0.22, ";": 0.28, "!": 0, " ": 0.25, "quad": 1, "qquad": 2, "enspace": 0.5}
_ALPHABETS = _pairs("mathbb:DOUBLE-STRUCK mathbf:BOLD boldsymbol:BOLD mathcal:SCRIPT mathfrak:FRAKTUR")
_TEXTS = _words("text textrm textbf textit mathrm mathsf mathit operatorname mbox")
_IGNORED = _words("displaystyle textstyle limits nolimits big Big bigg bigl bigr Bigl Bigr biggl biggr nonumber notag")
_FENCES = _pairs("pmatrix:() bmatrix:[] Bmatrix:{} vmatrix:|| Vmatrix:‖‖ cases:{")
_TABLES = _words("pmatrix bmatrix Bmatrix vmatrix Vmatrix cases matrix array aligned align align* split gathered")


def formula(latex: str, *, is_block: bool = False) -> Markup:
    """Returns a formula as MathML, with its source beside it for copies; the source alone where it cannot be drawn.

    >>> print(formula("x^2"))
    <math display="inline"><semantics><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow><annotation...>x^2</annotation>...
    >>> print(formula(r"\\\\unknown{<b>}").strip())
    <code>\\\\unknown{&lt;b&gt;}</code>
    """
    try:
        if len(latex) > LONGEST:
            raise _UnknownError(latex)
        row = _Parser(latex, is_block=is_block).formula()
    except _UnknownError:
        return render("formula.html", latex=latex)
    math = Element("math", {"display": "block" if is_block else "inline"})
    semantics = SubElement(math, "semantics")
    semantics.append(row)
    SubElement(semantics, "annotation", {"encoding": "application/x-tex"}).text = latex
    return Markup(tostring(math, encoding="unicode"))  # noqa: S704 (ElementTree has escaped it)


class _UnknownError(Exception):
    """Something that is not drawn."""


class _Parser:
    """Turns the tokens of one formula into elements of MathML."""

    def __init__(self, latex: str, *, is_block: bool) -> None:
        self._tokens = _TOKENS.findall(latex)
        self._at, self._depth, self._is_block = 0, 0, is_block

    def formula(self) -> Element:
        row = self._row(lambda part: False)
        if self._at < len(self._tokens):
            raise _UnknownError
        return row

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        part = self._peek()
        if not part:
            raise _UnknownError
        self._at += 1
        return part

    def _row(self, ends: Callable[[str], bool]) -> Element:
        """Returns the elements up to a part that ends them, which is left, as one row."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _UnknownError
        row = Element("mrow")
        while (part := self._peek()) and not ends(part):
            if part.isspace() or part.lstrip("\\") in _IGNORED:
                self._at += 1
            else:
                row.append(self._with_scripts(self._atom()))
        self._depth -= 1
        return row

    def _with_scripts(self, base: Element) -> Element:
        """Returns an element with what stands below and above it."""
        below = above = None
        while (part := self._peek()) in ("_", "^", "'", "\\limits", "\\nolimits"):
            self._at += 1
            if part == "_" and below is None:
                below = self._argument()
            elif part in ("^", "'") and above is None:
                above = _leaf("mo", "′") if part == "'" else self._argument()
            elif part in ("_", "^", "'"):
                raise _UnknownError
        if below is None and above is None:
            return base
        has_limits = self._is_block and base.text in _WITH_LIMITS
        kinds = ("munder", "mover", "munderover") if has_limits else ("msub", "msup", "msubsup")
        kind = kinds[2] if below is not None and above is not None else kinds[0] if below is not None else kinds[1]
        return _element(kind, base, *(part for part in (below, above) if part is not None))

    def _argument(self) -> Element:
        """Returns the group in braces that comes next, or one element."""
        while self._peek().isspace():
            self._at += 1
        if self._peek() != "{":
            return self._atom()
        self._at += 1
        row = self._row(lambda part: part == "}")
        self._next()
        return row[0] if len(row) == 1 else row

    def _atom(self) -> Element:
        if self._peek() == "{":
            return self._argument()
        part = self._next()
        if part.startswith("\\"):
            return self._command(part[1:])
        if part[0].isdigit():
            return _leaf("mn", part.replace("{,}", ","))
        if part.isalpha():
            return _leaf("mi", part)
        if part in "}&^_":
            raise _UnknownError
        return _leaf("mo", "−" if part == "-" else part)

    def _command(self, name: str) -> Element:
        if name in _OPERATORS:
            return _leaf("mo", _OPERATORS[name])
        if name in _FUNCTIONS:
            return _leaf("mi", name)
        if name in _LETTERS or (letter := _greek(name)):
            return _leaf("mi", _LETTERS.get(name) or letter)
        if name in _SPACES:
            return Element("mspace", {"width": f"{_SPACES[name]}em"})
        if name in _TEXTS:
            return _leaf("mtext", self._text())
        if name in _ALPHABETS:
            return _leaf("mi", "".join(_style(letter, _ALPHABETS[name]) for letter in self._text()))
        if name in _ACCENTS:
            return _element("mover", self._argument(), _leaf("mo", _ACCENTS[name]), accent="true")
        if name == "underline":
            return _element("munder", self._argument(), _leaf("mo", "_"))
        if name in ("frac", "dfrac", "tfrac", "cfrac"):
            return _element("mfrac", self._argument(), self._argument())
        if name == "binom":
            over = _element("mfrac", self._argument(), self._argument(), linethickness="0")
            return _element("mrow", _leaf("mo", "("), over, _leaf("mo", ")"))
        if name == "sqrt":
            return self._root()
        if name == "left":
            return self._fenced()
        if name == "begin":
            return self._table()
        if len(name) == 1 and not name.isalnum() and name != "\\":
            return _leaf("mo", "‖" if name == "|" else name)
        raise _UnknownError

    def _text(self) -> str:
        """Returns the plain text of the group that comes next."""
        while self._peek().isspace():
            self._at += 1
        if self._next() != "{":
            return self._tokens[self._at - 1]
        parts = []
        while (part := self._next()) != "}":
            if part == "{" or (part.startswith("\\") and part[1:].isalpha()):
                raise _UnknownError
            parts.append(" " if part.isspace() else part.removeprefix("\\"))
        return "".join(parts)

    def _root(self) -> Element:
        if self._peek() != "[":
            return _element("msqrt", self._argument())
        self._at += 1
        degree = self._row(lambda part: part == "]")
        self._next()
        return _element("mroot", self._argument(), degree)

    def _fence(self) -> Sequence[Element]:
        """Returns the bracket that comes next; none for a point."""
        part = self._next()
        sign = _OPERATORS.get(part[1:], part[1:]) if part.startswith("\\") else part
        if sign == ".":
            return ()
        return (_leaf("mo", "‖" if part == "\\|" else sign, stretchy="true"),)

    def _fenced(self) -> Element:
        opening = self._fence()
        inside = self._row(lambda part: part == "\\right")
        self._next()
        return _element("mrow", *opening, inside, *self._fence())

    def _table(self) -> Element:
        """Returns an environment of rows and columns."""
        name = self._text()
        if name not in _TABLES:
            raise _UnknownError
        if name == "array":
            self._text()
        table = Element("mtable", {"columnalign": "left"} if name == "cases" or "align" in name else {})
        while True:
            row = SubElement(table, "mtr")
            while True:
                cell = self._row(lambda part: part in ("&", "\\\\", "\\end"))
                SubElement(row, "mtd").append(cell)
                end = self._next()
                if end != "&":
                    break
            if end == "\\end":
                break
        if self._text() != name:
            raise _UnknownError
        if len(table) > 1 and not any(len(cell[0]) for cell in table[-1]):
            table.remove(table[-1])
        fences = [_leaf("mo", sign, stretchy="true") for sign in _FENCES.get(name, "")]
        return _element("mrow", *fences[:1], table, *fences[1:])


def _leaf(tag: str, text: str, **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.text = text
    return element


def _element(tag: str, *parts: Element, **attributes: str) -> Element:
    element = Element(tag, attributes)
    element.extend(parts)
    return element


def _greek(name: str) -> str:
    """Returns the Greek letter of a command's name, else nothing."""
    size = "CAPITAL" if name[:1].isupper() else "SMALL"
    try:
        return unicodedata.lookup(f"GREEK {size} LETTER {name.upper()}") if name.isalpha() else ""
    except KeyError:
        return ""


def _style(letter: str, alphabet: str) -> str:
    """Returns a letter in a mathematical alphabet, or as it is."""
    size = "CAPITAL" if letter.isupper() else "SMALL"
    for name in (f"MATHEMATICAL {alphabet} {size} {letter}", f"{alphabet} {size} {letter}"):
        try:
            return unicodedata.lookup(name.upper())
        except KeyError:
            continue
    return letter
