"""Messages whose attachments Outlook packed into `winmail.dat`, written attribute by attribute (MS-OXTNEF)."""

from __future__ import annotations

import struct
from email.message import EmailMessage
from pathlib import Path

import pytest

from octavo.ingest import ReadOptions
from octavo.ingest.readers import open
from octavo.ingest.readers.winmail import SIGNATURE, unpack


def attribute(level: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def wide(name: int, text: str) -> bytes:
    value = (text + "\0").encode("utf-16-le")
    return struct.pack("<HHII", 0x1F, name, 1, len(value)) + value + bytes(-len(value) % 4)


def winmail() -> bytes:
    properties = struct.pack("<I", 3) + struct.pack("<HHI", 0x3, 0x3FDE, 65001) + wide(0x1013, "<p>Rent: <b>2,950</b>")
    names = struct.pack("<I", 1) + wide(0x3707, "Kosten der Größe.csv")
    return (
        SIGNATURE
        + struct.pack("<H", 1)
        + b"".join(
            (
                attribute(1, 0x69003, properties),
                attribute(2, 0x69002, bytes(14)),
                attribute(2, 0x18010, b"KOSTEN~1.CSV\0"),
                attribute(2, 0x6800F, b"Plant,Cost\nAshby,7\n"),
                attribute(2, 0x69005, names),
                attribute(2, 0x69002, bytes(14)),
                attribute(2, 0x18010, b"notes.txt\0"),
                attribute(2, 0x6800F, b"Nutrias weigh 9 kg."),
            )
        )
    )


def test_text_and_attachments_are_unpacked_with_their_long_names() -> None:
    found = unpack(winmail())
    assert found.html == b"<p>Rent: <b>2,950</b>"
    assert found.attachments == [
        ("Kosten der Größe.csv", b"Plant,Cost\nAshby,7\n"),
        ("notes.txt", b"Nutrias weigh 9 kg."),
    ]
    assert unpack(winmail()[:-40]).attachments[0] == found.attachments[0]
    with pytest.raises(ValueError, match="no TNEF"):
        unpack(b"PK")


def test_a_message_says_what_its_winmail_holds(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Lease"
    message.add_attachment(winmail(), "application", "ms-tnef", filename="winmail.dat")
    (tmp_path / "a.eml").write_bytes(bytes(message))
    source = open(tmp_path / "a.eml", ReadOptions(), workdir=tmp_path)
    assert [e.text for page in sorted(source.elements) for e in source.elements[page]] == [
        "Subject: Lease",
        "Rent: 2,950",
        "Plant | Cost\nAshby | 7",
        "Nutrias weigh 9 kg.",
    ]
    assert (source.labels, source.problems) == (("", "Kosten der Größe.csv 1", "notes.txt 1"), ())
