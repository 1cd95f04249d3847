"""Evaluation: data sets, metrics by their papers' definitions, and runs over both."""
