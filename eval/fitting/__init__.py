"""Fits the parameters of the embedded relevancy score, of the chance of an answer, and the reader's weights."""
