"""Regions of a page: their kinds, their reading order, and their groups."""
