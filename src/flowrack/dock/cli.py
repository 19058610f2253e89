"""`flowrack import asns`."""

from __future__ import annotations

from typing import Any

from flowrack.dock import commands
from flowrack.dock.imports import ASNS
from flowrack.platform.importing import cli


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, ASNS, commands.import_asns)
