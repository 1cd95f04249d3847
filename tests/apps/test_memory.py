"""Threads share the allocator's arenas, where the C library lets them."""

from __future__ import annotations

import platform

import pytest

from octavo.apps.memory import share_arenas


def test_arenas_are_shared_unless_the_environment_says_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    assert share_arenas() is (platform.libc_ver()[0] == "glibc")
    monkeypatch.setenv("MALLOC_ARENA_MAX", "1")
    assert not share_arenas()
