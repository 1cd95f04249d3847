"""Evaluation: data sets, metrics by their papers' definitions, and runs over both."""

if __name__ != "octavo.eval":
    raise ImportError("import octavo.eval: this folder is part of the package octavo")
