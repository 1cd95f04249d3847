"""Every target takes every input: those that once failed (`corpus`), and as many others as there is time for.

`OCTAVO_FUZZ_SECONDS` is the time of each target in the slow test; 300 where it is not set. An input that fails is
written into `corpus`, made as small as Hypothesis can, so that it is tried from then on.
"""

from __future__ import annotations

import hashlib
import io
import os
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
SECONDS = float(os.environ.get("OCTAVO_FUZZ_SECONDS", "300"))
ROUND = 500
MOST = 2.0
"""Seconds of the processor that an input of a few thousand bytes may take."""


def _packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("word/document.xml", "<w:document/>" * 20, zipfile.ZIP_DEFLATED)
    return out.getvalue()


WORDS = [
    *"[]()<>{}|“”*_`#&;:,.-–!?'\"\n\t 0123456789aZéß中\u202e\u00ad\u200b\ud800\ufffd",
    "[1]", "[1, 2]", "【3】", "[1-3]", "[Evidence 1]", "[source: 2†L3]", "[99]", "see [", " and ", " to ", "page ",
    "Figure 3", "on pages 3-7", "in 2018", "$1,577", "12%", "e.g. ", "U.S. ", "Mr. ", "“a | b”, under “c | d” [1]",
    "```", "![x](y)", "<p>", "</p>", "<table>", "<tr>", "<td colspan=9 rowspan=7>", "</table>", "<script>", "<style>",
    "<br/>", "<!--", "-->", "<![CDATA[", "&#xD800;", "&nbsp;", "<math><mfrac>", "<svg>", "<img src=x onerror=y>",
    "<ol start=-5>", "<li>", "<h1>", "- ", "1. ", "| a | b |\n|---|---|\n", "> ", "    ", "---\n",
    "<?xml version='1.0' encoding='utf-16'?>", "<!doctype html>", "PK\x03\x04", "%PDF-1.7", "{\\rtf1", "\x00",
]  # fmt: skip
SEEDS = [_packed(), *(path.read_bytes() for path in sorted(CORPUS.glob("*/*")))]


def _bytes(words: list[str], times: int) -> bytes:
    return ("".join(words) * times).encode("utf-8", "surrogatepass")[:6_000]


def _mutated(data: bytes, at: int, cut: int, put: bytes) -> bytes:
    place = at % (len(data) + 1)
    return (data[:place] + put + data[place + cut :])[:6_000]


PIECES = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=30)
INPUTS = st.one_of(
    st.builds(_bytes, PIECES, st.sampled_from([1, 1, 1, 9, 200])),
    st.builds(_mutated, st.sampled_from(SEEDS), st.integers(0, 6_000), st.integers(0, 40), st.binary(max_size=12)),
    st.binary(max_size=300),
)


def attempt(name: str, data: bytes) -> None:
    """One input; it also fails where it takes far longer than its length explains."""
    started = time.process_time()
    TARGETS[name](data)
    spent = time.process_time() - started
    assert spent < MOST, f"{spent:.1f} s of the processor for {len(data)} bytes"


def fuzz(name: str, rounds: int, number: int) -> None:
    failing: list[bytes] = []

    @seed(number)
    @settings(
        max_examples=rounds,
        database=None,
        phases=(Phase.generate, Phase.target, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(INPUTS)
    def tried(data: bytes) -> None:
        try:
            attempt(name, data)
        except Exception:
            failing.append(data)
            raise

    try:
        tried()
    except Exception:
        if failing:
            found = CORPUS / name / hashlib.sha256(failing[-1]).hexdigest()[:12]
            found.parent.mkdir(parents=True, exist_ok=True)
            found.write_bytes(failing[-1])
        raise


@pytest.mark.parametrize("name", TARGETS)
def test_earlier_failures_and_new_inputs_pass(name: str) -> None:
    for data in SEEDS:
        attempt(name, data)
    fuzz(name, 60, 1)


@pytest.mark.slow
@pytest.mark.timeout(int(SECONDS) + 600)
@pytest.mark.parametrize("name", TARGETS)
def test_as_many_inputs_as_there_is_time_for(name: str) -> None:
    until, runs = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        fuzz(name, ROUND, int(time.time()) + runs)
        runs += ROUND
    print(f"{name}: {runs} inputs")
