"""The documentation: its pages, and `docs.site`, which builds a site of them."""
