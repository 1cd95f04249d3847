"""A client of `octavo serve` with the methods of `Pipeline`, so that a program moves from a folder to a server.

>>> from octavo.client import Client
>>> with Client("http://127.0.0.1:8080", key="octavo_…", collection="reports") as pipeline:  # doctest: +SKIP
...     pipeline.ask("What was capital expenditure in 2018?").text
...     pipeline.document("report.pdf").pages[3].image
"""

from __future__ import annotations

from octavo.client.client import Client
from octavo.client.concepts import RemoteConcepts
from octavo.client.connection import ServerError
from octavo.client.store import RemoteStore

__all__ = ["Client", "RemoteConcepts", "RemoteStore", "ServerError"]
