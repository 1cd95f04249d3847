"""HTML as blocks: its tree is read, nothing in it runs and nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import replace

import lxml.html
from lxml import etree

from octavo.ingest.markup import formulas
from octavo.ingest.markup.blocks import Block, Grid, ImageBlock, MarkupContent, TextBlock
from octavo.ingest.markup.html_nodes import (
    DROPPED_TAGS,
    is_hidden,
    is_svg_text,
    numeral,
    pixels,
    whole_number,
    words_of,
)
from octavo.ingest.markup.html_tables import is_layout, read_grid
from octavo.ingest.markup.passages import PassageBuilder
from octavo.ingest.markup.pictures import TINY, Find, Pictures
from octavo.ingest.model import Kind

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl",
    "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary",
    "table", "ul", "caption", "tbody", "thead", "tfoot", "tr", "td", "th", "iframe", "noframes", "frameset",
    "listing", "xmp", "plaintext",
})  # fmt: skip
_DRAWN = {
    "b": "b", "strong": "b", "i": "i", "em": "i", "cite": "i", "var": "i", "dfn": "i", "u": "u", "ins": "u",
    "s": "s", "del": "s", "strike": "s", "code": "code", "kbd": "code", "samp": "code", "tt": "code", "small": "small",
    "sup": "sup", "sub": "sub",
}  # fmt: skip
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_PREFORMATTED = frozenset({"pre", "listing", "xmp", "plaintext", "textarea"})
_DEFINITIONS = frozenset({"dt", "dd"})
_DEEPEST = 200


def read(text: str, find: Find, *, pictures: Pictures | None = None) -> MarkupContent:
    """Reads an HTML page; `find` brings the pictures that lie beside it.

    >>> content = read("<title>Plan</title><h1>Costs</h1><p>10<sup>6</sup> euros", lambda address: None)
    >>> content.title, [(block.kind.value, block.text) for block in content.blocks]
    ('Plan', [('title', 'Costs'), ('text', '10⁶ euros')])
    """
    pictures = pictures or Pictures(find)
    tree = parse_html(text)
    if tree is None:
        return MarkupContent("", ())
    base = tree.find(".//base[@href]")
    pictures.base_is_remote = base is not None and bool(re.match(r"[a-z][a-z0-9+.-]*:|//", base.get("href"), re.I))
    titles = (" ".join(node.text_content().split()) for node in tree.iter("title") if node.getparent().tag != "svg")
    blocks = blocks_of(tree, pictures)
    heading = next((b.text for b in blocks if isinstance(b, TextBlock) and b.level and b.kind is not Kind.LIST), "")
    return MarkupContent(next(filter(None, titles), "") or heading, tuple(blocks), pictures.problems())


def parse_html(text: str) -> lxml.html.HtmlElement | None:
    """Returns the tree of an HTML text, `None` where it has none."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\x00", ""))
    if not text.strip():
        return None
    try:
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True)
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)  # whatever it declares
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def blocks_of(tree: lxml.html.HtmlElement, pictures: Pictures) -> list[Block]:
    """Returns the blocks of a tree.

    The only heading of the first level is the title, the others are section headers.
    """
    walker = _Walker(pictures)
    walker.walk(tree, 0)
    walker.end()
    first = [b for b in walker.blocks if isinstance(b, TextBlock) and b.kind is Kind.SECTION_HEADER and b.level == 1]
    if len(first) == 1:
        return [replace(b, kind=Kind.TITLE) if b is first[0] else b for b in walker.blocks]
    return walker.blocks


class _Walker(PassageBuilder):
    """Goes through a tree in order and ends a passage wherever a block begins or ends."""

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        self._pictures = pictures
        self._caption = ""

    def walk(self, node: etree._Element, depth: int) -> None:
        if not isinstance(node.tag, str):
            return
        tag = formulas.local_name(node).lower()
        if tag in DROPPED_TAGS or is_hidden(node):
            return
        if depth > _DEEPEST:  # no page is nested so deep on purpose: its words are kept, its structure is not
            self.say("".join(node.itertext()))
            return
        handler = getattr(self, f"_on_{tag}", None)
        if handler is not None:
            handler(node, depth)
        elif tag in _HEADINGS:
            self._block(node, depth, kind=Kind.SECTION_HEADER, level=_HEADINGS[tag])
        elif tag in _PREFORMATTED:
            self._block(node, depth, kind=Kind.TEXT, pre=True)
        elif tag in _BLOCKS:
            self._block(node, depth)
        elif tag in _DRAWN:
            self._style(_DRAWN[tag], node, depth)
        else:
            self._inside(node, depth)

    def _inside(self, node: etree._Element, depth: int) -> None:
        if node.text:
            self.say(node.text)
        for child in node:
            self.walk(child, depth + 1)
            if child.tail:
                self.say(child.tail)

    def _block(
        self,
        node: etree._Element,
        depth: int,
        kind: Kind | None = None,
        level: int = 0,
        indent: int = 0,
        pre: bool = False,
    ) -> None:
        self.end()
        before = self._kind, self._level, self._indent, self._pre
        self._kind, self._level = kind or (self._kind if self._kind is not Kind.SECTION_HEADER else Kind.TEXT), level
        self._indent += indent
        self._pre = self._pre or pre
        self._inside(node, depth)
        self.end()
        self._kind, self._level, self._indent, self._pre = before

    def _style(self, tag: str, node: etree._Element, depth: int) -> None:
        self._html += f"<{tag}>"
        self._open.append(tag)
        length, blocks = len(self._text), len(self.blocks)
        self._inside(node, depth)
        if tag == "sup" and blocks == len(self.blocks) and len(self._text) > length:
            self._text = self._text[:length] + formulas.superscript(self._text[length:])
        elif tag == "s" and blocks == len(self.blocks) and self._text[length:].strip():
            self._text = f"{self._text[:length]}~~{self._text[length:].strip()}~~"
        self._open.pop()
        self._html += f"</{tag}>"

    def _on_br(self, node: etree._Element, depth: int) -> None:
        self._break()

    def _on_hr(self, node: etree._Element, depth: int) -> None:
        self.end()

    def _on_blockquote(self, node: etree._Element, depth: int) -> None:
        self._block(node, depth, indent=1)

    def _on_ul(self, node: etree._Element, depth: int) -> None:
        self._list(node, depth, None)

    _on_menu = _on_dir = _on_ul

    def _on_ol(self, node: etree._Element, depth: int) -> None:
        down = node.get("reversed") is not None
        first = sum(1 for child in node if child.tag == "li") if down else 1
        self._list(node, depth, whole_number(node.get("start"), first), -1 if down else 1)

    def _list(self, node: etree._Element, depth: int, number: int | None, step: int = 1) -> None:
        self.end()
        before, self._indent = self._indent, self._indent + 1
        style = node.get("type", "1")
        for child in node:
            if not isinstance(child.tag, str) or child.tag != "li":
                self.walk(child, depth + 1)
                continue
            if is_hidden(child):
                continue
            if number is not None:
                number = whole_number(child.get("value"), number)
            self._marker = "• " if number is None else f"{numeral(number, style)}. "
            self._block(child, depth + 1, kind=Kind.LIST)
            self._marker = ""
            number = None if number is None else number + step
        self._indent = before

    def _on_dl(self, node: etree._Element, depth: int) -> None:
        """Terms with what defines them: `Term: definition`; an end tag that is left out nests them in the tree."""
        self.end()
        term = ""
        for child in [*node.iter("dt", "dd")]:
            if next(child.iterancestors("dl"), None) is not node or is_hidden(child):
                continue
            if child.tag == "dt":
                words = words_of(child, _DEFINITIONS)
                term = f"{term}, {words}" if term else words
                continue
            self._marker = f"{term}: " if term else ""
            self._indent += 1
            self._block(child, depth + 1, kind=Kind.LIST)
            self._indent -= 1
            self._marker = term = ""
        if term:
            self.blocks.append(TextBlock.of(term, kind=Kind.LIST, level=self._indent + 1))

    def _on_dt(self, node: etree._Element, depth: int) -> None:
        if next(node.iterancestors("dl"), None) is None:
            self._block(node, depth)

    _on_dd = _on_dt

    def _on_figure(self, node: etree._Element, depth: int) -> None:
        self.end()
        captions = [child for child in node.iter("figcaption") if next(child.iterancestors("figure"), None) is node]
        before, self._caption = self._caption, words_of(captions[0]) if captions else ""
        self._block(node, depth)
        if self._caption:
            self.blocks.append(TextBlock.of(self._caption, kind=Kind.CAPTION))
        self._caption = before

    def _on_figcaption(self, node: etree._Element, depth: int) -> None:
        self.end()

    def _on_math(self, node: etree._Element, depth: int) -> None:
        formula = formulas.linear(node) or (node.get("alttext") or "")
        if node.get("display") == "block":
            self.end()
            if formula:
                self.blocks.append(TextBlock.of(formula, kind=Kind.FORMULA, level=self._indent + 1))
        else:
            self.say(formula)

    def _on_rt(self, node: etree._Element, depth: int) -> None:
        self.say(f"({words_of(node)})")

    def _on_q(self, node: etree._Element, depth: int) -> None:
        self.say("“")
        self._inside(node, depth)
        self.say("”")

    def _on_a(self, node: etree._Element, depth: int) -> None:
        """Reads a link; one that is marked as a note's (EPUB, ARIA) is `[1]`, which no exponent is."""
        marks = f"{node.get('{http://www.idpf.org/2007/ops}type') or node.get('epub:type')} {node.get('role')}"
        mark = words_of(node).strip("[]()")
        if "noteref" not in marks or not mark:
            self._inside(node, depth)
            return
        self._html += "<sup>"
        self._add(mark, f"[{mark}]")
        self._html += "</sup>"

    # pictures

    def _on_img(self, node: etree._Element, depth: int) -> None:
        address = node.get("src") or node.get("data-src") or (node.get("srcset") or "").strip().split(" ")[0]
        size = pixels(node.get("width")), pixels(node.get("height"))
        alt = " ".join((node.get("alt") or node.get("title") or "").split())
        if 0 < max(size) <= TINY:
            self._say_sign(alt)
            return
        self._show(self._pictures.get(address, alt, size))

    _on_image = _on_img

    def _on_picture(self, node: etree._Element, depth: int) -> None:
        for image in node.iter("img"):
            self._on_img(image, depth)

    def _on_svg(self, node: etree._Element, depth: int) -> None:
        size = pixels(node.get("width")), pixels(node.get("height"))
        if 0 < max(size) <= 2 * TINY:
            return
        words = " ".join(" ".join(text.itertext()).strip() for text in node.iter() if is_svg_text(text))
        if not node.tag.startswith("{"):
            node.set("xmlns", "http://www.w3.org/2000/svg")
        self._show(self._pictures.drawing(etree.tostring(node, with_tail=False), " ".join(words.split())))

    def _on_object(self, node: etree._Element, depth: int) -> None:
        if (node.get("type") or "").startswith("image/"):
            self._show(self._pictures.get(node.get("data") or "", words_of(node)))
        else:
            self._inside(node, depth)

    def _show(self, picture: ImageBlock) -> None:
        if picture.data and max(picture.width, picture.height) <= TINY:
            self._say_sign(picture.alt)
            return
        if not picture.data and not picture.alt:
            return
        marker, self._marker = self._marker, ""
        self.end()
        self._marker = marker
        self.blocks.append(replace(picture, caption=self._caption))
        self._caption = ""

    def _say_sign(self, alt: str) -> None:
        """Says what a picture amid the text stands for."""
        if alt:
            self.say(f" {alt} ")

    def _on_iframe(self, node: etree._Element, depth: int) -> None:
        self.end()
        inner = parse_html(node.get("srcdoc") or "")
        if inner is not None:
            self.walk(inner, depth + 1)
            self.end()

    # forms

    def _on_input(self, node: etree._Element, depth: int) -> None:
        kind = (node.get("type") or "text").lower()
        if kind in ("checkbox", "radio"):
            self.say("☒ " if node.get("checked") is not None else "☐ ")
        elif kind not in ("hidden", "password", "file", "image"):
            self.say(f" {node.get('value') or ''} ")

    def _on_select(self, node: etree._Element, depth: int) -> None:
        options = list(node.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        self.say(" " + ", ".join(words_of(option) for option in chosen) + " ")

    # tables

    def _on_table(self, node: etree._Element, depth: int) -> None:
        self.end()
        rows = [row for row in node.iter("tr") if next(row.iterancestors("table"), None) is node]
        caption = next((words_of(c) for c in node.iterchildren("caption")), "") or self._caption
        if is_layout(node, rows):
            self._block(node, depth)
            return
        grid, pictures = read_grid(rows, self._cell)
        if grid.cells:
            self.blocks.append(Grid(grid, caption))
            self._caption = ""
        for picture in pictures:
            self._show(picture)

    def _cell(self, node: etree._Element) -> tuple[str, list[ImageBlock]]:
        inner = _Walker(self._pictures)
        inner._inside(node, 0)
        inner.end()
        words, pictures = [], []
        for block in inner.blocks:
            if isinstance(block, TextBlock):
                words.append(block.text)
            elif isinstance(block, ImageBlock):
                words.append(block.alt)
                pictures.append(block)
            elif isinstance(block, Grid):
                words += [cell.text for cell in block.table.cells]
        return " ".join(" ".join(words).split()), [picture for picture in pictures if picture.data]
