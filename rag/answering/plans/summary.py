"""Summaries: of a document its headings and central sentences, of a collection a line for each document."""

from __future__ import annotations

from collections import Counter

from octavo.ingest import Kind
from octavo.ingest.chunking.sections import paths
from octavo.ingest.model import HEADINGS
from octavo.rag.answering.candidates import Candidate
from octavo.rag.answering.material import Material
from octavo.rag.answering.passage_lines import FIELD
from octavo.rag.answering.patterns import pattern, words
from octavo.rag.answering.plans.base import Paragraph, Reply, quote
from octavo.rag.answering.question_analysis import terms_of_words, words_of, words_of_names
from octavo.rag.query.analysis import STOP_WORDS

MANY = 3
"""A question that names more documents than this is about all of them."""
SENTENCES, SENTENCE_WORDS, HEADINGS_SHOWN, DOCUMENTS = 6, 140, 12, 30
"""The least sentences of a summary, and the words up to which it has more; the most headings, and documents."""
FORM = 0.5
"""The factor of a form's field, such as `Date: 4 May`."""
_CUE = pattern("summary", "cue")
_SUBJECT = pattern("summary", "subject")
_COLLECTION = pattern("summary", "collection")
_WORDS = 7
_MEDIA = terms_of_words(words("summary", "words_subject"))
_SCAFFOLD = terms_of_words(words("summary", "words_scaffold")) | _MEDIA


def summary(material: Material) -> Reply | None:
    """Returns a summary of a document or a collection in its own words."""
    text = material.query.text
    if not material.documents or not (_CUE.search(text) or _is_subject(material)):
        return None
    if (_COLLECTION.search(text) and len(material.documents) > 1) or len(material.about) > MANY:
        return _collection(material)
    info = material.about[0]
    name_words = words_of_names(info.title, info.name)
    name_words |= frozenset(words_of(material.front(info.id))) & material.analysis.names
    topic = [t for t in material.analysis.terms if t not in _SCAFFOLD and t not in name_words and not t[0].isdigit()]
    pool = material.page_candidates(info.id)
    if topic and len(topic) == 1:
        topic = []
    chosen = _central(
        [c for c in pool if not topic or set(topic) & c.words or set(topic) & set(words_of(c.passage.section))]
    )
    if not chosen:
        return None
    heads = _outline(material, info.id)
    paragraphs = [quote(c) for c in chosen]
    if len(heads) > 1 and not topic:
        outline = "; ".join(heads)
        support = tuple(c for c in pool if c.passage.kind in HEADINGS and c.passage.section in heads)
        paragraphs.insert(
            0, Paragraph(f"{info.title}, {info.pages} page{'s' * (info.pages != 1)}: {outline}.", support)
        )
    return Reply(tuple(paragraphs), checked=True)


def _is_subject(material: Material) -> bool:
    """Returns whether a question asks what a document as a whole is about, and names nothing that it is to say."""
    match = _SUBJECT.search(material.query.text)
    if match is None or not material.about:
        return False
    about = material.about[0]
    name_words = words_of_names(about.title, about.name, material.front(about.id))
    subject = frozenset(words_of(match["subject"]))
    others = subject - name_words - _MEDIA - material.analysis.names
    return bool(subject & _MEDIA) and not others and not any(t[0].isdigit() for t in material.analysis.terms)


def _outline(material: Material, document: str) -> list[str]:
    """Returns the headings of a document down to the level at which there are not too many."""
    results = [e for page in material.pages(document) for e in page.elements if e.kind in HEADINGS and e.text]
    levels = [(len(path), path[-1]) for path in paths(results)]
    deepest = max((depth for depth, _ in levels), default=0)
    for level in range(deepest, 0, -1):
        heads = list(dict.fromkeys(name for depth, name in levels if depth <= level))
        if len(heads) <= HEADINGS_SHOWN:
            return heads
    return list(dict.fromkeys(name for depth, name in levels if depth == 1))[:HEADINGS_SHOWN]


def _central(pool: list[Candidate]) -> list[Candidate]:
    """Returns the sentences that say most of what is said often, at most one or two of a section, in their order.

    A term counts by how many sentences hold it (the SumBasic idea: Nenkova and Vanderwende 2005), and less each time
    that a chosen sentence has said it.
    """
    prose = [
        c
        for c in pool
        if c.passage.kind in (Kind.TEXT, Kind.LIST, Kind.CAPTION) and len(c.passage.text.split()) >= _WORDS
    ]
    prose = prose or [c for c in pool if c.passage.kind not in HEADINGS]
    stop = terms_of_words(STOP_WORDS)
    frequency = Counter(t for c in prose for t in c.words - stop)
    total = sum(frequency.values()) or 1
    chance = {t: n / total for t, n in frequency.items()}
    first = {c.passage.section: c for c in reversed(prose)}
    counts = Counter[str]()
    chosen: list[Candidate] = []
    length = 0
    while len(chosen) < len(prose) and (len(chosen) < SENTENCES or length < SENTENCE_WORDS):
        rest = [c for c in prose if c not in chosen]

        def worth(c: Candidate) -> float:
            content = c.words - stop
            weight = sum(chance[t] for t in content) / max(8, len(content))
            weight *= FORM if FIELD.match(c.passage.text) else 1.0
            return weight * (2.0 if first.get(c.passage.section) is c else 1.0) * 0.4 ** counts[c.passage.section]

        best = max(rest, key=worth)
        chosen.append(best)
        length += len(best.passage.text.split())
        counts[best.passage.section] += 1
        for t in best.words:
            if t in chance:
                chance[t] **= 1.5
    return sorted(chosen, key=prose.index)


def _collection(material: Material) -> Reply:
    paragraphs = [Paragraph(f"{len(material.documents)} documents.", ())]
    for info in material.documents[:DOCUMENTS]:
        pool = material.page_candidates(info.id, [0])
        prose = [c for c in pool if c.passage.kind not in HEADINGS and len(c.passage.text.split()) >= _WORDS][:1]
        text = quote(*prose).text if prose else ""
        paragraphs.append(Paragraph(f"- **{info.name}** ({info.title}): {text}", tuple(prose or pool[:1])))
    return Reply(tuple(paragraphs), checked=True)
