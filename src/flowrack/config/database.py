"""Where the database is: the server that DATABASE_URL names, else the embedded one under Flowrack's home."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

DATABASE_NAME = "flowrack"


def embedded_url(home: Path) -> str:
    """The address of the embedded server: a unix socket; computed only, nothing is started."""
    from flowrack.platform.embedded import url

    return url(home)


def database_settings(home: Path) -> dict[str, Any]:
    """Django's settings for the one database."""
    url = os.environ.get("DATABASE_URL") or embedded_url(home)
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SystemExit(f"DATABASE_URL must start with postgresql://, not {parts.scheme}://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    options: dict[str, Any] = {
        "prepare_threshold": 5,
        "options": "-c lock_timeout=3000 -c idle_in_transaction_session_timeout=60000 -c jit=off -c timezone=UTC",
        **query,
    }
    return {
        "ENGINE": "flowrack.platform.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or DATABASE_NAME,
        "USER": unquote(parts.username or "") or "flowrack",
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"NAME": os.environ.get("FLOWRACK_TEST_DATABASE") or None},
    }
