"""A judge without a model: numbers with units, dates, lists, yes and no, exact and fuzzy text."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from octavo.eval.judges.mmlongbench import NOT_ANSWERABLE
from octavo.eval.judges.quantities import AnswerNumber, asked_scale, contains, dates, quantities
from octavo.eval.judges.verdict import Grade, Verdict
from octavo.ingest.sentences import split_sentences
from octavo.rag.query.analysis import terms

NAME = "rules"
MIN_COVERED = 0.4
"""Share of the gold answer's content words that a right answer in words has."""
_FUZZY = 85.0
_LITERAL = re.compile(r"\S+@\S+\.\w+|https?://\S+|\d+(?:-\d+){2,}")
"""Mail and web addresses and numbers with several hyphens, which are right to the letter or wrong."""
_FEW = 2
"""The most content words of a gold answer that counts as a number."""
_DATE_WORDS = 5
_IMPLIED = 0.9
_COUNTS = re.compile(r"\bhow (?:much|many)\b|\bwhat (?:percent|share|number|amount)|\b(?:percentage|ratio) of\b", re.I)
CITATION = re.compile(r"\s*\[\d+(?:,\s*\d+)*\]")
"""Numbers of evidence in an answer's text."""
_REFUSAL = re.compile(
    r"\b(?:i(?:'m| am) sorry|i (?:do not|don't) (?:have|know)|as an ai|"
    r"(?:can ?not|can't|could not|couldn't|unable to|not possible to|impossible to|difficult to) "
    r"(?:be )?(?:\w+ )?(?:determined?|provided?|calculated?|answer(?:ed)?|find|found|identif(?:y|ied)|give|access|"
    r"ascertain(?:ed)?|comput(?:e|ed)|compare|assess|say|tell|offer|conclude)|"
    r"(?:does|do|did)(?: not|n't) (?:\w+ )?(?:include|contain|provide|mention|specify|give|disclose|have|"
    r"state|list|address)|"
    r"(?:is|are|was|were)(?: not|n't) (?:\w+ )?(?:provided|available|included|mentioned|given|specified|disclosed|"
    r"explicitly|stated|contained|enough|sufficient)|"
    r"not enough information|insufficient (?:information|data)|no (?:specific )?information|"
    r"without (?:access|the specific|more|additional|knowing|specific)|not answerable|not found|nothing found|"
    r"if you (?:can |could )?(?:provide|have|give)|you (?:would|will|'d) (?:\w+ )?(?:need|have) to|"
    r"you would typically|(?:we|i) (?:would|will) (?:\w+ )?need|please (?:refer|provide|consult))",
    re.I,
)
_QUOTED = re.compile(r"“[^”]*”")
"""Words of a document in an answer: what they say of what is not known is the document's."""
_GREETING = re.compile(r"^\W*(?:hello|hi)\b.{0,60}\bhelp\b", re.I | re.S)
_YES_NO = re.compile(r"\W*(yes|no)\b", re.I)
_SAYS = re.compile(r"(?:^|[\n.:,]\s*|\btherefore,? |\bso,? )(yes|no)\b(?! later| more| longer| matter)", re.I)
_DENIES = re.compile(r"\b(?:not|no|none|never|neither|nor|without|n't)\b|n't\b", re.I)


def judge(question: str, gold: str, answer: str, *, abstained: bool = False) -> Verdict:
    """Grades an answer, however long, by the gold answer.

    A gold answer that is a number, a date, a list, a yes or a no is looked for as such; other text by its words, its
    numbers counting too. An answer that only says what is not known is a refusal, which is right where the gold
    answer is "Not answerable".

    >>> judge("What was revenue? In USD millions.", "$1577.00", "Revenue was $1.577 billion [1].").grade
    <Grade.CORRECT: 'correct'>
    >>> judge("What was revenue?", "$1577.00", "The context does not include revenue.").grade
    <Grade.REFUSAL: 'refusal'>
    """
    answer = CITATION.sub("", answer).strip()
    refuses = abstained or not answer or _is_refusal(answer)
    if gold.strip().lower() == NOT_ANSWERABLE.lower():
        grade = Grade.CORRECT if refuses else Grade.INCORRECT
        return Verdict(grade, float(refuses), "abstains" if refuses else "answers what cannot be answered", NAME)
    score, reason = (0.0, "abstains") if abstained else _score(question, gold, answer)
    if abstained or (refuses and score < 1):
        return Verdict(Grade.REFUSAL, 0.0, reason if abstained else "says that it does not know", NAME)
    return Verdict(Grade.CORRECT if score >= MIN_COVERED else Grade.INCORRECT, score, reason, NAME)


def judge_choice(choices: Sequence[str], gold: str, answer: str, *, abstained: bool = False) -> Verdict:
    """Grades a choice by the first letter that stands alone in an answer, else by the words of the choice.

    >>> judge_choice(["red", "blue"], "B", "The answer is (B) blue.").grade
    <Grade.CORRECT: 'correct'>
    """
    answer = CITATION.sub("", answer).strip()
    letters = {chr(ord("A") + n): choice for n, choice in enumerate(choices)}
    answered = ""
    if match := re.match(rf"\W*([{''.join(letters)}])(?:\b|$)(?!\s+[a-z])", answer) or re.search(
        rf"\b(?:answer|option|choice)\b\W*(?:is\b)?\W*([{''.join(letters)}])\b", answer
    ):
        answered = match[1]
    elif letters_named := [letter for letter, choice in letters.items() if choice.lower() in answer.lower()]:
        answered = letters_named[0] if len(letters_named) == 1 else ""
    if abstained or not answered:
        return Verdict(Grade.REFUSAL, 0.0, "chooses nothing", NAME)
    right = answered == gold.strip().upper()
    return Verdict(Grade.CORRECT if right else Grade.INCORRECT, float(right), f"chooses {answered}", NAME)


def _is_refusal(answer: str) -> bool:
    """Returns true if the first or the last sentence says, in its own words, that the answer is not known."""
    sentences = _sentences(_QUOTED.sub("", answer))
    return bool(_GREETING.search(answer)) or any(_REFUSAL.search(s) for s in (*sentences[:2], *sentences[-2:]))


def _score(question: str, gold: str, answer: str) -> tuple[float, str]:
    if items := _items(gold):
        scores = [_score(question, item, answer)[0] for item in items]
        return float(min(scores)), f"{sum(f >= MIN_COVERED for f in scores)} of {len(items)} items of the list"
    if _LITERAL.fullmatch(gold.strip()):
        return float(gold.strip().lower() in answer.lower()), "to the letter"
    words = _content(gold, question)
    if (days := dates(gold)) and len(gold.split()) <= _DATE_WORDS:
        return float(days[0] in dates(answer)), "the date"
    in_question = {q.value for q in quantities(question)}
    numbers = [q for q in quantities(gold) if not q.is_year and q.value not in in_question]
    if polar := _YES_NO.match(gold):
        polarity, sure = _polarity(answer)
        return sure * (polarity == polar[1].lower()), f"says {polarity}"
    sums = [q for q in numbers if q.money]
    if numbers and (len(words) <= _FEW or _COUNTS.search(question) or len(sums) == len(numbers) == 1):
        in_answer, scale = quantities(answer), asked_scale(question)
        expected = ", ".join(f"{q.value:g}" for q in numbers)
        return float(all(contains(in_answer, q, scale) for q in numbers)), f"the number {expected}"
    return _words(gold, answer, words, numbers, asked_scale(question))


def _items(gold: str) -> list[str]:
    if not gold.startswith("["):
        return []
    try:
        parsed = ast.literal_eval(gold)
    except (ValueError, SyntaxError):
        return []
    return [str(item) for item in parsed] if isinstance(parsed, list) else []


def _polarity(answer: str) -> tuple[str, float]:
    """Returns an answer's yes or no to a question, and how sure that is.

    That is its first plain yes or no, else whether its beginning denies, which a refusal does as well.
    """
    if match := _SAYS.search(answer):
        return match[1].lower(), 1.0
    return "no" if any(_DENIES.search(s) for s in _sentences(answer)[:2]) else "yes", _IMPLIED


def _sentences(answer: str) -> list[str]:
    return [sentence for line in answer.splitlines() for sentence in split_sentences(line)] or [answer]


def _words(
    gold: str, answer: str, words: Sequence[str], numbers: Sequence[AnswerNumber], scale: float
) -> tuple[float, str]:
    if fuzz.partial_ratio(gold.lower(), answer.lower()) >= _FUZZY and len(gold) > 3:
        return 1.0, "the same words"
    answer_words = set(terms(answer))
    in_answer = quantities(answer)
    matches = sum(word in answer_words for word in words) + sum(contains(in_answer, q, scale) for q in numbers)
    total = len(words) + len(numbers)
    if not total:
        return float(gold.lower() in answer.lower()), "the same text"
    share = matches / total
    if bool(_DENIES.search(gold)) != bool(_DENIES.search(answer)) and len(gold) < 80:
        share *= 0.5
    return share, f"{matches} of {total} words and numbers of the gold answer"


def _content(gold: str, question: str) -> list[str]:
    """Returns the gold answer's words that the question does not hold already; all of them where none is left."""
    own = [t for t in dict.fromkeys(terms(gold)) if not t.isdigit()]
    question_words = set(terms(question))
    return [t for t in own if t not in question_words] or own
