"""Builders for tests of modes: ten promised units that come free while two others wait."""

from __future__ import annotations

from tests import outbound
from tests.cast import KIM, MAY, NOW, ctx, user_id

from flowrack.allocation import commands_modes
from flowrack.allocation.types_modes import FollowFree, FreeFollowed
from flowrack.platform import outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelOrder


class Scene:
    """Ten units are promised to an order; BIG (tier A) and SMALL (tier C) wait for ten and twelve."""

    def __init__(self) -> None:
        self.at = outbound.house()
        self.site = self.at.site
        self.item = outbound.item("4711")
        outbound.receive(self.at, self.item, 10, "1")
        outbound.customer("FIRST", tier="A")
        outbound.customer("BIG", tier="A")
        outbound.customer("SMALL", tier="C")
        self.first = outbound.order(self.site, "FIRST", ("4711", 10))
        outbound.allocate(self.site)
        self.big = outbound.order(self.site, "BIG", ("4711", 10)).line_ids[0]
        self.small = outbound.order(self.site, "SMALL", ("4711", 12)).line_ids[0]
        outbox.drain()

    def cancel(self) -> None:
        """The first order is not wanted any more; Flowrack follows."""
        sales.cancel_order(ctx(KIM), CancelOrder(self.first.order_id, "not wanted"))
        outbox.drain()

    def promised(self) -> list[int]:
        """Units that BIG and SMALL are promised."""
        return [outbound.counts(line_id).get("allocated", 0) for line_id in (self.big, self.small)]


def force(site_id: int, mode: str, *, velocity: str = "") -> None:
    """Put a mode in force without its gate."""
    sql.execute(
        """
        INSERT INTO allocation_allocationmode (site_id, velocity, version, mode, reason, set_by_id, set_at)
        VALUES (%s, %s, 1, %s, 'test', %s, %s)
        """,
        (site_id, velocity, mode, user_id(MAY), NOW),
    )


def follow(site_id: int, *item_ids: int) -> FreeFollowed:
    """Flowrack hears that stock became free."""
    context = context_for_system(NOW, f"follow-{site_id}-{item_ids}-{len(open_units())}")
    return commands_modes.follow_free(context, FollowFree(site_id, list(item_ids), "a test"))


def open_ids() -> list[int]:
    """The open suggestions."""
    return [row[0] for row in sql.fetch_all("SELECT id FROM allocation_suggestion WHERE state = 'open' ORDER BY id")]


def open_units() -> list[tuple[int, list[tuple[int, int]]]]:
    """Units of each open suggestion, and of its lines."""
    return [
        (
            sql.fetch_value("SELECT units FROM allocation_suggestion WHERE id = %s", (key,)),
            sql.fetch_all(
                "SELECT order_line_id, units FROM allocation_suggestedline WHERE suggestion_id = %s ORDER BY id", (key,)
            ),
        )
        for key in open_ids()
    ]
