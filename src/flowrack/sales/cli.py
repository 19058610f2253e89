"""`flowrack import open-orders`."""

from __future__ import annotations

from typing import Any

from flowrack.platform.importing import cli
from flowrack.sales import commands, imports


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, imports.OPEN_ORDERS, commands.import_open_orders)
