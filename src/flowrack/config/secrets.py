"""The secret key: from the environment, else made once and kept in Flowrack's home, readable by its owner only."""

from __future__ import annotations

import os
import secrets
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
    """The key that the home keeps: `key`, unless it has one or the environment names one."""
    from_environment = os.environ.get("FLOWRACK_SECRET_KEY")
    if from_environment:
        return from_environment
    path = home / "secret-key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(key)
    return path.read_text().strip()
