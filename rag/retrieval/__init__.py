"""The first pass: candidates for a question."""
