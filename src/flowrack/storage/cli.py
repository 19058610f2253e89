"""`flowrack import opening-stock`."""

from __future__ import annotations

from typing import Any

from flowrack.platform.importing import cli
from flowrack.storage import commands
from flowrack.storage.imports import OPENING


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, OPENING, commands.load_opening_stock)
