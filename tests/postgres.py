"""A PostgreSQL server of a test's own, from the system's package."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def program(name: str) -> str:
    """The path of one of the server's programs; skips where it is not installed."""
    places = [str(path.parent) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    found = shutil.which(name, path=os.pathsep.join([*places, os.environ.get("PATH", "")]))
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    return found


@contextmanager
def server() -> Iterator[str]:
    """Runs a server on a socket of this machine; the address of an empty database."""
    initdb, postgres, ready = program("initdb"), program("postgres"), program("pg_isready")
    who: dict[str, str | int] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="octavo-pg-", dir="/tmp") as folder:
        if who:
            entry = pwd.getpwnam("postgres")
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        data = f"{folder}/data"
        make = [initdb, "-D", data, "-U", "octavo", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)  # type: ignore[call-overload]
        run = [postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with subprocess.Popen(run, stderr=subprocess.DEVNULL, cwd=folder, **who) as process:  # type: ignore[call-overload]
            try:
                while subprocess.run([ready, "-q", "-h", folder]).returncode:
                    assert process.poll() is None
                    time.sleep(0.2)
                yield f"postgresql://octavo@/postgres?host={folder}"
            finally:
                process.terminate()


def empty_schema(address: str) -> str:
    """The address of an empty schema of a server's database."""
    import psycopg

    schema = f"s{uuid.uuid4().hex[:8]}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}".encode())
    return f"{address}&options=-csearch_path%3D{schema}"
