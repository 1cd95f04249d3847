"""Reads a question: its terms, and the pages, figures, statements, names and years that it refers to."""
