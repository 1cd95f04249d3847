"""Questions of users with keys, over small documents that this package makes: `python -m examples.questions FOLDER`.

`queries.jsonl` holds questions with keys, `unanswerable.jsonl` near misses (a year, a name, a place that the documents
do not hold), `offtopic.jsonl` questions that no such document answers, in seven languages and a few others. All people,
companies and figures are made up. The set is an example, not a part of the tests, because it is a data set like a
user's own: a folder that `octavo eval questions`, `eval run` and `eval retrieval` take.

`split` is "tune" or "report", by document: rules are fitted on the one half and both are reported.
"""
