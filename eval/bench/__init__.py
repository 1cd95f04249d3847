"""Benchmarks: ratios measured side by side in one run, never seconds on their own.

`python -m eval.bench ingest FILE.pdf …` · `python -m eval.bench search` · `python -m eval.bench start`
"""
