"""Translated questions of published sets: a file for each language, whose lines refer to a question by its id."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib import resources

from octavo.eval.datasets.model import Question


@cache
def translations() -> dict[str, dict[str, str]]:
    """Returns the translated questions by their ids, by the code of the language.

    >>> {code: len(questions) for code, questions in translations().items()}
    {'de': 60, 'es': 60, 'fr': 60, 'id': 60}
    """
    files = (file for file in resources.files(__name__).iterdir() if file.name.endswith(".jsonl"))
    return {
        file.name.removesuffix(".jsonl"): {
            row["id"]: row["question"] for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())
        }
        for file in sorted(files, key=lambda file: file.name)
    }


def versions(questions: dict[str, Question]) -> dict[str, dict[str, Question]]:
    """Returns the questions that are translated into all languages: as they are (`original`), and in each language."""
    translated = translations()
    ids = [i for i in questions if all(i in texts for texts in translated.values())]
    return {"original": {i: questions[i] for i in ids}} | {
        code: {i: replace(questions[i], question=texts[i]) for i in ids} for code, texts in translated.items()
    }
