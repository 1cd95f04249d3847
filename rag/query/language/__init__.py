"""Languages of questions: their function words and question words, as data (`*.toml`, one file for each language)."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import Any

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
ENGLISH = "en"
LEAST_WORDS = 5
"""A page on which fewer function words of its best language stand is in the language of its document."""


class AnswerKind(StrEnum):
    """A kind of answer that question words ask for."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    WHY = "why"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words by which pages are called.

    `page` are words before a number, with `number` words between, and `to` and `conjunctions` for ranges and lists.
    `ordinals` are the forms of the words from first to tenth, `suffixes` what makes an ordinal of a number. A page is
    counted from the end with `before_last` between its ordinal and the word for page, or with `from_end` behind it.
    """

    page: tuple[str, ...]
    number: tuple[str, ...]
    to: tuple[str, ...]
    conjunctions: tuple[str, ...]
    ordinals: tuple[tuple[str, ...], ...]
    suffixes: tuple[str, ...]
    last: tuple[str, ...]
    before_last: tuple[str, ...]
    from_end: tuple[str, ...]
    penultimate: tuple[str, ...]
    cover: tuple[str, ...]
    no_cover: tuple[str, ...]
    back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionWords:
    """The words for kinds of regions, and how they are called in captions, by their English names."""

    chart: tuple[str, ...]
    table: tuple[str, ...]
    figure: tuple[str, ...]
    formula: tuple[str, ...]
    captions: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """Words of questions that are about a document.

    `medium` are the words for it and its pages, `parts` those for its parts and for periods. A question of `medium` and
    `whole` words only is about the document as a whole; one of `medium` and `all` words beside a kind of region is
    about all regions of that kind.
    """

    medium: tuple[str, ...]
    parts: tuple[str, ...]
    whole: tuple[str, ...]
    all: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeriodWords:
    """The words by which periods are called: those for a quarter of a year, and for its place from first to fourth.

    `ordinals` are further forms beside those of pages. `latest` phrases beside an `issue`, which comes out once a
    period, ask for the newest one; `earlier` words name those before it. `weekend` and `working_days` are two and five
    days of a week.
    """

    quarter: tuple[str, ...]
    ordinals: tuple[tuple[str, ...], ...]
    latest: tuple[str, ...]
    issue: tuple[str, ...]
    earlier: tuple[str, ...]
    weekend: tuple[str, ...]
    working_days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstructionWords:
    """Beginnings of sentences that say how to answer: `starts` alone, `conditions` where they hold one of some words.

    `roles` are the beginnings of sentences that say as whom to answer.
    """

    starts: tuple[str, ...]
    conditions: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionWords:
    """Words by which a question bounds what it asks for.

    `above`, `at_least`, `below` and `at_most` stand before a number or another measure, `after`, `before` and `since`
    before a year; `nothing` is a number of 0, `empty` a cell without text, `without` denies what follows, `lacking`
    what should be done, such as paid, `instead`
    says that something takes its place; `rose` and `fell` compare two periods, `more` and `less` the one before `than`
    with the other, which may be the `previous` one.
    `limits` are words for a number that a sentence states as a bound. `verbs` say no more than that a row has what
    stands in it. `starting` stands before the least number of a range, `upwards` and `downwards` behind a number that
    a range begins or ends with.
    """

    above: tuple[str, ...]
    at_least: tuple[str, ...]
    below: tuple[str, ...]
    at_most: tuple[str, ...]
    starting: tuple[str, ...]
    upwards: tuple[str, ...]
    downwards: tuple[str, ...]
    after: tuple[str, ...]
    before: tuple[str, ...]
    since: tuple[str, ...]
    nothing: tuple[str, ...]
    empty: tuple[str, ...]
    without: tuple[str, ...]
    lacking: tuple[str, ...]
    instead: tuple[str, ...]
    rose: tuple[str, ...]
    fell: tuple[str, ...]
    more: tuple[str, ...]
    less: tuple[str, ...]
    than: tuple[str, ...]
    previous: tuple[str, ...]
    limits: tuple[str, ...]
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AmountWords:
    """Words by which sentences and questions say what amounts are for.

    `per` stands between a price and its unit, `whom` before those who pay it ("for adults"), `joint` before a further
    unit ("per person and night"), `first`, `further` or `started` before a unit; `free` units cost nothing. `single`
    asks for one of several, `along` for something beside the thing itself, `costs` stands between a thing and its
    price. `rest` is what is left of a whole; `parts` stands before a part of the number before it, `against` before an
    earlier number. `half` is 50 percent.
    """

    per: frozenset[str]
    whom: frozenset[str]
    joint: frozenset[str]
    first: frozenset[str]
    further: frozenset[str]
    started: frozenset[str]
    free: frozenset[str]
    single: frozenset[str]
    along: frozenset[str]
    costs: frozenset[str]
    rest: frozenset[str]
    half: frozenset[str]
    parts: tuple[str, ...]
    against: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a language, by its ISO 639-1 `code`.

    `function` are words without content, `stop` those that are not searched for, `elisions` what stands before an
    apostrophe and is no part of the word behind it. `question_words` ask for a kind of answer each. `numbers` are the
    words from one to twenty, `tens` those from thirty to ninety, `weekdays` begin with Monday, `quarter` is the word
    for a quarter of a year, `people` are words for a person by what they do, `synonyms` groups of phrases that ask for
    the same thing, `rewordings` regular expressions of questions made of function words, each with a word for what they
    ask, `measures` what an adjective is measured by (heavy: weight). After its `articles` and `counting`
    words (how many) a thing is named, but for `generic` ones such as a sum; `auxiliary` verbs follow such a thing,
    whose noun is the first word where the language is `head_first`. After `supporting` verbs (does) comes the subject,
    then the verb. `money` are words of questions for an amount of money, `price_words` those that any amount of money
    answers. `vague` nouns and verbs name no matter themselves ("the idea that", "rests on"), and `alternative` words
    join two things of which one is enough. `depends` says that a yes or no has a condition. `opinion` are phrases
    of opinion and address, which state no fact. By `means` a text defines a term, and by `being` it may do so.
    """

    code: str
    name: str
    function: frozenset[str]
    stop: frozenset[str]
    elisions: frozenset[str]
    question_words: tuple[tuple[AnswerKind, tuple[str, ...]], ...]
    articles: frozenset[str]
    counting: frozenset[str]
    auxiliary: frozenset[str]
    supporting: frozenset[str]
    head_first: bool
    generic: frozenset[str]
    vague: frozenset[str]
    alternative: frozenset[str]
    money: frozenset[str]
    price_words: frozenset[str]
    opinion: tuple[str, ...]
    means: tuple[str, ...]
    being: tuple[str, ...]
    numbers: tuple[str, ...]
    tens: tuple[str, ...]
    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    quarter: str
    people: frozenset[str]
    quantity: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    rewordings: tuple[tuple[str, str], ...]
    measures: dict[str, tuple[str, ...]]
    lesser: frozenset[str]
    yes: str
    no: str
    depends: str
    pages: PageWords
    regions: RegionWords
    document: DocumentWords
    periods: PeriodWords
    instructions: InstructionWords
    conditions: ConditionWords
    amounts: AmountWords
    plans: dict[str, dict[str, tuple[str, ...]]]

    @property
    def numerals(self) -> dict[str, int]:
        """The numbers that are written as one word, by it.

        >>> numerals = languages()["de"].numerals
        >>> numerals["elf"], numerals["vierzig"]
        (11, 40)
        """
        return dict(zip(self.numbers, range(1, 21), strict=True)) | dict(
            zip(self.tens, range(30, 100, 10), strict=True)
        )

    def answer_kind(self, question: str) -> AnswerKind | None:
        """Returns the kind of answer that a question's first question word asks for.

        >>> languages()["fr"].answer_kind("À quelle heure ferme le musée ?")
        <AnswerKind.WHEN: 'when'>
        >>> languages()["en"].answer_kind("Is it open?")
        """
        question = question.lower()
        results = [
            (m.start(), -len(m[0]), kind)
            for kind, words in self.question_words
            if (m := any_of(words).search(question))
        ]
        return min(results)[2] if results else None


@cache
def languages() -> dict[str, Language]:
    """Returns all languages by their code."""
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".toml"))
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
        stop=frozenset(data.get("stop", data["function"]).split()),
        elisions=frozenset(data.get("elisions", "").split()),
        question_words=tuple((kind, tuple(data[kind])) for kind in AnswerKind),
        articles=frozenset(data["articles"].split()),
        counting=frozenset(data["counting"].split()),
        auxiliary=frozenset(data["auxiliary"].split()),
        supporting=frozenset(data.get("supporting", "").split()),
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
    words = {name: frozenset(value.split()) for name, value in data.items() if isinstance(value, str)}
    return AmountWords(parts=tuple(data["parts"]), against=tuple(data["against"]), **words)


def any_of(words: Iterable[str], flags: int = 0) -> re.Pattern[str]:
    """Returns a pattern of any of some words or phrases, whole; `any_form` is its source.

    >>> any_of(["chart", "pie chart"]).findall("a pie chart of charts")
    ['pie chart']
    """
    return _compiled(tuple(words), flags)


@lru_cache(maxsize=1024)
def _compiled(words: tuple[str, ...], flags: int) -> re.Pattern[str]:
    return re.compile(any_form(words), flags)


def any_form(words: Iterable[str]) -> str:
    """Returns a regular expression of any of some words or phrases, whole, the longest first."""
    longest_first = sorted(words, key=len, reverse=True)
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)"


def language_of(text: str) -> Language:
    """Returns the language of a question by its function words; of several, the one whose question word it begins with.

    English comes before others.

    >>> [language_of(q).code for q in ("Was kostet das?", "What is the fare?", "Qual è il prezzo?", "Umsatz")]
    ['de', 'en', 'it', 'en']
    >>> language_of("Quand a lieu la prochaine réunion ?").code
    'fr'
    """
    likely = likely_languages(text)
    if len(likely) > 1:
        likely = tuple(language for language in likely if language.answer_kind(text)) or likely
    return next((language for language in likely if language.code == ENGLISH), likely[0])


def likely_languages(text: str) -> tuple[Language, ...]:
    """Returns the languages that have the most function words of a text: all of them where there is none.

    >>> [language.code for language in likely_languages("Was steht auf Seite 5?")], len(likely_languages("Seite 5"))
    (['de'], 7)
    """
    counts = function_words(text)
    most = max(counts.values())
    return tuple(language for language in languages().values() if counts[language.code] == most)


def function_words(text: str) -> dict[str, int]:
    """Returns how many words of a text are function words of each language, by its code."""
    counts = Counter(split(text))
    return {
        code: sum(n for word, n in counts.items() if word in language.function)
        for code, language in languages().items()
    }


def languages_of_pages(texts: Sequence[str]) -> list[str]:
    """Returns the codes of the languages that the pages of a document are in.

    A page of few words is in the language of the whole document.

    >>> languages_of_pages(["Das ist der Bericht, und er ist für die Bürger der Stadt.", "Umsatz 2022: 412"])
    ['de', 'de']
    """
    pages = [function_words(text) for text in texts]
    whole = _best({code: sum(counts[code] for counts in pages) for code in languages()}, ENGLISH)
    return [_best(counts, whole) if max(counts.values()) >= LEAST_WORDS else whole for counts in pages]


def _best(counts: dict[str, int], preferred: str) -> str:
    return max(counts, key=lambda code: (counts[code], code == preferred))


def split(text: str) -> list[str]:
    """Returns the words of a text in lower case, apart from a French or Italian article: `l'abonnement` is two.

    >>> split("Combien coûte l’abonnement ?")
    ['combien', 'coûte', 'l', 'abonnement']
    """
    results = []
    for word in _WORD.findall(text.lower()):
        head, mark, rest = word.replace("’", "'").partition("'")
        results += [head, rest] if mark and len(head) <= 2 and len(rest) > 2 else [word.replace("’", "'")]
    return results
