"""Builders for claims and debit notes."""

from __future__ import annotations

from typing import Any

from tests.cast import ED, ctx
from tests.supply import approved, house, item, receive, supplier

from flowrack.inbound import commands_discrepancies as decisions
from flowrack.inbound.tests.dockside import ids
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_discrepancies import DecideDiscrepancies
from flowrack.platform import sql
from flowrack.shared.quantity import Units


def asked() -> list[int]:
    """Two units that the carrier broke and three that were badly packed, each with a draft that asks for money."""
    here, valve = house(), item("VALVE")
    po = approved(here.site, supplier(), (valve, 400, "30"))
    lines = [
        CountedLine(units=Units(2), item_id=valve, quality="damaged", reason="crushed", responsible="carrier"),
        CountedLine(units=Units(3), item_id=valve, quality="damaged", reason="badly packed"),
    ]
    receive(po, here, *lines)
    broken, badly = ids()
    decide = decisions.decide_discrepancies
    decide(ctx(ED), DecideDiscrepancies([broken], "claim"))
    decide(ctx(ED), DecideDiscrepancies([badly], "debit"))
    return [row[0] for row in sql.fetch_all("SELECT id FROM inbound_claim ORDER BY kind")]


def stands() -> list[tuple[Any, ...]]:
    """(state, amount, agreed) of each claim, the carrier's first, and the states of the discrepancies."""
    claims = sql.fetch_all("SELECT state, amount::text, settled_amount::text FROM inbound_claim ORDER BY kind")
    return [*claims, *sql.fetch_all("SELECT state FROM inbound_discrepancy ORDER BY id")]
