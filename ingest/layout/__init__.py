"""Regions of a page: what they are, in which order they are read, and what belongs together."""
