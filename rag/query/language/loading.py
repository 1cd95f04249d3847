"""Languages from their files (`*.toml`, one for each language)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from octavo.rag.query.language.model import AnswerKind, Language
from octavo.rag.query.language.vocabulary import (
    AmountWords,
    ConditionWords,
    DocumentWords,
    InstructionWords,
    PageWords,
    PeriodWords,
    RegionWords,
)


@cache
def languages() -> dict[str, Language]:
    """Returns all languages by their code."""
    files = (file for file in resources.files(__package__).iterdir() if file.name.endswith(".toml"))
    return {
        (code := file.name.removesuffix(".toml")): _language(code, tomllib.loads(file.read_text(encoding="utf-8")))
        for file in sorted(files, key=lambda file: file.name)
    }


def _language(code: str, data: dict[str, Any]) -> Language:
    pages, regions, instructions = data["pages"], data["regions"], data["instructions"]
    words = {name: tuple(value) for name, value in pages.items() if name not in ("and", "ordinals")}
    kinds = {name: tuple(regions[name].split()) for name in ("chart", "table", "figure", "formula")}
    return Language(
        code=code,
        name=data["name"],
        function=frozenset(data["function"].split()),
        idioms=tuple(data.get("idioms", ())),
        stop=frozenset(data.get("stop", data["function"]).split()),
        elisions=frozenset(data.get("elisions", "").split()),
        question_words=tuple((kind, tuple(data[kind])) for kind in AnswerKind),
        articles=frozenset(data["articles"].split()),
        counting=frozenset(data["counting"].split()),
        auxiliary=frozenset(data["auxiliary"].split()),
        supporting=frozenset(data.get("supporting", "").split()),
        infinitive=frozenset(data.get("infinitive", "").split()),
        head_first=data["head_first"],
        generic=frozenset(data["generic"].split()),
        vague=frozenset(data["vague"].split()),
        alternative=frozenset(data["alternative"].split()),
        money=frozenset(data["money"].split()),
        price_words=frozenset(data["price_words"].split()),
        opinion=tuple(data["opinion"]),
        means=tuple(data["means"]),
        being=tuple(data["being"]),
        numbers=tuple(data["numbers"].split()),
        tens=tuple(data["tens"].split()),
        months=tuple(data["months"].split()),
        weekdays=tuple(data["weekdays"].split()),
        quarter=data["quarter"],
        people=frozenset(data["people"].split()),
        quantity=tuple(data["quantity"].split()),
        synonyms=tuple(map(tuple, data["synonyms"])),
        rewordings=tuple((form, word) for form, word in data.get("rewordings", ())),
        measures={word: tuple(names) for word, names in data["measures"].items()},
        lesser=frozenset(data["lesser"].split()),
        yes=data["yes"],
        no=data["no"],
        depends=data["depends"],
        pages=PageWords(
            conjunctions=tuple(pages["and"]),
            ordinals=tuple(tuple(forms.split()) for forms in pages["ordinals"]),
            **words,
        ),
        regions=RegionWords(**kinds, captions={name: tuple(forms) for name, forms in regions["captions"].items()}),
        document=DocumentWords(**{name: tuple(value.split()) for name, value in data["document"].items()}),
        periods=PeriodWords(
            quarter=tuple(data["periods"]["quarter"].split()),
            ordinals=tuple(tuple(forms.split()) for forms in data["periods"]["ordinals"]),
            latest=tuple(data["periods"]["latest"]),
            issue=tuple(data["periods"]["issue"].split()),
            earlier=tuple(data["periods"]["earlier"].split()),
            weekend=tuple(data["periods"]["weekend"]),
            working_days=tuple(data["periods"]["working_days"]),
            begins=tuple(data["periods"]["begins"].split()),
            ends=tuple(data["periods"]["ends"].split()),
        ),
        instructions=InstructionWords(
            starts=tuple(instructions["starts"]),
            conditions=tuple((tuple(c["starts"]), tuple(c["holds"])) for c in instructions["conditions"]),
            roles=tuple(instructions["roles"]),
        ),
        amounts=_amount_words(data["amounts"]),
        plans={
            plan: {name: tuple(forms) for name, forms in patterns.items()} for plan, patterns in data["plans"].items()
        },
        conditions=ConditionWords(**{name: tuple(words) for name, words in data["conditions"].items()}),
    )


def _amount_words(data: dict[str, Any]) -> AmountWords:
    words: dict[str, Any] = {
        name: frozenset(value.split()) if isinstance(value, str) else tuple(value) for name, value in data.items()
    }
    return AmountWords(**words)
