"""Messages: EML and MHTML, MSG. Head and text first, attachments after them."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from octavo.ingest.errors import ReadError
from octavo.ingest.markup import html, text
from octavo.ingest.markup.blocks import MarkupContent, TextBlock
from octavo.ingest.markup.charset import decode
from octavo.ingest.markup.pictures import Pictures
from octavo.ingest.options import ReadOptions
from octavo.ingest.readers import winmail
from octavo.ingest.readers.base import Source
from octavo.ingest.readers.bundle import Part, join_parts
from octavo.ingest.readers.kinds import MSG
from octavo.ingest.readers.web import source_of

_HEAD = ("From", "To", "Cc", "Date", "Subject")


def read(path: Path, media_type: str, options: ReadOptions, workdir: Path, password: str) -> Source:
    """Returns a message and its attachments as one document."""
    content, parts = _msg(path) if media_type == MSG else _eml(path)
    source = source_of(content, path, media_type, options, workdir)
    return join_parts(path, media_type, source, parts, options, workdir) or source


def _eml(path: Path) -> tuple[MarkupContent, list[Part]]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    try:
        head = [(name, str(message[name])) for name in _HEAD if message[name]]
        body_part = message.get_body(("html", "plain"))
        inside = {key: part.get_payload(decode=True) for part in message.walk() for key in _addresses(part)}
        attached = [(_name(part, n), _payload(part)) for n, part in enumerate(message.iter_attachments(), 1)]
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        raise ReadError(f"{path.name} is no readable message: it is broken.") from error

    def find(address: str) -> bytes | None:
        data = inside.get(address.removeprefix("cid:"))
        return data if isinstance(data, bytes) else None

    body = MarkupContent("", ())
    if body_part is not None:
        message_text = _text(body_part, path.name)
        rich = body_part.get_content_type() == "text/html"
        body = html.read(message_text, find, pictures=_Inside(find)) if rich else text.read_text(message_text)
    parts: list[Part] = []
    for name, data in attached:
        packed = _unpack(data)
        if packed is None:
            parts.append((name, data))
            continue
        parts += packed.attachments
        if not body.blocks and (packed.html or packed.plain):
            rich = bool(packed.html)
            message_text = decode(packed.html or packed.plain, path.name)
            body = html.read(message_text, find) if rich else text.read_text(message_text)
    return _message(head, body), [(name, data) for name, data in parts if data]


def _unpack(data: bytes) -> winmail.Winmail | None:
    """Returns the content of an attachment that Outlook packed; `None` for any other."""
    return winmail.unpack(data) if data.startswith(winmail.SIGNATURE) else None


class _Inside(Pictures):
    """Pictures of a message lie in it under their content's id or address."""

    def _bytes(self, address: str) -> bytes | None:
        return self._find(address) or super()._bytes(address)


def _text(part: MIMEPart, name: str) -> str:
    """Returns the text of a part, in the encoding that it declares where there is such a one."""
    data = _payload(part)
    try:
        return data.decode(part.get_content_charset() or "ascii").replace("\r\n", "\n")
    except (LookupError, UnicodeDecodeError):
        return decode(data, name) if data else ""


def _addresses(part: MIMEPart) -> list[str]:
    if part.get_content_maintype() != "image":
        return []
    return [value.strip().strip("<>") for name in ("Content-ID", "Content-Location") if (value := part[name])]


def _payload(part: MIMEPart) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0)
        return bytes(inner) if isinstance(inner, EmailMessage) else b""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _name(part: MIMEPart, number: int) -> str:
    if name := part.get_filename():
        return str(name)
    return f"attachment {number}" + (".eml" if part.get_content_type() == "message/rfc822" else "")


def _msg(path: Path) -> tuple[MarkupContent, list[Part]]:
    from oxmsg import Message

    try:
        message = Message.load(str(path))
        headers = {name.lower(): value for name, value in (message.message_headers or {}).items()}
        to = headers.get("to") or ", ".join(f"{part.name} <{part.email_address}>" for part in message.recipients)
        date = headers.get("date") or str(message.sent_date or "")
        values = (message.sender, to, headers.get("cc", ""), date, message.subject)
        head = [(name, str(value)) for name, value in zip(_HEAD, values, strict=True) if value]
        rich, plain = message.html_body, message.body
        attached = [
            (part.file_name or f"attachment {n}", part.file_bytes or b"")
            for n, part in enumerate(message.attachments, 1)
        ]
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, UnicodeError) as error:
        raise ReadError(f"{path.name} is no readable message: it is broken.") from error
    body = html.read(rich, lambda address: None) if rich else text.read_text(plain or "")
    empty = [name for name, data in attached if not data]
    notes = (f"attached, and without bytes of their own to be read: {', '.join(empty)}",) if empty else ()
    content = _message(head, replace(body, problems=(*body.problems, *notes)))
    return content, [(name, data) for name, data in attached if data]


def _message(head: list[tuple[str, str]], body: MarkupContent) -> MarkupContent:
    lines = [f"{name}: {' '.join(value.split())}" for name, value in head]
    subject = next((value for name, value in head if name == "Subject"), "")
    return MarkupContent(subject, (*([TextBlock.of(*lines)] if lines else []), *body.blocks), body.problems)
