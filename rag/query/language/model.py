"""A language: its words, numbers and question words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from octavo.rag.query.language.patterns import any_of
from octavo.rag.query.language.vocabulary import (
    AmountWords,
    ConditionWords,
    DocumentWords,
    InstructionWords,
    PageWords,
    PeriodWords,
    RegionWords,
)


class AnswerKind(StrEnum):
    """A kind of answer that question words ask for."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    WHY = "why"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Language:
    """The words of a language, by its ISO 639-1 `code`.

    `function` are words without content, `idioms` phrases that say no more than one of them, `stop` those that are
    not searched for, `elisions` what stands before an apostrophe and is no part of the word behind it.
    `question_words` ask for a kind of answer each. `numbers` are the words from one to twenty, `tens` those from
    thirty to ninety, `weekdays` begin with Monday, `quarter` is the word for a quarter of a year, `people` are words
    for a person by what they do, `synonyms` groups of phrases that ask for the same thing, `rewordings` regular
    expressions of questions made of function words, each with a word for what they ask, `measures` what an adjective
    is measured by (heavy: weight). After its `articles` and `counting` words (how many) a thing is named, but for
    `generic` ones such as a sum; `auxiliary` verbs follow such a thing, whose noun is the first word where the
    language is `head_first`. After `supporting` verbs (does) comes the subject, then the verb; after an `infinitive`
    word (to) the verb, then what it is about. `money` are words of questions for an amount of money, `price_words`
    those that any amount of money answers. `vague` nouns and verbs name no matter themselves ("the idea that", "rests
    on"), and `alternative` words join two things of which one is enough. `depends` says that a yes or no has a
    condition. `opinion` are phrases of opinion and address, which state no fact. By `means` a text defines a term, and
    by `being` it may do so.
    """

    code: str
    name: str
    function: frozenset[str]
    idioms: tuple[str, ...]
    stop: frozenset[str]
    elisions: frozenset[str]
    question_words: tuple[tuple[AnswerKind, tuple[str, ...]], ...]
    articles: frozenset[str]
    counting: frozenset[str]
    auxiliary: frozenset[str]
    supporting: frozenset[str]
    infinitive: frozenset[str]
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
        """The numbers that are one word, by that word.

        >>> from octavo.rag.query.language import languages
        >>> numerals = languages()["de"].numerals
        >>> numerals["elf"], numerals["vierzig"]
        (11, 40)
        """
        return dict(zip(self.numbers, range(1, 21), strict=True)) | dict(
            zip(self.tens, range(30, 100, 10), strict=True)
        )

    def answer_kind(self, question: str) -> AnswerKind | None:
        """Returns the kind of answer that a question's first question word asks for.

        >>> from octavo.rag.query.language import languages
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
