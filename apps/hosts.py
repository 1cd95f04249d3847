"""Addresses that servers listen at, and requests that reach them by another name or from another site."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping


def is_loopback(host: str) -> bool:
    """Returns whether only this machine can reach a server that listens at `host`, a name or an IP address.

    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_own_name(name: str, host: str) -> bool:
    """Returns whether the `Host` of a request is this machine, or the `host` that a server listens at.

    A name of elsewhere that leads here is another site's attempt to read this machine's servers (DNS rebinding).

    >>> [is_own_name(name, "127.0.0.1") for name in ("localhost:8080", "[::1]:8080", "[::1]", "evil.example")]
    [True, True, True, False]
    """
    name = name if name.endswith("]") else name.rsplit(":", 1)[0]
    return name in ("localhost", "127.0.0.1", "[::1]", host)


def is_cross_site(method: str, headers: Mapping[str, str]) -> bool:
    """Returns whether the page of another site makes the browser change something here.

    >>> is_cross_site("POST", {"host": "127.0.0.1:8080", "origin": "https://evil.example"})
    True
    >>> is_cross_site("POST", {"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"})
    False
    """
    origin = headers.get("origin")
    return (
        method not in ("GET", "HEAD") and origin is not None and origin.partition("://")[2] != headers.get("host", "")
    )
