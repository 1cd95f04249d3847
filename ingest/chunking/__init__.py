"""Interleaved chunks of a document's elements."""
