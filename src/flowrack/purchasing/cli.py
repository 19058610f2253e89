"""`flowrack import confirmations`."""

from __future__ import annotations

from typing import Any

from flowrack.platform.importing import cli
from flowrack.purchasing import commands_confirmations
from flowrack.purchasing.imports_confirmations import CONFIRMATIONS


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, CONFIRMATIONS, commands_confirmations.import_confirmations)
