"""Users with their passwords: kept as slow hashes, and guarded against being guessed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

logger = logging.getLogger(__name__)

TRIES = {"user": 10, "address": 20}
"""Wrong passwords in a row for a user, and from an address, after which each further one takes a pause."""
LONGEST_PAUSE = 300.0
"""Seconds; the first pause is one second, each further one twice as long."""
FORGOTTEN = 3600.0
"""Seconds after which wrong passwords are forgotten."""
_KNOWN = 4096
_SCHEME = "scrypt"
_HASH = re.compile(rf"{_SCHEME}\$[A-Za-z0-9+/]{{22}}==\$[A-Za-z0-9+/]{{86}}==")
_COST = {"n": 2**14, "r": 8, "p": 1}


def hash_password(password: str) -> str:
    """Returns a password as a salted scrypt hash (RFC 7914), about 50 ms to compute; one that is a hash already stays.

    >>> made = hash_password("s3cret")
    >>> made.startswith("scrypt$"), hash_password(made) == made, made == hash_password("s3cret")
    (True, True, False)
    """
    if _HASH.fullmatch(password):
        return password
    salt = secrets.token_bytes(16)
    return "$".join((_SCHEME, *(b64encode(part).decode() for part in (salt, _scrypt(password, salt)))))


def verify_password(password: str, hashed: str) -> bool:
    """Returns whether a password is the one that was hashed; takes as long for a wrong one."""
    _, salt, digest = hashed.split("$")
    return hmac.compare_digest(_scrypt(password, b64decode(salt)), b64decode(digest))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_COST)


class LockedError(Exception):
    """Too many wrong passwords: logins are refused for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong passwords in a row: how many, when the last one came, and until when no other is looked at (seconds)."""

    wrong: int = 0
    last: float = 0.0
    until: float = 0.0

    def and_another(self, now: float, free: int) -> Tries:
        """Returns these with one more, after which there is a pause where it is not among the first `free` - 1."""
        wrong = 1 if now - self.last > FORGOTTEN else self.wrong + 1
        pause = min(2.0 ** (wrong - free), LONGEST_PAUSE) if wrong >= free else 0.0
        return Tries(wrong, now, now + pause if pause else self.until)


Who = tuple[str, str]
"""`user` or `address`, and its name."""


class TryStore(Protocol):
    """A store that counts wrong passwords."""

    def get(self, who: Who) -> Tries:
        """Returns those of a user or an address."""
        ...

    def count(self, who: Who, now: float) -> Tries:
        """Counts another one; returns what there are then."""
        ...

    def forget(self, who: Who) -> None:
        """Forgets those of a user or an address."""
        ...


class TriesInMemory:
    """Wrong passwords as one process counts them."""

    def __init__(self) -> None:
        self._tries: dict[Who, Tries] = {}

    def get(self, who: Who) -> Tries:
        return self._tries.get(who, Tries())

    def count(self, who: Who, now: float) -> Tries:
        result = self._tries.pop(who, Tries()).and_another(now, TRIES[who[0]])
        self._tries[who] = result  # the latest comes last
        while len(self._tries) > _KNOWN:
            self._tries.pop(next(iter(self._tries)))
        return result

    def forget(self, who: Who) -> None:
        self._tries.pop(who, None)


class Accounts:
    """The users of a chat. What was right once is remembered as a keyed digest, so that only the first look is slow.

    `clock` returns seconds; where processes share `tries`, the same for all of them.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic,
        tries: TryStore | None = None,
    ) -> None:
        self._users, self._clock = dict(users), clock
        self._tries = TriesInMemory() if tries is None else tries
        self._nobody = hash_password(secrets.token_hex(16)) if users else ""
        self._secret = secrets.token_bytes(32)
        self._known: dict[bytes, str] = {}
        self._looking = asyncio.Lock()

    async def check(self, name: str, password: str, address: str) -> bool:
        """Returns whether a user has this password; raises `LockedError` after too many wrong ones.

        One password is looked at a time, so that guesses take no more than one processor.
        """
        digest = hmac.digest(self._secret, f"{name}\0{password}".encode(), "sha256")
        if self._known.get(digest) == name:
            return True
        keys = ("user", name), ("address", address)
        async with self._looking:
            now = self._clock()
            wait = max(self._tries.get(key).until - now for key in keys)
            if wait > 0:
                raise LockedError(wait)
            is_right = await asyncio.to_thread(verify_password, password, self._users.get(name, self._nobody))
            if is_right and name in self._users:
                self._known[digest] = name
                self._tries.forget(keys[0])
                while len(self._known) > _KNOWN:
                    self._known.pop(next(iter(self._known)))
                return True
            self._count_wrong(keys)
        return False

    def _count_wrong(self, keys: tuple[Who, Who]) -> None:
        counts = [self._tries.count(key, self._clock()).wrong for key in keys]
        (_, name), (_, address) = keys
        logger.warning("Wrong password for user %r from %s: %d and %d in a row", name[:60], address, *counts)
