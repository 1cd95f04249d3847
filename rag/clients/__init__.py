"""Clients of models, over HTTP and in process."""
