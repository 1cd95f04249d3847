"""Passwords are slow hashes, guesses are slowed down and logged, and who is in stays in."""

from __future__ import annotations

import asyncio
import logging

import pytest

from octavo.apps.chat import accounts
from octavo.apps.chat.accounts import TRIES, Accounts, LockedError, hash_password, verify_password
from octavo.apps.chat.options import ChatOptions


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def check(made: Accounts, name: str, password: str, address: str = "10.0.0.1") -> bool:
    return asyncio.run(made.check(name, password, address))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def made(clock: Clock) -> Accounts:
    return Accounts(ChatOptions(users={"ann": "s3cret", "bén": "pä:ss"}).users, clock)


def test_the_options_hold_hashes_only() -> None:
    options = ChatOptions(users={"ann": "s3cret"})
    assert "s3cret" not in repr(options.users)
    assert verify_password("s3cret", options.users["ann"])
    assert not verify_password("S3cret", options.users["ann"])
    assert ChatOptions(users=options.users).users == options.users
    assert hash_password("scrypt$not$ahash") != "scrypt$not$ahash"


def test_right_and_wrong_passwords(made: Accounts) -> None:
    assert check(made, "ann", "s3cret")
    assert check(made, "bén", "pä:ss")
    for name, password in (("ann", "S3cret"), ("ann", ""), ("eve", "s3cret"), ("", ""), ("bén", "s3cret")):
        assert not check(made, name, password)


def test_an_unknown_user_takes_as_long_as_a_known_one(made: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr(accounts, "verify_password", lambda password, hash: bool(looked.append(hash)))
    check(made, "ann", "wrong")
    check(made, "eve", "wrong")
    assert len(looked) == 2


def test_guesses_are_logged_locked_out_and_forgotten(
    made: Accounts, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert check(made, "bén", "pä:ss")
    with caplog.at_level(logging.WARNING):
        for n in range(TRIES["user"]):
            assert not check(made, "ann", f"guess{n}\n", f"10.0.0.{n % 2}")
    assert len(caplog.records) == TRIES["user"]
    assert "'ann' from 10.0.0.1: 10 and 5 in a row" in caplog.messages[-1]
    assert "guess" not in caplog.text
    with pytest.raises(LockedError) as locked:
        check(made, "ann", "s3cret", "10.0.0.9")
    assert locked.value.seconds == 1
    assert check(made, "bén", "pä:ss", "10.0.0.1")
    clock.now += 1.1
    assert not check(made, "ann", "one more")
    clock.now += 1.1
    with pytest.raises(LockedError):  # each pause is twice as long
        check(made, "ann", "s3cret")
    clock.now += 1.1
    assert check(made, "ann", "s3cret")
    assert not check(made, "ann", "begins again")
    assert not check(made, "ann", "and is not locked")


def test_an_address_that_tries_many_names_is_locked_out_and_those_who_are_in_stay_in(made: Accounts) -> None:
    assert check(made, "ann", "s3cret")
    for n in range(TRIES["address"]):
        assert not check(made, f"user{n}", "x")
    with pytest.raises(LockedError):
        check(made, "bén", "pä:ss")
    assert check(made, "ann", "s3cret")
    assert not check(made, "bén", "wrong", "10.0.0.2")
