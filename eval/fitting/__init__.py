"""Fits the parameters of the embedded relevancy score."""
