"""The ways in: the command line and the demo."""

if __name__ != "octavo.apps":
    raise ImportError("import octavo.apps: this folder is part of the package octavo")
