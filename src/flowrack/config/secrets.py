"""The secret key: from the environment, else made once and kept in Flowrack's home, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def secret_key(home: Path) -> str:
    """The key that signs sessions. Of a home that is not there yet it is only made: `keep` it when the home is."""
    from_environment = os.environ.get("FLOWRACK_SECRET_KEY")
    if from_environment:
        return from_environment
    if not home.exists() and not os.environ.get("DATABASE_URL"):
        return secrets.token_urlsafe(64)
    return keep(home, secrets.token_urlsafe(64))


def keep(home: Path, key: str) -> str:
    """The key that the home keeps: `key`, unless it has one or the environment names one.

    The file appears with the whole key in it: of programs that start at once, none reads half of another's key.
    """
    from_environment = os.environ.get("FLOWRACK_SECRET_KEY")
    if from_environment:
        return from_environment
    path = home / "secret-key"
    if not _read(path):
        home.mkdir(parents=True, exist_ok=True)
        own = home / f"secret-key.{os.getpid()}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        try:
            _show(own, path)
        finally:
            own.unlink(missing_ok=True)
    return _read(path)


def _show(own: Path, path: Path) -> None:
    """Give the written file its name, unless another program was first. An empty file is what a crash left."""
    with suppress(FileExistsError):
        os.link(own, path)
        return
    if not _read(path):
        own.replace(path)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
