"""Values of spreadsheet cells as their number formats show them (ECMA-376, part 1, 18.8.31)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from fractions import Fraction

_SECTION = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]+|;|.')
_TOKEN = re.compile(
    r'"(?P<text>[^"]*)"|\\(?P<letter>.)|_.|\*.|\[\$(?P<money>[^\]-]*)[^\]]*\]|\[(?P<elapsed>h+|m+|s+)\]|\[[^\]]*\]'
    r"|(?P<half>AM/PM|A/P)|(?P<date>y+|m+|d+|h+|s+)(?P<parts>\.0+)?|(?P<general>General)"
    r"|(?P<digits>(?:[0#?]+ )?[0#?]+/[0#?\d]+|[0#?][0#?.,/]*(?:E[+-]?[0#?]+)?|\.[0#?]+)|(?P<other>.)",
    re.I,
)
_EPOCH = dt.datetime(1899, 12, 30)
_LAST_DAY = 2_958_466
"""The number of the day after 31 December 9999."""
_DATES = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.|\*.')


def format_value(value: object, number_format: str = "General") -> str:
    """Returns a value as its cell shows it.

    >>> format_value(1234.5, '#,##0.00 "EUR"'), format_value(0.256, "0.0%"), format_value(-3, "#,##0;(#,##0)")
    ('1,234.50 EUR', '25.6%', '(3)')
    >>> format_value(1234.5)
    '1234.5'
    >>> import datetime
    >>> format_value(datetime.datetime(2021, 3, 4, 8, 5), "d mmm yyyy hh:mm"), format_value(1234567, '0.0,,"M"')
    ('4 Mar 2021 08:05', '1.2M')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return _moment(value, number_format)
    if not isinstance(value, int | float):
        return " ".join(_text(str(value), number_format).split())
    sections = _sections(number_format)
    if _is_moment(sections[0]) and 0 <= value < _LAST_DAY:
        return _moment(_EPOCH + dt.timedelta(days=value), number_format)
    section, number = sections[0], float(value)
    if number < 0 and len(sections) > 1:
        section, number = sections[1], -number
    elif number == 0 and len(sections) > 2:
        section = sections[2]
    return " ".join(_number(value if number == value else number, section).split())


def _is_moment(section: str) -> bool:
    """Returns true for a format that shows a number as a date or a time."""
    tokens = list(_TOKEN.finditer(section))
    return any(match["date"] for match in tokens) and not any(
        match["digits"] or match["general"] or match["elapsed"] for match in tokens
    )


def _text(value: str, number_format: str) -> str:
    """Returns a text with what its format puts around it."""
    section = _sections(number_format)[-1]
    if "@" not in _bare(section):
        return value
    parts = (match["text"] or match["letter"] or match["other"] or "" for match in _TOKEN.finditer(section))
    return "".join(value if part == "@" else part for part in parts)


def _sections(number_format: str) -> list[str]:
    sections = [""]
    for part in _SECTION.findall(number_format):
        if part == ";":
            sections.append("")
        else:
            sections[-1] += part
    return sections


def general(value: float) -> str:
    """Returns a number where no format is set, with up to eleven digits."""
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e11):
        return str(int(value))
    return (f"{value:.10g}" if abs(value) >= 1e-4 else f"{value:.6g}").upper()


def _number(value: float, section: str) -> str:
    scaled = value * 100 ** _bare(section).count("%")
    out, sign, done = "", "-" if value < 0 else "", False
    groups = [match["digits"] for match in _TOKEN.finditer(section) if match["digits"]]
    if len(groups) > 1 and all(set(group) <= set("0#?") for group in groups):
        parted = iter(_split_digits(abs(scaled), groups))
        section = _TOKEN.sub(lambda m: f'"{next(parted)}"' if m["digits"] else m[0], section)
    for match in _TOKEN.finditer(section):
        if match["text"] is not None:
            out += match["text"]
        elif match["letter"] is not None:
            out += match["letter"]
        elif match["money"] is not None:
            out += match["money"]
        elif match["general"]:
            out += general(abs(scaled))
        elif match["digits"] and not done:
            out += _digits(abs(scaled), match["digits"])
            done = True
        elif match["digits"] or match["date"]:
            out += "" if match["digits"] else match["date"]
        elif match["other"] and match["other"] != "@":
            out += match["other"]
        elif match["other"] == "@":
            out += general(scaled)
    return sign + out if out.strip() else (sign + general(abs(value)) if not section else "")


def _digits(value: float, pattern: str) -> str:
    if "/" in pattern:
        return _fraction(value, pattern)
    mantissa, _, exponent = re.sub("e", "E", pattern).partition("E")
    if exponent:
        digits = f"{value:.{len(mantissa.partition('.')[2])}e}"
        base, _, power = digits.partition("e")
        width = sum(c in "0#?" for c in exponent)
        return f"{base}E{'-' if power[0] == '-' else '+' if exponent[0] == '+' else ''}{int(power[1:]):0{width}d}"
    whole, _, decimals = pattern.partition(".")
    tail = len(whole) - len(whole.rstrip(",")) if not decimals else len(decimals) - len(decimals.rstrip(","))
    value /= 1000**tail
    whole, decimals = whole.rstrip(",") if not decimals else whole, decimals.rstrip(",")
    most, least = len(decimals), decimals.count("0")
    digits = f"{value + 1e-12 * abs(value):,.{most}f}" if "," in whole else f"{value + 1e-12 * abs(value):.{most}f}"
    head, _, part = digits.partition(".")
    while len(part) > least and part.endswith("0"):
        part = part[:-1]
    zeros = whole.count("0")
    if not zeros and head == "0":
        head = ""
    head = head.rjust(zeros, "0") if "," not in whole else head
    return f"{head}.{part}" if part else head or ("0" if not most and zeros else "")


def _split_digits(value: float, groups: Sequence[str]) -> list[str]:
    """Returns the digits of a whole number shared out among groups of places, as in a telephone number."""
    digits = str(int(value + 0.5)).rjust(sum(group.count("0") for group in groups), "0")
    results: list[str] = []
    for group in reversed(groups[1:]):
        cut = max(0, len(digits) - len(group))
        results.insert(0, digits[cut:])
        digits = digits[:cut]
    return [digits, *results]


def _fraction(value: float, pattern: str) -> str:
    below = pattern.rpartition("/")[2]
    largest = int(below) if below.isdigit() and int(below) else 10 ** max(1, len(below)) - 1
    fraction = Fraction(value).limit_denominator(largest)
    whole, rest = divmod(fraction.numerator, fraction.denominator)
    if not rest:
        return str(whole)
    return f"{whole} {rest}/{fraction.denominator}" if whole else f"{rest}/{fraction.denominator}"


def _bare(section: str) -> str:
    return _DATES.sub("", section)


def _moment(value: dt.datetime | dt.date | dt.time | dt.timedelta, number_format: str) -> str:
    if isinstance(value, dt.timedelta):
        return _elapsed_time(int(value.total_seconds()), number_format)
    section = _sections(number_format)[0]
    tokens = list(_TOKEN.finditer(section))
    if not any(match["date"] for match in tokens):
        if isinstance(value, dt.time):
            return value.strftime("%H:%M:%S")
        midnight = not isinstance(value, dt.datetime) or value.time() == dt.time()
        return value.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M:%S")
    at = (
        value
        if isinstance(value, dt.datetime)
        else (
            dt.datetime.combine(value, dt.time())
            if isinstance(value, dt.date)
            else dt.datetime.combine(dt.date(1900, 1, 1), value)
        )
    )
    halves = any(match["half"] for match in tokens)
    out, last = "", ""
    for n, match in enumerate(tokens):
        if match["text"] is not None or match["letter"] is not None:
            out += match["text"] if match["text"] is not None else match["letter"]
        elif match["half"]:
            out += "AM" if at.hour < 12 else "PM"
        elif match["date"] or match["elapsed"]:
            token = (match["date"] or match["elapsed"]).lower()
            following = next(((m["date"] or "").lower() for m in tokens[n + 1 :] if m["date"]), "")
            minutes = token[0] == "m" and len(token) <= 2 and (last == "h" or following[:1] == "s")
            out += _piece(at, token, minutes, halves)
            last = token[0]
        elif match["other"] or match["money"]:
            out += match["other"] or ""
    return " ".join(out.split())


def _elapsed_time(seconds: int, number_format: str) -> str:
    """Returns a length of time: the unit in brackets is counted whole, those after it are the rest."""
    tokens = [m for m in _TOKEN.finditer(_sections(number_format)[0]) if m["date"] or m["elapsed"] or m["other"]]
    sign, rest = "-" if seconds < 0 else "", abs(seconds)
    if not any(match["date"] or match["elapsed"] for match in tokens):
        return f"{sign}{rest // 3600}:{rest // 60 % 60:02}:{rest % 60:02}"
    sizes, wholes = {"h": 3600, "m": 60, "s": 1}, {"h": 24, "m": 60, "s": 60}
    out = ""
    for match in tokens:
        token = (match["elapsed"] or match["date"] or "").lower()
        if token[:1] not in sizes:
            out += match["other"] or ""
            continue
        count = rest // sizes[token[0]]
        out += f"{count if match['elapsed'] else count % wholes[token[0]]:0{len(token)}d}"
    return sign + out


def _piece(at: dt.datetime, token: str, minutes: bool, halves: bool) -> str:
    count = len(token)
    if token[0] == "y":
        return f"{at.year:04}" if count > 2 else f"{at.year % 100:02}"
    if minutes:
        return f"{at.minute:0{count}d}"
    if token[0] == "m":
        names = {3: at.strftime("%b"), 4: at.strftime("%B"), 5: at.strftime("%B")[:1]}
        return names.get(count, f"{at.month:0{min(count, 2)}d}")
    if token[0] == "d":
        names = {3: at.strftime("%a"), 4: at.strftime("%A")}
        return names.get(count, f"{at.day:0{min(count, 2)}d}")
    if token[0] == "h":
        return f"{((at.hour - 1) % 12 + 1) if halves else at.hour:0{min(count, 2)}d}"
    return f"{at.second:0{min(count, 2)}d}"
