"""Rows that every installation has (no lot, loose, our own company) and that emptying a test database removes."""

from __future__ import annotations

from flowrack.catalog import steps as catalog
from flowrack.locations import steps as locations
from flowrack.parties import steps as parties


def ensure_zero_rows() -> None:
    """Put them back; call it first in every test that runs with real transactions."""
    catalog.ensure_zero_rows()
    locations.ensure_zero_rows()
    parties.ensure_zero_rows()
