"""The embedded PostgreSQL: started, stopped and recovered by Flowrack itself."""

from __future__ import annotations

from pathlib import Path


def socket_dir(home: Path) -> Path:
    """The directory of the server's unix socket."""
    return home / "run"
