"""Messages that Outlook packs into `winmail.dat` (TNEF, MS-OXTNEF): their text and attachments."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

SIGNATURE = b"\x78\x9f\x3e\x22"
_TITLE, _DATA, _BEGINS, _BODY, _ATTACHMENT, _PROPERTIES = 0x18010, 0x6800F, 0x69002, 0x2800C, 0x69005, 0x69003
_LONG_NAME, _PLAIN, _HTML = 0x3707, 0x1000, 0x1013
_SIZES = {0x2: 4, 0x3: 4, 0x4: 4, 0x5: 8, 0x6: 8, 0x7: 8, 0xA: 4, 0xB: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_TEXTS = {0x1E, 0x1F, 0x102, 0xD}


@dataclass
class Winmail:
    """The text of a message, as HTML where there is such, and its attachments with their names."""

    plain: bytes = b""
    html: bytes = b""
    attachments: list[tuple[str, bytes]] = field(default_factory=list)


def unpack(data: bytes) -> Winmail:
    """Unpacks a `winmail.dat`, as far as it is whole; raises `ValueError` where it is none."""
    if not data.startswith(SIGNATURE):
        raise ValueError("no TNEF")
    result = Winmail()
    for kind, value in _attributes(data):
        if kind == _BODY:
            result.plain = value.rstrip(b"\0")
        elif kind == _PROPERTIES:
            properties = dict(_mapi(value))
            result.html = properties.get(_HTML, result.html)
            result.plain = result.plain or properties.get(_PLAIN, b"")
        elif kind == _BEGINS:
            result.attachments.append((f"attachment {len(result.attachments) + 1}", b""))
        elif not result.attachments:
            continue
        else:
            name, content = result.attachments[-1]
            if kind == _TITLE:
                name = value.rstrip(b"\0").decode("cp1252", "replace") or name
            elif kind == _DATA:
                content = value
            elif kind == _ATTACHMENT and (long := dict(_mapi(value)).get(_LONG_NAME)):
                name = long.decode("utf-8", "replace")
            result.attachments[-1] = name, content
    return result


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the attributes of a message and of its attachments: what each is, and its bytes."""
    at = 6
    while at + 9 <= len(data):
        kind, size = struct.unpack_from("<II", data, at + 1)
        yield kind, data[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _mapi(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the properties in an attribute that are texts (as UTF-8) or bytes, up to the first of an unknown type."""
    at = 4
    while at + 4 <= len(data):
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:  # named by a GUID and a number or a text
            (by_text,) = struct.unpack_from("<I", data, at + 16) if at + 20 <= len(data) else (0,)
            (length,) = struct.unpack_from("<I", data, at + 20) if at + 24 <= len(data) else (0,)
            at += 20 + (4 + _pad(length) if by_text else 4)
        base = kind & 0xFFF
        if base in _SIZES and not kind & 0x1000:
            at += _SIZES[base]
            continue
        if base not in _TEXTS or at + 4 > len(data):
            return
        (count,) = struct.unpack_from("<I", data, at)
        at += 4
        for _ in range(min(count, len(data))):
            if at + 4 > len(data):
                return
            (size,) = struct.unpack_from("<I", data, at)
            value = data[at + 4 : at + 4 + size]
            at += 4 + _pad(size)
            if base == 0x1F:
                value = value.decode("utf-16-le", "replace").rstrip("\0").encode()
            yield name, value.rstrip(b"\0") if base == 0x1E else value


def _pad(size: int) -> int:
    return size + -size % 4
