"""What can go wrong with a document, each as one sentence that names the file and the way out."""


class OctavoError(Exception):
    """Base of every error that Octavo raises on purpose; its text is one sentence for the user."""


class ReadError(OctavoError):
    """A file cannot be read as a document (broken, unsupported, over a limit)."""


class PasswordError(ReadError):
    """A file is encrypted and the password is missing or wrong."""


class UnsupportedError(ReadError):
    """A file is of a kind that Octavo does not read."""


class MissingToolError(ReadError):
    """A program or an optional package that this file needs is not installed; the text names what to install."""


class LibraryError(OctavoError):
    """A library cannot be opened, is in use by another writer, or was made by other settings."""
