"""`flowrack import suppliers`, `supplier-items`, `customers`, `addresses`, `carriers` and `owners`."""

from __future__ import annotations

from typing import Any

from flowrack.parties import commands, imports
from flowrack.platform.importing import cli


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, imports.SUPPLIERS, commands.import_suppliers)
    cli.register(subparsers, imports.SUPPLIER_ITEMS, commands.import_supplier_items)
    cli.register(subparsers, imports.CUSTOMERS, commands.import_customers)
    cli.register(subparsers, imports.ADDRESSES, commands.import_addresses)
    cli.register(subparsers, imports.CARRIERS, commands.import_carriers)
    cli.register(subparsers, imports.OWNERS, commands.import_owners)
