"""The things that a question asks about: its nouns, and the words that tell which one is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from octavo.rag.answering.proper_names import NOUNS_IN_CAPITALS
from octavo.rag.answering.question_analysis import SHORT_NAME, QuestionAnalysis, words_of
from octavo.rag.query.language import ENGLISH, AnswerKind, split

_CAPITALIZED = re.compile(r"(?<!\w)[A-ZÀ-Þ][\w-]+")
_CLAUSE_END = re.compile(r"[,;:]\s")


def head_nouns(analysis: QuestionAnalysis) -> Iterable[tuple[str, str]]:
    """Yields the nouns of a question that stand after an article, "how many" or "does", each with its term.

    Of key words without any function word all are things that are asked for.

    >>> from octavo.rag.answering.question_analysis import analyze_question
    >>> list(head_nouns(analyze_question("What is the fare for a motorcycle?")))
    [('fare', 'fare'), ('motorcycle', 'motorcycl')]
    >>> list(head_nouns(analyze_question("How many child trailers were ordered with the new instalment of May?")))
    [('trailers', 'trailer'), ('instalment', 'instal')]
    >>> list(head_nouns(analyze_question("How much does acupuncture cost?")))
    [('acupuncture', 'acupunctur')]
    >>> list(head_nouns(analyze_question("How many pieces of gear were lent, and how many pupils came to the fair?")))
    [('gear', 'gear'), ('pupils', 'pupil'), ('fair', 'fair')]
    >>> list(head_nouns(analyze_question("Kestrel rent 2024")))
    [('kestrel', 'kestrel'), ('rent', 'rent')]
    >>> list(head_nouns(analyze_question("How many more swimmers came in June?")))
    [('swimmers', 'swimmer')]
    >>> list(head_nouns(analyze_question("What do the uniform trousers cost?")))
    [('trousers', 'trouser')]
    >>> list(head_nouns(analyze_question("What does it cost to fit a roof rack?")))
    [('rack', 'rack')]
    >>> list(head_nouns(analyze_question("Whom do I ask to book the village hall sauna for a party?")))
    [('sauna', 'sauna'), ('party', 'parti')]
    >>> list(head_nouns(analyze_question("What is the price of the village hall sauna?")))
    [('price', 'price'), ('sauna', 'sauna')]
    >>> list(head_nouns(analyze_question("Um wie viel liegt der Preis in der Gemeinde Rotbach höher?")))
    [('preis', 'prei'), ('gemeinde', 'gemeind'), ('rotbach', 'rotbach')]
    >>> list(head_nouns(analyze_question("What is the ship's sextant worth, and what is Ida Kern's salary?")))
    [('sextant', 'sextant'), ('salary', 'salari')]
    """
    language = analysis.language
    if not language.function.intersection(split(analysis.text)):  # key words only: each is one of what is asked for
        terms_of = ((word, t) for word in split(analysis.text) for t in words_of(word)[:1] if t in analysis.terms)
        fillers = {*language.generic, *language.vague, *language.conditions.verbs}
        yield from (pair for pair in terms_of if pair[1].isalpha() and pair[0] not in fillers)
        return
    verb_forms = {*language.conditions.verbs, *language.conditions.rose, *language.conditions.fell}
    compared = {*language.conditions.more, *language.conditions.less}
    capitalized = {word.lower() for word in _CAPITALIZED.findall(analysis.text)}
    phrase: list[tuple[str, str]] = []
    opening = ""
    before: list[str] = []
    opened = is_subject = is_object = is_owner = False  # "fit a roof rack" and "the fee of the roof rack" end in nouns
    for word in [word for clause in _CLAUSE_END.split(analysis.text) for word in (*split(clause), "")]:
        if word.endswith("'s") and language.code == ENGLISH and len(word) > 3:
            opened, phrase = True, []
            continue
        terms = [t for t in words_of(word) if t in analysis.terms]
        is_verb = word in verb_forms and (bool(phrase) or language.code != ENGLISH)
        if opened and len(word) > 1 and terms and terms[0].isalpha() and not is_verb:
            phrase.append((word, terms[0]))
            continue
        if is_subject and len(phrase) > 1:
            verbs = (n for n, (verb, _) in enumerate(phrase) if n and verb in language.money)
            phrase = phrase[: len(phrase) if is_verb else next(verbs, -1)][-1:]
        nouns = [pair for pair in phrase if pair[0] not in language.generic | language.vague]
        if nouns:
            is_kind = not word and language.code == ENGLISH and (opening in language.amounts.per or is_owner)
            ends = word == "of" or word in language.auxiliary or is_kind or is_object
            yield nouns[-1] if ends and not language.head_first else nouns[0]
            if language.code in NOUNS_IN_CAPITALS:  # "der Gemeinde Rotbach": what stands behind a noun is its name
                yield from (pair for pair in nouns[1:2] if {nouns[0][0], pair[0]} <= capitalized)
        is_article = word in language.articles
        is_object = is_article and not language.infinitive.isdisjoint(before[-2:-1])
        is_owner = is_article and "of" in (word, *before[-1:]) and _is_stated(analysis, before)
        before.append(word)
        opening = word
        is_subject = word in language.supporting or (is_subject and is_article and not phrase)
        is_counted = word in language.counting or (opened and word in compared)  # "how many more pupils"
        opened, phrase = is_subject or is_article or is_counted, []


def _is_stated(analysis: QuestionAnalysis, before: Iterable[str]) -> bool:
    """Returns whether a question asks how much something is or costs, whose verb stands before."""
    words, language = set(before), analysis.language
    is_amount = analysis.money or analysis.answer_kind is AnswerKind.AMOUNT
    return is_amount and not words.isdisjoint(language.auxiliary) and words.isdisjoint(language.supporting)


def described_nouns(analysis: QuestionAnalysis) -> Iterable[tuple[str, str, str]]:
    """Yields each noun of a question with the word before it that tells which one is meant, and both as terms.

    >>> from octavo.rag.answering.question_analysis import analyze_question
    >>> list(described_nouns(analyze_question("When will the nuclear plant close, and what do the desk lamps cost?")))
    [('nuclear plant', 'nuclear', 'plant'), ('desk lamps', 'desk', 'lamp')]
    >>> list(described_nouns(analyze_question("How many visitors came to the planetarium?")))
    []
    """
    if analysis.language.head_first:
        return
    words = split(analysis.text)
    for article, first, second in zip(words, words[1:], words[2:], strict=False):
        opens = article in analysis.language.articles | analysis.language.counting | analysis.language.supporting
        opens = opens or (analysis.language.code == ENGLISH and article.endswith("'s"))
        terms = [t for word in (first, second) for t in words_of(word) if t in analysis.terms]
        is_plain = first not in analysis.language.generic and {first, second}.isdisjoint(analysis.language.money)
        is_word = len(terms) == 2 and all(len(t) >= SHORT_NAME and t.isalpha() for t in terms)
        is_verb = second in analysis.language.conditions.verbs
        if opens and is_plain and is_word and not is_verb and terms[0] not in analysis.names:
            yield f"{first} {second}", terms[0], terms[1]
