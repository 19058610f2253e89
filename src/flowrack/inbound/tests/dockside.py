"""Builders for discrepancies: an announced pallet, what is on record, a tolerance."""

from __future__ import annotations

from typing import Any

from tests.cast import BO, ED, ctx
from tests.supply import TABLES

from flowrack.dock.tests.yard import Yard
from flowrack.inbound import commands_discrepancies, commands_packs
from flowrack.inbound.types_discrepancies import PackLine, PackReceived, ReceivePack, SetTolerance, ToleranceSet
from flowrack.platform import sql
from flowrack.platform.runner import Context

ALL = (*TABLES, "inbound_discrepancy", "inbound_packcount", "inbound_tolerance", "dock_asn")


def rows_of() -> dict[str, int]:
    """Rows of every table that receiving writes, to show that a refused command left no trace."""
    return {table: int(sql.fetch_value(f"SELECT count(*) FROM {table}")) for table in ALL}


def on_record() -> list[tuple[Any, ...]]:
    """(kind, state, units, value, responsible, outcome) of each discrepancy, oldest first."""
    return [
        (row[0], row[1], row[2], f"{row[3]:.2f}", row[4], row[5])
        for row in sql.fetch_all(
            "SELECT kind, state, units, value, responsible, outcome FROM inbound_discrepancy ORDER BY id"
        )
    ]


def ids() -> list[int]:
    """The ids of the discrepancies, oldest first."""
    return [row[0] for row in sql.fetch_all("SELECT id FROM inbound_discrepancy ORDER BY id")]


def pallet(at: Yard, sscc: str, *lines: PackLine, by: Context | None = None) -> PackReceived:
    """Bo receives the pallet at the first door."""
    return commands_packs.receive_pack(by or ctx(BO), ReceivePack(sscc, at.house.places["receiving1"], list(lines)))


def tolerate(**more: Any) -> ToleranceSet:
    """Ed sets a tolerance; everything is flagged unless said otherwise."""
    flags = dict.fromkeys(("on_over", "on_under", "on_early", "on_late", "on_short_dated"), "flag")
    return commands_discrepancies.set_tolerance(ctx(ED), SetTolerance(**{**flags, **more}))
