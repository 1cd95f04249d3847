"""Tests of the reading engines."""
