"""Builders for cross-docking: a house with an outbound door, and three orders that wait for one item."""

from __future__ import annotations

from typing import Any

from tests import outbound, supply
from tests.cast import MAY, ctx

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation.types_cross_docks import SetCrossDocking
from flowrack.inbound.types import CountedLine, Received
from flowrack.platform import outbox, sql
from flowrack.shared.quantity import Units


class Scene:
    """A house with a door, cross-docking on, and orders of 10 (A), 20 (B) and 25 (C) that wait for one item."""

    def __init__(self, **policy: Any) -> None:
        self.at = outbound.house()
        sql.execute("UPDATE locations_location SET kind = 'door', code = 'D-04' WHERE id = %s", (self.door,))
        self.item = outbound.item("4711")
        for code, tier in (("ACME", "A"), ("BOLT", "B"), ("CASK", "C")):
            outbound.customer(code, tier=tier)
        self.orders = [
            outbound.order(self.at.site, who, ("4711", units))
            for who, units in (("CASK", 25), ("BOLT", 20), ("ACME", 10))
        ]
        asked = {"is_on": True, "reason": "trucks wait", "staging_id": self.at.places["staged1"], "door_id": self.door}
        self.policy = commands.set_cross_docking(ctx(MAY), SetCrossDocking(self.at.site, **{**asked, **policy}))
        self.po = supply.approved(self.at.site, supply.supplier(), (self.item, 200, "4.00"))

    @property
    def door(self) -> int:
        return self.at.places["staged2"]

    def receive(self, units: int = 40, **more: Any) -> Received:
        done = supply.receive(self.po, self.at, CountedLine(Units(units), item_id=self.item, **more))
        outbox.drain()
        return done

    def counts(self) -> list[dict[str, int]]:
        """C, B, A."""
        return [outbound.counts(one.line_ids[0]) for one in self.orders]


def planned_putaways() -> list[int]:
    return [row[0] for row in sql.fetch_all("SELECT units FROM storage_plannedmove WHERE state = 'open' ORDER BY id")]


def tasks() -> list[tuple[Any, ...]]:
    return sql.fetch_all("SELECT kind, units, priority, state FROM tasks_task ORDER BY id")


def told(done: Received) -> list[tuple[str, int, str, str]]:
    return [(x.order_number, x.units, x.staging, x.door) for x in done.cross_docks]


def ids(done: Received) -> list[int]:
    return [x.cross_dock_id for x in done.cross_docks]
