"""Benchmarks: ratios measured side by side in one run, never seconds on their own.

`python -m octavo.eval.benchmarks` lists them.
"""
