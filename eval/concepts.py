"""Concepts of the user's own, measured on cases made from a data set: names that only the user knows, and pictures.

Of questions that write a name which stands in their document, the name is replaced by one that stands nowhere, such as
"our Harrow project": first without a concept, then with one that has the real name. Of figures, pictures that are
smaller, in other colors, cut, or a part of a larger one are asked about ("What does this show?"). Places of names are
linked to the concept that is meant, or to none (`octavo.eval.concept_links`).
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from octavo.eval.concept_links import LinkCase, link_cases, link_figures
from octavo.eval.datasets import Question, load
from octavo.eval.metrics import Comparison, ConfidenceInterval, compare, interval
from octavo.eval.protocol import Split, load_protocol
from octavo.eval.retrieval import gold_places, ingest
from octavo.ingest import OctavoError
from octavo.rag import Level, Pipeline, Scope, Settings
from octavo.rag.entry import Entry, EntryId
from octavo.rag.image_source import ImageSource
from octavo.rag.images import decode_image, encode_image
from octavo.rag.index.copies import hash_picture, likeness
from octavo.rag.index.similar_pictures import ALIKE, figure_ids
from octavo.rag.query.question import parse_query

PICTURE_QUESTION = "What does this show?"
_OWN = ("Harrow", "Kestrel", "Tamarind", "Ossian", "Quillfeather", "Brackwater", "Merrow", "Solstice")
_CUTS = (1, 5)
_LEAST_SHARE, _MOST_SHARE = 0.03, 0.6
"""The share of its page that a figure has whose pictures are made."""
_LEAST_SIDE = 120
"""Pixels of the shorter side of such a figure."""
VARIANTS = ("smaller", "gray", "in other colors", "cut", "a part of a page")
"""Changed copies of a figure's picture."""


@dataclass(frozen=True, slots=True)
class NamedCase:
    """A question with a name that stands nowhere: page recall@1 and @5 with the real name, without, and with a concept.

    `recalled` tells whether its concept was recalled, `false` whether the question with the real name recalled another.
    """

    id: str
    recalled: float
    false: float
    plain: tuple[float, ...]
    without: tuple[float, ...]
    told: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class PicturedCase:
    """A picture made from a figure: whether its concept was recalled, and another one (`false`).

    `plain` is page recall@1 and @5 of a question with the picture, `expanded` with `picture_expand`. Where the picture
    shows a figure that is no concept, `recalled` is `None`.
    """

    id: str
    variant: str
    recalled: float | None
    false: float
    plain: tuple[float, ...]
    expanded: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ConceptReport:
    """Means with intervals by name, paired differences, and the cases as records."""

    means: dict[str, ConfidenceInterval]
    differences: dict[str, Comparison]
    cases: tuple[dict[str, Any], ...]


def evaluate(
    folder: Path,
    *,
    library: Path | None = None,
    split: Split | None = None,
    settings: Settings | None = None,
    figures: int = 20,
    seed: int = 7,
) -> ConceptReport:
    """Measures concepts on cases made from a data set, over all of its documents.

    `figures` are drawn to be concepts, and as many to be none. Concepts are added to a copy of the `library`. Raises
    `OctavoError` where no case can be made.
    """
    dataset = load(folder)
    if split:
        dataset = load_protocol().select(dataset, split)
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    with tempfile.TemporaryDirectory() as home:
        copy = Path(home) / "library"
        if library is not None and library.exists():
            shutil.copytree(library, copy)
        own = (settings or Settings.from_env()).model_copy(update={"library": copy})
        with (
            Pipeline(own) as pipeline,
            Pipeline(own.model_copy(update={"concepts": 0})) as plain,
            Pipeline(own.model_copy(update={"concepts": 0, "picture_expand": 1})) as expanding,
        ):
            ids, _ = ingest(pipeline, dataset)
            questions = [q for q in dataset.answerable if q.gold_pages and q.doc in ids]
            named_cases = _named_cases(pipeline, plain, questions, ids)
            entries = _figures(pipeline, sorted(set(ids.values())), 2 * figures, draw)
            pictured = list(_pictured_cases(pipeline, plain, expanding, entries, figures, draw))
            links = list(link_cases(pipeline, questions, ids, random.Random(seed)))  # noqa: S311 - not for secrets
    if not (named_cases or pictured):
        raise OctavoError(f"{folder} has neither questions with names nor figures, so concepts cannot be measured.")
    return _report(named_cases, pictured, links)


def _named_cases(
    pipeline: Pipeline, plain: Pipeline, questions: Sequence[Question], ids: dict[str, str]
) -> list[NamedCase]:
    """Replaces the name that a question writes by one of the user's own, and adds a concept of both names."""
    aliases: dict[str, str] = {}
    chosen: list[tuple[Question, str]] = []
    for question in questions:
        text = " ".join(page.text for page in pipeline.library.document(ids[question.doc]).pages)
        names = [name for name in parse_query(question.question).names if len(name) > 3 and name in text]
        if names:
            name = max(names, key=len)
            if name not in aliases:
                aliases[name] = f"our {_OWN[len(aliases) % len(_OWN)]} {1 + len(aliases) // len(_OWN)}"
                pipeline.concepts.add(name, aliases=[aliases[name]])
            chosen.append((question, name))
    scope = Scope(documents=tuple(sorted(set(ids.values()))))
    results = []
    for question, name in chosen:
        text, gold = question.question.replace(name, aliases[name]), set(gold_places(question, ids))
        recalled = [one.concept.name for one in pipeline.concepts.recall(text)]
        other = [one for one in pipeline.concepts.recall(question.question) if one.mention not in question.question]
        results.append(
            NamedCase(
                question.id,
                float(name in recalled),
                float(bool(other) or bool(set(recalled) - {name} - set(_names_in(text, aliases)))),
                _recall(plain, question.question, gold, scope),
                _recall(plain, text, gold, scope),
                _recall(pipeline, text, gold, scope),
            )
        )
    for name in aliases:
        pipeline.concepts.remove(name)
    return results


def _names_in(text: str, names: dict[str, str]) -> list[str]:
    return [name for name in names if name.casefold() in text.casefold()]


def _recall(
    pipeline: Pipeline, text: str, gold: set[tuple[str, int]], scope: Scope, picture: bytes | None = None
) -> tuple[float, ...]:
    """Returns page recall at the cuts; 0 for a picture without words that an embedding of words cannot search."""
    try:
        hits = pipeline.search(text, level=Level.PAGE, k=max(_CUTS), scope=scope, picture=picture)
    except OctavoError:
        return (0.0,) * len(_CUTS)
    places = [(hit.document, hit.page) for hit in hits]
    return tuple(len(set(places[:k]) & gold) / len(gold) for k in _CUTS)


def _figures(pipeline: Pipeline, documents: Sequence[str], count: int, draw: random.Random) -> list[Entry]:
    """Returns figures that are drawn, each large enough and no copy of another."""
    fitting: list[EntryId] = []
    for identity in figure_ids(pipeline.index, documents):
        page = pipeline.library.page(identity.document, identity.numbers[0])
        element = next(e for e in page.elements if e.index == identity.numbers[1])
        size = min(element.box.width, element.box.height) * page.image_width / page.width if page.image else 0
        if _LEAST_SHARE < element.box.area / page.box.area < _MOST_SHARE and size >= _LEAST_SIDE:
            fitting.append(identity)
    draw.shuffle(fitting)
    images, hashes, results = ImageSource(pipeline.library), list[Any](), list[Entry]()
    for entry in pipeline.index.entries(fitting):
        bits = hash_picture(images(entry) or b"")
        if len(results) < count and all(likeness(bits, other) < ALIKE for other in hashes):
            hashes.append(bits)
            results.append(entry)
    return results


def _variant(image: Image.Image, name: str, draw: random.Random) -> Image.Image:
    width, height = image.size
    if name == "smaller":
        return image.resize((max(60, width // 2), max(60, height // 2)))
    if name == "gray":
        return ImageOps.grayscale(image).convert("RGB")
    if name == "in other colors":
        return ImageOps.colorize(ImageOps.grayscale(image), "navy", "khaki")
    if name == "cut":
        left, top = draw.uniform(0, 0.25) * width, draw.uniform(0, 0.25) * height
        return image.crop((int(left), int(top), int(left + 0.75 * width), int(top + 0.75 * height)))
    page = Image.new("RGB", (int(1.8 * width), int(1.8 * height)), "white")
    page.paste(image, (int(0.4 * width), int(0.5 * height)))
    return page


def _pictured_cases(
    pipeline: Pipeline,
    plain: Pipeline,
    expanding: Pipeline,
    entries: Sequence[Entry],
    count: int,
    draw: random.Random,
) -> Iterator[PicturedCase]:
    images = ImageSource(pipeline.library)
    crops = {entry.id: images(entry) or b"" for entry in entries}
    for entry in entries[:count]:
        pipeline.concepts.add(entry.id, pictures=[crops[entry.id]])
    pictured_ids = {entry.id for entry in entries[:count]}
    scope = Scope(documents=tuple(sorted({entry.document for entry in entries})))
    for entry in entries:
        gold = {(entry.document, entry.page)}
        for variant in VARIANTS:
            picture = encode_image(_variant(decode_image(crops[entry.id]), variant, draw))
            recalled = {one.concept.name for one in pipeline.concepts.recall(PICTURE_QUESTION, picture)}
            yield PicturedCase(
                entry.id,
                variant,
                float(entry.id in recalled) if entry.id in pictured_ids else None,
                float(bool(recalled - {entry.id})),
                _recall(plain, PICTURE_QUESTION, gold, scope, picture),
                _recall(expanding, PICTURE_QUESTION, gold, scope, picture),
            )


def _report(
    named_cases: Sequence[NamedCase], pictured: Sequence[PicturedCase], links: Sequence[LinkCase]
) -> ConceptReport:
    means: dict[str, ConfidenceInterval] = {}
    differences: dict[str, Comparison] = {}

    def add(name: str, values: Sequence[float]) -> None:
        if values:
            means[name] = interval(values)

    add("names: concept recalled", [case.recalled for case in named_cases])
    add("names: another concept recalled", [case.false for case in named_cases])
    for n, k in enumerate(_CUTS):
        columns: dict[str, Callable[[NamedCase], float]] = {
            "the real name": lambda case, n=n: case.plain[n],  # type: ignore[misc]
            "the user's name": lambda case, n=n: case.without[n],  # type: ignore[misc]
            "the user's name, with concepts": lambda case, n=n: case.told[n],  # type: ignore[misc]
        }
        for name, value in columns.items():
            add(f"names, page recall@{k}: {name}", [value(case) for case in named_cases])
        if named_cases:
            pair = ([case.without[n] for case in named_cases], [case.told[n] for case in named_cases])
            differences[f"names, page recall@{k}: with concepts less without"] = compare(*pair)
    for variant in VARIANTS:
        own = [case.recalled for case in pictured if case.variant == variant and case.recalled is not None]
        add(f"pictures, {variant}: concept recalled", own)
    add("pictures: concept recalled", [case.recalled for case in pictured if case.recalled is not None])
    add("pictures: another concept recalled", [case.false for case in pictured])
    for n, k in enumerate(_CUTS):
        before, after = [case.plain[n] for case in pictured], [case.expanded[n] for case in pictured]
        add(f"pictures, page recall@{k}: the picture", before)
        add(f"pictures, page recall@{k}: expanded", after)
        if pictured:
            differences[f"pictures, page recall@{k}: expanded less not"] = compare(before, after)
    means |= link_figures(links)
    cases = (*map(asdict, named_cases), *map(asdict, pictured), *map(asdict, links))
    return ConceptReport(means, differences, cases)


def table(report: ConceptReport) -> str:
    """Returns a report as lines of text, means and then differences, with 95 % intervals."""
    width = max(map(len, (*report.means, *report.differences)))
    lines = [f"{name:<{width}} {m.mean:7.3f} [{m.low:.3f}, {m.high:.3f}]  n {m.n}" for name, m in report.means.items()]
    lines += [
        f"{name:<{width}} {d.difference:+7.3f} [{d.low:+.3f}, {d.high:+.3f}]  n {d.n}"
        for name, d in report.differences.items()
    ]
    return "\n".join(lines)
