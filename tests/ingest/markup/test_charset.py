"""Texts in the encodings that people still save them in."""

from __future__ import annotations

import pytest

from octavo.ingest import ReadError
from octavo.ingest.markup.charset import decode

GERMAN = "Die Größe der Flächen ist für alle Räume gleich."
FRENCH = "L'été dernier, les élèves ont visité le château. À bientôt !"
POLISH = "Zażółć gęślą jaźń. Sprzedaż wzrosła o 12 procent w województwie łódzkim."
RUSSIAN = "Выручка в 2021 году составила 48,3 млн евро."
UKRAINIAN = "Виручка компанії зросла на 12 відсотків."
GREEK = "Τα έσοδα αυξήθηκαν κατά 12%."
HEBREW = "ההכנסות גדלו ב-12 אחוזים השנה"
JAPANESE = "2021年の売上高は48億円でした。従業員は412人です。"
CHINESE = "公司2021年营业收入为48.3亿元，净利润为9.6亿元。"
KOREAN = "2021년 매출은 48억 원이었습니다. 직원은 412명입니다."
ENGLISH = "Revenue in 2021 was 48.3 million euros."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        ("Größe", "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso2022-jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "cp949"),
        (ENGLISH, "utf-16-le"),
        (ENGLISH, "utf-16-be"),
        (UKRAINIAN, "koi8-u"),
        (RUSSIAN, "cp866"),
        (HEBREW, "cp1255"),
        (GREEK, "cp1253"),
        (GERMAN, "cp850"),
        (GERMAN, "mac-roman"),
        ("Przychody wzrosły, gęślą jaźń", "iso8859-2"),
        ("The company’s “net” revenue – €12 – at the café", "cp1252"),
        (CHINESE, "utf-16"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "utf-32"),
    ],
)
def test_a_text_that_does_not_say_its_encoding_is_read(text: str, encoding: str) -> None:
    assert decode(f"{text}\r\n{text}".encode(encoding), "a.txt") == f"{text}\n{text}"


@pytest.mark.parametrize(
    ("lead", "text", "encoding"),
    [
        ("<meta charset=gb2312>", CHINESE, "gb18030"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', JAPANESE, "cp932"),
        ("<meta charset='iso-8859-1'>", "30 € – “quoted”", "cp1252"),
        ('<?xml version="1.0" encoding="windows-1253"?>', "Τα έσοδα το 2021", "cp1253"),
        ("<meta charset=windows-1255>", "ההכנסות בשנת 2021", "cp1255"),
        ("<meta charset=windows-874>", "รายได้ในปี 2021", "cp874"),
        ("<meta charset=no-such-thing>", GERMAN, "cp1252"),
        ("<meta charset=windows-1251>", RUSSIAN, "utf-8"),
    ],
)
def test_a_declared_charset_counts_unless_the_bytes_contradict_it(lead: str, text: str, encoding: str) -> None:
    assert decode((lead + text).encode(encoding), "a.html") == lead + text


def test_binary_data_is_no_text() -> None:
    with pytest.raises(ReadError, match=r"a\.txt is no text: it holds binary data"):
        decode(bytes(range(256)) * 4, "a.txt")
