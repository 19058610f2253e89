"""`flowrack import sites`, `zones` and `locations`."""

from __future__ import annotations

from typing import Any

from flowrack.locations import commands
from flowrack.locations.imports import LOCATIONS, SITES, ZONES
from flowrack.platform.importing import cli


def register(subparsers: Any) -> None:
    """Add the stage's sub-commands."""
    cli.register(subparsers, SITES, commands.import_sites)
    cli.register(subparsers, ZONES, commands.import_zones)
    cli.register(subparsers, LOCATIONS, commands.import_locations)
