"""`flowrack import items`."""

from __future__ import annotations

from typing import Any

from flowrack.catalog import commands
from flowrack.catalog.imports import ITEMS
from flowrack.platform.importing import cli


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, ITEMS, commands.import_items)
