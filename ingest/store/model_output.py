"""Stored results of models over a library: descriptions of figures, calibrations of scores."""

from __future__ import annotations

from octavo.ingest.store.database import Database


class ModelOutput:
    """Texts by their subject and the model that wrote them. Writing takes place in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def description(self, picture: str, model: str) -> str | None:
        """Returns what a model said of a picture, given by the hash of its file."""
        query = "SELECT text FROM descriptions WHERE picture = ? AND model = ?"
        row = self._database.connection.execute(query, (picture, model)).fetchone()
        return row[0] if row else None

    def save_description(self, picture: str, model: str, text: str) -> None:
        """Keeps what a model said of a picture."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO descriptions VALUES (?, ?, ?)", (picture, model, text))

    def calibration(self, scorer: str, level: str) -> str | None:
        """Returns the calibration of a scorer for entries of a level, as JSON."""
        query = "SELECT value FROM calibrations WHERE scorer = ? AND level = ?"
        row = self._database.connection.execute(query, (scorer, level)).fetchone()
        return row[0] if row else None

    def save_calibration(self, scorer: str, level: str, calibration: str) -> None:
        """Keeps the calibration of a scorer, in place of an earlier one."""
        with self._database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO calibrations VALUES (?, ?, ?)", (scorer, level, calibration))
