"""Builds the documentation site: `python -m docs.site` writes it to `build/site`.

`pages` gathers the pages of `docs/` and of the repository, `reference` writes pages from the code, `examples` turns the
scripts of `examples/` into pages and notebooks, Zensical makes HTML of all, and `links` checks what it made.
"""
