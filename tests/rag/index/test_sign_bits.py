"""The pass over sign bits: exact where it may be, near a full search where not, and it follows the library."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from octavo.ingest.store.library import Library
from octavo.rag import Level, Pipeline, Scope, Settings
from octavo.rag.embedding import unit
from octavo.rag.entry import EVERYWHERE
from octavo.rag.index import Index
from octavo.rag.index.sign_bits import SignBitIndex
from octavo.rag.index.store import vectors
from octavo.rag.index.store.codes import pack_signs, products_with_signs
from tests.conftest import make_pdf
from tests.rag.made import HashEmbedding, check, document


@pytest.mark.parametrize("dimension", [8, 32, 100, 256])
def test_the_distance_is_the_number_of_signs_that_differ(dimension: int) -> None:
    rows = np.random.default_rng(1).normal(size=(20, dimension))
    bits = pack_signs(rows)
    distances = np.bitwise_count(bits ^ bits[:1]).sum(axis=1)
    assert distances.tolist() == [int(np.sum((row > 0) != (rows[0] > 0))) for row in rows]


def test_an_index_by_bits_follows_documents_and_needs_no_chroma(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        index = Index(library, HashEmbedding(dimension=128))
        documents = []
        for n in range(4):
            made = document(library, f"{n}.pdf", f"mirror {n}", f"dome {n}", f"windmill {n}")
            with index.writing():
                index.add(made, made.path)
            documents.append(made)
            check(index, documents)
        gone = documents.pop(1)
        index.remove(gone.id)
        check(index, documents)
        inside = Scope(documents=(documents[0].id,))
        question = index.embedding.embed_question("dome")
        assert index.vectors(question, Level.PAGE, 1, inside)[0][0] == f"{documents[0].id}/p1"
        assert not list((library.folder / "chroma").glob("*/*"))
        index.close()
        plain = Index(library, HashEmbedding(dimension=128))
        with plain.writing():
            pass
        check(plain, documents)
        plain.close()


def test_nearly_all_of_the_nearest_are_found_among_many(tmp_path: Path) -> None:
    from octavo.rag.entry import Entry
    from octavo.rag.index.store import entries

    source = np.random.default_rng(5)
    groups = source.normal(size=(100, 256))
    rows = unit((0.7 * groups[source.integers(100, size=6_000)] + source.normal(size=(6_000, 256))).astype(np.float32))
    with Library(tmp_path / "library") as library:
        index = Index(library, HashEmbedding())
        pages = [Entry(f"{0:032x}/p{n}", Level.PAGE, f"{0:032x}", n, n, None, "", "", ()) for n in range(6_000)]
        with library.transaction() as connection:
            connection.execute(
                "INSERT INTO documents (id, name, title, media_type, path, page_count, outline, problems, added_at)"
                " VALUES (?, ?, '', '', '', 1, '[]', '[]', '')",
                (f"{0:032x}",) * 2,
            )
            entries.write(connection, pages)
            vectors.write(connection, pages, rows)
        search = SignBitIndex(library)
        recalls = []
        for row in rows[:10]:
            found = search.search(row, Level.PAGE, 20, EVERYWHERE, 6_000, 6_000)
            exact = vectors.nearest([page.id for page in pages], rows, row, 20)
            assert found[0] == pytest.approx(exact[0], abs=2e-3) or found[0][0] == exact[0][0]
            assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
            recalls.append(len({i for i, _ in found} & {i for i, _ in exact}) / 20)
        assert np.mean(recalls) > 0.9
        assert search.search(rows[0], Level.CHUNK, 5, EVERYWHERE, 6_000, 6_000) == []
        index.close()


def test_the_setting_reaches_the_search(tmp_path: Path) -> None:
    make_pdf(tmp_path / "report.pdf")
    with Pipeline(Settings(library=tmp_path / "library", dense_index="chroma")) as pipeline:
        pipeline.ingest(tmp_path / "report.pdf")
        found = pipeline.search("What was capital expenditure in 2018?", k=3)
        assert found[0].page == 1
        assert list((tmp_path / "library" / "chroma").glob("*/*"))
    with Pipeline(tmp_path / "library") as pipeline:
        assert pipeline.search("What was capital expenditure in 2018?", k=3) == found


def test_entries_that_go_during_a_search_are_no_hits(tmp_path: Path) -> None:
    embedding = HashEmbedding()
    with Library(tmp_path / "library") as library:
        index = Index(library, embedding)
        held = document(library, "a.pdf", "rain", "snow")
        index.add(held, "/a.pdf")
        question, search = embedding.embed_question("rain"), SignBitIndex(library)
        assert search.search(question, Level.PAGE, 5, EVERYWHERE, 2, 2)
        index.remove(held.id)
        assert search.search(question, Level.PAGE, 5, EVERYWHERE, 2, 2) == []
        index.close()


def test_documents_of_an_earlier_version_get_their_codes_and_others_are_not_looked_for(tmp_path: Path) -> None:
    with Library(tmp_path / "library") as library:
        with closing(Index(library, HashEmbedding())) as index, index.writing():
            index.add(document(library, "a.pdf", "The dome opened in 2017."), "/a.pdf")
        codes_of = "SELECT level, entries, bits FROM codes ORDER BY level"
        before = library.connection.execute(codes_of).fetchall()
        with library.writer(), library.transaction() as connection:
            connection.execute("DELETE FROM codes")
            connection.execute("DELETE FROM meta WHERE key = 'codes'")
        Index(library, HashEmbedding()).close()
        assert library.connection.execute(codes_of).fetchall() == before
        statements: list[str] = []
        library.connection.set_trace_callback(statements.append)
        Index(library, HashEmbedding()).close()
        assert statements
        assert not [statement for statement in statements if "documents" in statement or "codes c" in statement]


def test_products_with_signs_are_those_of_the_numbers_they_stand_for() -> None:
    source = np.random.default_rng(5)
    rows, vector = source.normal(size=(9, 200)), source.normal(size=200)
    expected = np.where(rows > 0, 1.0, -1.0) @ vector
    assert np.allclose(products_with_signs(pack_signs(rows).T, vector), expected)


def test_the_first_dimensions_choose_and_all_numbers_order(report_library: Path) -> None:
    with Pipeline(Settings(library=report_library)) as whole, closing(SignBitIndex(whole.library, 64)) as short:
        question = whole.index.query_vector("capital expenditure in 2018")
        total = whole.index.count(Level.ELEMENT)
        exact = whole.index.vectors(question, Level.ELEMENT, 5)
        assert short.search(question, Level.ELEMENT, 5, EVERYWHERE, total, total) == exact
        ids, rows = vectors.of_scope(whole.library.connection, Level.ELEMENT, EVERYWHERE)
        numbers = rows.astype(np.float32)
        farthest = int((np.sign(numbers[:, :64]) @ numbers[0, :64]).argmin())
        mixed = np.concatenate([numbers[0, :64], 4 * numbers[farthest, 64:]])
        of_all, of_first = (
            index.search(mixed, Level.ELEMENT, 1, EVERYWHERE, total, total)[0][0]
            for index in (SignBitIndex(whole.library), short)
        )
    assert of_all == ids[farthest]
    assert of_first != ids[farthest]
    with Pipeline(Settings(library=report_library, first_dimensions=64)) as pipeline:
        assert pipeline.index.vectors(question, Level.ELEMENT, 5) == exact
