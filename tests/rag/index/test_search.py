"""What the index finds: words by BM25, vectors by similarity, at every level and in every scope."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, strategies as st

from octavo.ingest import Kind, Region
from octavo.ingest.store.library import Library
from octavo.rag.entry import Entry, EntryId, Level, Scope
from octavo.rag.index import Index
from octavo.rag.index.build import build_entries as entries_of
from octavo.rag.query.analysis import terms
from octavo.rag.query.question import parse_query
from tests.rag import made
from tests.rag.made import HashEmbedding

WORDS = ("mirror", "dome", "revenue", "2018", "1,577", "windmill", "売上高", "naïve", "year-end")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """30 documents of 4 pages; the last one came after Chroma caught up."""
    source = np.random.default_rng(5)
    with Library(tmp_path_factory.mktemp("search") / "library") as library:
        opened = Index(library, HashEmbedding())
        with opened.writing():
            for n in range(29):
                texts = [" ".join(source.choice(WORDS, 6)) for _ in range(4)]
                opened.add(made.document(library, f"{n:02}.pdf", *texts), f"/{n}")
        cover = library.get("chroma")
        with opened.writing():
            opened.add(made.document(library, "29.pdf", "The dome is new.", "Revenue"), "/29")
        assert library.get("chroma") == cover
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def entries(index: Index) -> list[Entry]:
    library = index.library
    return [entry for info in library.documents() for entry in entries_of(library.document(info.id))]


def fits(entry: Entry, scope: Scope, index: Index) -> bool:
    """Whether an entry is in a scope, in so many words."""
    document = index.library.document(entry.document)
    if scope.documents is not None and entry.document not in scope.documents:
        return False
    pages = set(range(len(document.pages))) if entry.level is Level.DOCUMENT else {r.page for r in entry.regions}
    if scope.pages is not None and not any(scope.pages[0] <= page <= scope.pages[1] for page in pages):
        return False
    if scope.kinds is None:
        return True
    if entry.level in (Level.DOCUMENT, Level.PAGE):
        return any(e.kind in scope.kinds for page in pages for e in document.pages[page].elements)
    return any(document.pages[r.page].elements[r.element or 0].kind in scope.kinds for r in entry.regions)


@st.composite
def scopes(draw: st.DrawFn) -> tuple[int | None, tuple[int, int] | None, frozenset[Kind] | None]:
    first, last = sorted(draw(st.tuples(st.integers(0, 4), st.integers(0, 4))))
    documents = draw(st.none() | st.sampled_from([0, 1, 3, 25]))
    kinds = draw(st.none() | st.frozensets(st.sampled_from([Kind.TITLE, Kind.TABLE, Kind.TEXT, Kind.FIGURE])))
    return documents, draw(st.none() | st.just((first, last))), kinds


@given(parts=scopes(), level=st.sampled_from(list(Level)), words=st.lists(st.sampled_from(WORDS), min_size=1))
def test_every_scope_holds_exactly_what_fits(
    index: Index,
    entries: list[Entry],
    parts: tuple[int | None, tuple[int, int] | None, frozenset[Kind] | None],
    level: Level,
    words: list[str],
) -> None:
    infos = index.library.documents()
    count, pages, kinds = parts
    documents = None if count is None else tuple(info.id for info in infos[len(infos) - count :])
    scope = Scope(documents, pages, kinds)
    expected = [entry for entry in entries if entry.level is level and fits(entry, scope, index)]
    assert index.count(level, scope) == len(expected)
    vector = index.embedding.embed_question(" ".join(words))
    hits = index.vectors(vector, level, len(entries), scope)
    assert sorted(identity for identity, _ in hits) == sorted(entry.id for entry in expected)
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    found = index.words(terms(" ".join(words)), level, len(entries), scope)
    assert {identity for identity, _ in found} <= {entry.id for entry in expected}
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_the_best_k_are_those_of_a_longer_list(index: Index) -> None:
    question = "dome revenue 2018"
    vector = index.embedding.embed_question(question)
    for level in Level:
        for scope in (
            Scope(),
            Scope(pages=(0, 1)),
            Scope(documents=tuple(i.id for i in index.library.documents()[:5])),
        ):
            assert [s for _, s in index.vectors(vector, level, 4, scope)] == pytest.approx(
                [s for _, s in index.vectors(vector, level, 200, scope)][:4], abs=1e-3
            )
            assert index.words(terms(question), level, 4, scope) == index.words(terms(question), level, 200, scope)[:4]


def test_chroma_and_exact_similarity_agree(index: Index, entries: list[Entry]) -> None:
    vector = index.embedding.embed_question("windmill dome")
    for level in (Level.PAGE, Level.ELEMENT, Level.CHUNK):
        own = [entry for entry in entries if entry.level is level]
        exact = dict(zip([e.id for e in own], (index.embedding.embed_entries(own) @ vector).tolist(), strict=True))
        assert dict(index.vectors(vector, level, len(own))) == pytest.approx(exact, abs=2e-3)
        few = [entry.id for entry in own[:7]]
        if level is not Level.PAGE:
            assert index.similarities(vector, few) == pytest.approx({i: exact[i] for i in few}, abs=2e-3)


def test_a_page_is_as_near_as_the_nearest_that_stands_on_it(index: Index, entries: list[Entry]) -> None:
    vector = index.embedding.embed_question("windmill dome")
    exact = dict(zip([e.id for e in entries], (index.embedding.embed_entries(entries) @ vector).tolist(), strict=True))
    pages = [entry.id for entry in entries if entry.level is Level.PAGE][::7]
    expected = {
        page: max(
            exact[e.id]
            for e in entries
            if e.level is not Level.DOCUMENT and any(f"{e.document}/p{r.page}" == page for r in e.regions)
        )
        for page in pages
    }
    assert index.similarities(vector, pages) == pytest.approx(expected, abs=2e-3)
    assert index.similarities(vector, []) == {}


def test_a_documents_vector_is_the_mean_of_its_chunks(index: Index, entries: list[Entry]) -> None:
    document = index.library.documents()[3].id
    chunks = [e for e in entries if e.level is Level.CHUNK and e.document == document]
    mean = index.embedding.embed_entries(chunks).mean(axis=0)
    hits = index.vectors(mean / np.linalg.norm(mean), Level.DOCUMENT, 1)
    assert hits == [(document, pytest.approx(1.0, abs=1e-3))]


# words


def test_rare_words_count_more_and_headings_most(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Library(tmp_path_factory.mktemp("words") / "library") as library:
        index = Index(library, HashEmbedding())
        texts = ["common zebra", "common common", "common", "nothing at all", "common lion"]
        index.add(made.document(library, "a.pdf", *texts), "/a")
        ((first, _), *_) = index.words(terms("common zebra"), Level.PAGE, 5)
        assert first.endswith("/p0")
        assert len(index.words(terms("common"), Level.PAGE, 5)) == 4
        assert index.words(terms("common unicorn"), Level.PAGE, 2) == index.words(terms("common"), Level.PAGE, 2)
        assert index.words([], Level.PAGE, 5) == []
        ((page, _),) = index.words(terms("page 3"), Level.PAGE, 1)
        assert page.endswith("/p3")
        index.close()


def test_a_word_nearly_everywhere_is_left_to_the_rarer_ones(index: Index) -> None:
    common, rare = terms("page")[0], terms("new")[0]
    frequency = index.document_frequency([common, rare, "unknown"], Level.PAGE)
    assert frequency == {common: index.count(Level.PAGE), rare: 1, "unknown": 0}
    assert [i for i, _ in index.words([common, rare], Level.PAGE, 9)] == [
        i for i, _ in index.words([rare], Level.PAGE, 9)
    ]
    assert len(index.words([common], Level.PAGE, 500)) == index.count(Level.PAGE)


@pytest.mark.parametrize("word", WORDS)
def test_every_kind_of_word_is_found_where_it_stands(index: Index, entries: list[Entry], word: str) -> None:
    (first, *_) = terms(word)
    expected = {e.id for e in entries if e.level is Level.CHUNK and {first} & {*terms(e.text), *terms(e.heading)}}
    assert expected
    assert {identity for identity, _ in index.words([first], Level.CHUNK, 500)} == expected


@given(st.lists(st.text(max_size=12) | st.sampled_from(['"', "*", "a OR b", "NEAR(a b)", "^x", "{x}:", "'; --", "\0"])))
def test_no_text_is_syntax(index: Index, words: list[str]) -> None:
    known = [word for word in words if index.document_frequency([word])[word]]
    assert index.words([*words, "dome"], Level.PAGE, 3) == index.words([*known, "dome"], Level.PAGE, 3)
    assert index.words([*words, "dome"], Level.PAGE, 3, Scope(documents=())) == []


def test_in_one_document_its_own_rare_words_count(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`zebra` stands all over this document and nowhere else, `dome` the other way round."""
    with Library(tmp_path_factory.mktemp("local") / "library") as library:
        index = Index(library, HashEmbedding())
        zebras = made.document(library, "a.pdf", "zebra zebra zebra", "zebra dome", "zebra zebra", "zebra lion zebra")
        with index.writing():
            index.add(zebras, "/a")
            for n in range(8):
                index.add(made.document(library, f"{n}.pdf", *["dome mirror"] * 4), f"/{n}")
        one = Scope(documents=(zebras.id,))
        assert index.words(terms("zebra dome"), Level.PAGE, 1, one)[0][0] == f"{zebras.id}/p1"
        assert index.words(terms("zebra dome"), Level.PAGE, 1)[0][0] != f"{zebras.id}/p1"
        assert len(index.words(terms("zebra dome"), Level.PAGE, 9, one)) == 4
        index.close()


@pytest.mark.parametrize("level", [Level.PAGE, Level.ELEMENT, Level.CHUNK])
def test_small_and_large_scopes_are_searched_alike(index: Index, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    scope, wanted = Scope(pages=(1, 3)), terms("dome 2018")
    small = {identity for identity, _ in index.words(wanted, level, 500, scope)}
    monkeypatch.setattr("octavo.rag.index.bm25.FEW", 0)
    assert {identity for identity, _ in index.words(wanted, level, 500, scope)} == small
    assert small
    monkeypatch.undo()
    vector = index.embedding.embed_question("dome 2018")
    inside = dict(index.vectors(vector, level, 500, scope))
    everywhere = [(identity, score) for identity, score in index.vectors(vector, level, 500) if identity in inside]
    assert index.vectors(vector, level, 500, scope) == everywhere
    assert index.vectors(vector, level, 3, scope) == everywhere[:3]


def test_a_document_is_as_good_as_its_best_page(index: Index) -> None:
    wanted = terms("windmill 2018")
    best: dict[str, float] = {}
    for page, score in index.words(wanted, Level.PAGE, 500):
        best.setdefault(page.partition("/")[0], score)
    assert dict(index.words(wanted, Level.DOCUMENT, 500)) == pytest.approx(best)


# entries


def test_entries_come_in_the_order_asked_for(index: Index, entries: list[Entry]) -> None:
    some = entries[::11][::-1]
    assert index.entries([entry.id for entry in some]) == some
    assert index.entries(["nothing", some[0].id, "x/p1"]) == [some[0]]
    assert index.terms([some[0].id]) == {some[0].id: ("en", terms(some[0].heading), terms(some[0].text))}


def test_entries_on_pages_are_in_page_order(index: Index, entries: list[Entry]) -> None:
    document = index.library.documents()[0].id
    pages = [EntryId.of_page(document, 2), EntryId.of_page(document, 0)]
    for level in (Level.PAGE, Level.ELEMENT, Level.CHUNK):
        of_level = [e for e in entries if e.level is level and e.document == document]
        expected = [e.id for e in of_level if 2 in {r.page for r in e.regions}]
        expected += [e.id for e in of_level if 0 in {r.page for r in e.regions} and e.id not in expected]
        assert [entry.id for entry in index.entries_on(pages, level)] == expected
    assert index.entries_on([], Level.PAGE) == []


def test_pages_are_named_by_number_label_or_from_the_end(index: Index) -> None:
    a, b = (info.id for info in index.library.documents()[:2])
    assert index.named_entries(parse_query("on page 2"), [a, b]) == dict.fromkeys([f"{a}/p1", f"{b}/p1"], 2.0)
    assert list(index.named_entries(parse_query("on the last page"), [a])) == [f"{a}/p3"]
    assert set(index.named_entries(parse_query("on page 1 and the penultimate page"), [a])) == {f"{a}/p0", f"{a}/p2"}
    assert (
        index.named_entries(parse_query("on page 99"), [a])
        == index.named_entries(parse_query("What is the dome made of?"), [a])
        == {}
    )


def test_a_question_of_kinds_only_names_the_pages_that_hold_them(index: Index, entries: list[Entry]) -> None:
    document = entries[0].document
    held = {f"{document}/p{e.page}" for e in entries if e.document == document and e.kind is Kind.TABLE}
    assert held
    assert index.named_entries(
        parse_query("How many tables are there in the whole report?"), [document]
    ) == dict.fromkeys(held, 1.0)
    assert index.named_entries(parse_query("How many people does the table count?"), [document]) == {}


def test_entries_say_what_stands_there_and_under_what() -> None:
    page = made.page(0, "Revenue grew.")
    document = made.Document("d", "a.pdf", "/a.pdf", "Report", "application/pdf", (page,), outline=((1, "Start", 0),))
    by_id = {entry.id: entry for entry in entries_of(document)}
    assert list(by_id) == ["d", "d/p0", "d/p0/e0", "d/p0/e1", "d/p0/e2"]  # no running footer, the caption in its table
    assert by_id["d"].heading == "Report"
    assert "Start" in by_id["d"].text
    assert by_id["d/p0"].regions == (Region(0, page.box),)
    assert "Revenue grew." in by_id["d/p0"].text
    assert by_id["d/p0/e1"].heading == "Page 0"
    assert by_id["d/p0/e2"].text == "Table 1\n| a | b |\n|---|---|"
    table, caption = page.elements[2:4]
    assert by_id["d/p0/e2"].regions == (Region(0, table.box | caption.box, 2), Region(0, caption.box, 3))
