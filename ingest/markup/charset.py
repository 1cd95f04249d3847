"""Texts of any encoding: by the byte order mark, the declared encoding, else the first that decodes."""

from __future__ import annotations

import codecs
import re
import unicodedata
from itertools import pairwise

from octavo.ingest.errors import ReadError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,400}?charset\s*=\s*["']?([\w.:-]+)""", re.I
)
_SUPERSETS = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
"""The encodings that declared ones mean in practice, as browsers take them (WHATWG Encoding)."""
_ALIASES = {
    "windows-874": "cp874", "dos-874": "cp874", "iso-8859-8-i": "cp1255", "iso-8859-8-e": "cp1255",
    "iso-8859-6-i": "iso8859-6", "x-x-big5": "big5hkscs", "x-sjis": "cp932", "ms_kanji": "cp932",
    "windows-31j": "cp932", "x-mac-cyrillic": "mac_cyrillic", "x-mac-roman": "mac_roman", "unicode-1-1-utf-8": "utf-8",
}  # fmt: skip
"""Names that pages declare and Python does not know."""
_CANDIDATES = [
    "cp1252", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp874",
]  # fmt: skip
_ALPHABETS = (
    ("cp1252", "äöüß"), ("cp1252", "àâæçéèêëîïôœùûü"), ("cp1252", "áéíñóúü"), ("cp1252", "àèéìíòóù"),
    ("cp1252", "ãáàâçéêíõóôú"), ("cp1252", "æøåéö"), ("cp1252", "äöåé"), ("cp1250", "ąćęłńóśźż"),
    ("cp1250", "áčďéěíňóřšťúůýž"), ("cp1250", "áéíóöőúüű"), ("cp1250", "ăâîşţ"), ("cp1250", "čćđšž"),
    ("cp1254", "çğıöşüİ"), ("iso8859-2", "ąćęłńóśźż"), ("iso8859-2", "áčďéěíňóřšťúůýž"),
)  # fmt: skip
"""The letters beyond ASCII of languages whose encodings differ in a few letters only."""
_OLD = (
    ("cp850", "äöüß"), ("cp850", "àâçéèêëîïôùû«»"), ("mac_roman", "äöüß„“–"), ("mac_roman", "àâçéèêëîïôœùû’«»–"),
)  # fmt: skip
"""Encodings of DOS and of old Macs, taken where they explain each sign of a text and cp1252 does not."""
_FREQUENT = (
    ("cp1251", "оеаинтсрв"), ("koi8_u", "оеаинтсрв"), ("cp866", "оеаинтсрв"), ("mac_cyrillic", "оеаинтсрв"),
    ("iso8859-5", "оеаинтсрв"), ("cp1253", "αοιετνσςη"), ("cp1255", "יולהאמרתש"), ("cp1256", "اليمونرتب"),
    ("cp874", "านรกอเงมย"),
)  # fmt: skip
"""The most frequent letters of languages in other scripts, of which a text in the right encoding has about half."""
_SHARE = 0.35
_MANY_BYTES = {"cp932", "euc_jp", "gb18030", "big5", "cp949"}
_SAMPLE = 200_000


def decode(data: bytes, name: str) -> str:
    """Returns the text of a file called `name`; raises `ReadError` where it is no text.

    >>> decode("<meta charset=windows-1251><p>Выручка".encode("cp1251"), "a.html")
    '<meta charset=windows-1251><p>Выручка'
    """
    text = data.decode(_encoding(data), "replace").removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    sample = text[:_SAMPLE]
    odd = sum(unicodedata.category(c) in ("Cc", "Cn") and c not in "\n\t\f\x1b\x1a\x0b" for c in sample)
    if odd + sample.count("\ufffd") > 0.02 * len(sample):
        raise ReadError(f"{name} is no text: it holds binary data.")
    return text


def _encoding(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return encoding
    if wide := _wide(data[:4096]):
        return wide
    if re.search(rb"\x1b\$[@B]", data[:_SAMPLE]):
        return "iso2022_jp"
    if _decodes(data, "utf-8"):
        return "utf-8"
    if declared := _declared_charset(data[:4096]):
        return declared
    return _detected_charset(data[:_SAMPLE])


def _wide(start: bytes) -> str:
    """Recognizes UTF-16 without a byte order mark: every second byte of ASCII is zero, or of the ends of lines."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    for encoding, many, few in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if not many or few > 0.05 * len(start) / 2:
            continue
        text = start[: len(start) // 2 * 2].decode(encoding, "replace")
        if sum(" " <= c <= "~" or c in "\r\n\t" for c in text) > 0.6 * len(text):
            return encoding
        if b"\n\x00" in start + b"\x00\n" and sum(c.isalnum() or c.isspace() for c in text) > 0.7 * len(text):
            return encoding
    return ""


def _declared_charset(start: bytes) -> str:
    for match in _DECLARED.finditer(start):
        name = (match[1] or match[2]).decode("ascii").lower()
        try:
            encoding = codecs.lookup(_ALIASES.get(name, name.removeprefix("x-"))).name
        except LookupError:
            continue
        if not encoding.startswith(("utf-16", "utf-32")):
            return _SUPERSETS.get(encoding, encoding)
    return ""


def _detected_charset(data: bytes) -> str:
    from charset_normalizer import from_bytes

    if _decodes(data, "euc_jp"):
        text = data.decode("euc_jp", "ignore")
        if sum("\u3041" <= c <= "\u30ff" for c in text) > 0.1 * sum(c > "\x7f" for c in text):
            return "euc_jp"
    best = from_bytes(data, cp_isolation=_CANDIDATES, threshold=0.3).best()
    encoding = best.encoding if best else "cp1252"
    if encoding in _MANY_BYTES and not _is_half_width(data, encoding):
        return encoding
    other = sum(byte > 0x7F for byte in data)
    return (
        _latin(data)
        if other < sum(byte < 0x80 and chr(byte).isalpha() for byte in data)
        else _by_letters(data, encoding)
    )


def _by_letters(data: bytes, otherwise: str) -> str:
    """Returns the encoding of a script other than Latin in which most letters are frequent ones of a language."""

    def share(choice: tuple[str, str]) -> float:
        encoding, letters = choice
        text = data.decode(encoding, "replace")
        other = sum(c > "\x7f" for c in text)
        flips = sum(a.islower() and b.isupper() for a, b in pairwise(text))
        return (sum(c in letters for c in text.lower()) - flips) / max(1, other)

    best = max(_FREQUENT, key=share)
    return best[0] if share(best) >= _SHARE else otherwise


def _is_half_width(data: bytes, encoding: str) -> bool:
    """Returns true for a text of half-width Japanese letters alone, for which other alphabets are taken."""
    text = [c for c in data.decode(encoding, "ignore") if c > "\x7f"]
    return sum("\uff61" <= c <= "\uff9f" for c in text) > 0.5 * len(text)


def _latin(data: bytes) -> str:
    """Returns the Latin encoding in which most of the letters beyond ASCII belong to one language."""

    def fit(choice: tuple[str, str]) -> int:
        encoding, letters = choice
        return sum(c in letters for c in data.decode(encoding, "ignore").lower() if c > "\x7f")

    best = max(_ALPHABETS, key=fit)
    old = max(_OLD, key=fit)
    others = sum(byte > 0x7F for byte in data)
    return old[0] if others > 1 and fit(old) == others > fit(best) else best[0]


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return False
    return True
