"""Formulas as one line of text: MathML, as in HTML and EPUB."""

from __future__ import annotations

from lxml import etree

_RAISED = str.maketrans("0123456789+-−=()nix", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱˣ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_TIGHT = frozenset("⁡⁢⁣⁤❑")
"""Operators that are not seen: function application and its like, and what LibreOffice writes for an empty place."""


def superscript(text: str) -> str:
    """Returns a superscript in plain text, set apart from its base.

    >>> "10" + superscript("6"), "x" + superscript("a+1"), "21" + superscript("st"), "cost" + superscript("[3]")
    ('10⁶', 'x^(a+1)', '21st', 'cost[3]')
    """
    stripped = text.strip()
    if all(ord(c) in _RAISED for c in stripped):
        return stripped.translate(_RAISED)
    ordinal = stripped.isalpha() and 2 <= len(stripped) <= 4
    if ordinal or stripped[0] in "[(" or not any(c.isalnum() for c in stripped):
        return text
    return f"^{stripped}" if len(stripped) == 1 else f"^({stripped})"


def linear(math: etree._Element) -> str:
    """Returns a `<math>` element in one line.

    >>> linear(etree.fromstring("<math><mfrac><mn>1</mn><mn>2</mn></mfrac><msup><mi>x</mi><mn>2</mn></msup></math>"))
    '1/2x²'
    """
    return " ".join(_text(math).split())


def local_name(node: etree._Element) -> str:
    """Returns the name of an element without its namespace, also one that no XML could have; none for a comment."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _text(node: etree._Element) -> str:
    name = local_name(node)
    parts = [child for child in node if isinstance(child.tag, str)]
    if name in ("annotation", "annotation-xml", "none", "mprescripts", "mphantom", ""):
        return ""
    if name == "semantics":
        return _text(parts[0]) if parts else ""
    if not parts:
        text = "".join(c for c in "".join(node.itertext()) if c not in _TIGHT).strip()
        return f" {text} " if name == "mo" and text in _SPACED else text
    texts = [_text(part).strip() for part in parts]
    if name == "mfrac" and len(texts) == 2:
        return f"{_in_brackets(texts[0])}/{_in_brackets(texts[1])}"
    if name == "msqrt":
        return f"√{_in_brackets(''.join(_text(part) for part in parts).strip())}"
    if name == "mroot" and len(texts) == 2:
        return f"{superscript(texts[1]) if texts[1] else ''}√{_in_brackets(texts[0])}"
    if name in ("msup", "mover") and len(texts) == 2:
        return texts[0] + (superscript(texts[1]) if name == "msup" else f"{texts[1]}")
    if name in ("msub", "munder") and len(texts) == 2:
        return texts[0] + _subscript(texts[1])
    if name in ("msubsup", "munderover") and len(texts) == 3:
        return f"{texts[0]}{_subscript(texts[1])}{superscript(texts[2])}"
    if name == "mtable":
        return "; ".join(texts)
    if name == "mtr":
        return ", ".join(texts)
    if name == "mfenced":
        return f"{node.get('open', '(')}{', '.join(texts)}{node.get('close', ')')}"
    return "".join(_text(part) for part in parts)


_SPACED = frozenset("=+−-<>≤≥≈≠±×·→⇒∈∼≡∝")


def _subscript(text: str) -> str:
    if all(ord(c) in _LOWERED for c in text):
        return text.translate(_LOWERED)
    return f"_{text}" if len(text) == 1 else f"_({text})"


def _in_brackets(text: str) -> str:
    return text if text.isalnum() or len(text) <= 1 else f"({text})"


def linear_office(math: etree._Element) -> str:
    """Returns a formula of an office file (OMML, `<m:oMath>`) in one line.

    >>> m = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    >>> run = "<m:r><m:t>{}</m:t></m:r>".format
    >>> fraction = f"<m:f><m:num>{run('a+b')}</m:num><m:den>{run('2')}</m:den></m:f>"
    >>> linear_office(etree.fromstring(f"<m:oMath {m}>{run('x')}{run('=')}{fraction}</m:oMath>"))
    'x = (a+b)/2'
    """
    return " ".join(_office(math).split())


def _office(node: etree._Element) -> str:
    name = etree.QName(node).localname if isinstance(node.tag, str) else ""
    if name == "t":
        text = node.text or ""
        return f" {text} " if text.strip() in _SPACED else text
    if name.endswith("Pr") or not name:
        return ""
    parts: dict[str, list[str]] = {}
    for child in node:
        if isinstance(child.tag, str):
            parts.setdefault(etree.QName(child).localname, []).append(_office(child).strip())

    def part(key: str) -> str:
        return "".join(parts.get(key, ()))

    match name:
        case "f":
            return f"{_in_brackets(part('num'))}/{_in_brackets(part('den'))}"
        case "sSup":
            return part("e") + superscript(part("sup"))
        case "sSub":
            return part("e") + _subscript(part("sub"))
        case "sSubSup" | "sPre":
            return part("e") + _subscript(part("sub")) + superscript(part("sup"))
        case "rad":
            return f"{superscript(part('deg')) if part('deg') else ''}√{_in_brackets(part('e'))}"
        case "nary":
            limits = (_subscript(part("sub")) if part("sub") else "") + (
                superscript(part("sup")) if part("sup") else ""
            )
            return f"{_property(node, 'chr', '∫')}{limits} {part('e')}"
        case "d":
            inner = _property(node, "sepChr", "|").join(parts.get("e", ()))
            return f"{_property(node, 'begChr', '(')}{inner}{_property(node, 'endChr', ')')}"
        case "func":
            return f"{part('fName')} {part('e')}"
        case "limLow" | "limUpp":
            return f"{part('e')}{_subscript(part('lim')) if name == 'limLow' else superscript(part('lim'))}"
        case "mr":
            return ", ".join(parts.get("e", ()))
        case "m" | "eqArr":
            return "; ".join([*parts.get("mr", ()), *parts.get("e", ())])
    return "".join(_office(child) for child in node)


def _property(node: etree._Element, name: str, otherwise: str) -> str:
    for item in node.iterchildren(f"{{*}}{etree.QName(node).localname}Pr"):
        for sign in item.iterchildren(f"{{*}}{name}"):
            return next((value for key, value in sign.attrib.items() if key.endswith("val")), "")
    return otherwise
