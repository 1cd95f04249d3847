"""Checks built pages: each link leads somewhere, and nothing is loaded from another host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

_LOADED = ("script/@src", "img/@src", "source/@src", "link[not(@rel='canonical')]/@href", "iframe/@src")
"""Attributes whose addresses a browser fetches by itself."""


def check(site: Path) -> list[str]:
    """Returns a sentence for each link that leads nowhere and for each thing that another host would be asked for."""
    trees = {path: html.parse(str(path)).getroot() for path in sorted(site.rglob("*.html"))}
    names = {path: set(tree.xpath("//@id | //a/@name")) for path, tree in trees.items()}
    return [problem for path in trees for problem in _problems(path, trees, names, site)]


def _problems(
    path: Path, trees: dict[Path, html.HtmlElement], names: dict[Path, set[str]], site: Path
) -> Iterator[str]:
    page = path.relative_to(site)
    for address in trees[path].xpath(" | ".join(f"//{place}" for place in _LOADED)):
        if urlsplit(address).netloc:
            yield f"{page} loads {address} from another host"
    if path.name == "404.html":  # its links are those of the site's root
        return
    for address in trees[path].xpath("//a/@href | //img/@src | //script/@src | //link/@href"):
        parts = urlsplit(address)
        if parts.scheme or parts.netloc:
            continue
        file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            yield f"{page} links to {address}, which is not there"
        elif parts.fragment and file in names and unquote(parts.fragment) not in names[file]:
            yield f"{page} links to {address}, which has no such place"
