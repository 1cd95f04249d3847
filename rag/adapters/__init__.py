"""Octavo's parts behind LlamaIndex's interfaces."""
