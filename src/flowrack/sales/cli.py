"""`flowrack import open-orders` and `flowrack import customer-items`."""

from __future__ import annotations

from typing import Any

from flowrack.platform.importing import cli
from flowrack.sales import commands, commands_codes, imports, imports_codes


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, imports.OPEN_ORDERS, commands.import_open_orders)
    cli.register(subparsers, imports_codes.CUSTOMER_ITEMS, commands_codes.import_customer_items)
