"""What holds an order, as its page shows it: the table, the words, and the way to their release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.timezone import localtime

from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Do
from flowrack.platform.web.viewer import Viewer
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.sales.queries_holds import HoldRow, who_may_release
from flowrack.sales.rules_holds import PERMISSION_OF
from flowrack.sales.types_holds import HoldKind

COLUMNS = [
    Column("kind", "Kind"),
    Column("sku", "Item", kind="code", value=lambda r: r.sku or "whole order"),
    Column("sentence", "Why", wide=True),
    Column("state", "State", kind="state", marks={"open": "warn", "released": "ok", "changed": "ok"}),
    Column("placed_at", "Since", kind="datetime"),
    Column("placed_by", "By"),
    Column("who", "May release it", value=lambda r: who_may_release(r.kind) if r.state == "open" else ""),
    Column("ended_by", "Ended by"),
    Column("reason", "Why it ended"),
]


def told(held: Sequence[HoldRow]) -> str:
    """What holds the order, before the sentence about its units; empty when nothing does."""
    said = []
    for row in held:
        if row.state == "open":
            since = localtime(row.placed_at)
            of = f", {row.sku}" if row.sku else ""
            said.append(f"On hold since {since.day} {since:%b}{of}: {row.sentence} ")
    return "".join(said)


def sentences(held: Sequence[HoldRow], lines: Sequence[LineRow]) -> dict[int, str]:
    """The reason of each held line, by line: its own hold before the order's."""
    standing = sorted((row for row in held if row.state == "open"), key=lambda row: row.line_id != 0)
    found: dict[int, str] = {}
    for row in standing:
        for line in lines:
            if row.line_id in (0, line.line_id):
                found[line.line_id] = f"Held: {row.sentence}"
    return found


def around(others: Sequence[Do], head: OrderHead, held: Sequence[HoldRow], viewer: Viewer) -> list[Do]:
    """The order's actions with the release first, where the person may, and the hold by hand last."""
    standing = [row for row in held if row.state == "open"]
    mine = [row for row in standing if _may(row, head, viewer)]
    todo = list(others)
    if mine:
        ids = ",".join(str(row.id) for row in mine)
        url = f"{reverse('sales_holds_release')}?ids={ids}&order={head.order_id}"
        name = "Release hold" if len(mine) == 1 else f"Release {len(mine)} holds"
        release = Do(name, url, "sales.release_holds", primary=True, key="h", post=False)
        todo = [release, *(replace(do, primary=False) for do in others)]
    is_whole = any(row.kind == HoldKind.MANUAL and not row.line_id for row in standing)
    if head.state in ("confirmed", "released") and not is_whole:
        todo.append(Do("Hold", reverse("sales_order_hold", args=[head.order_id]), "sales.hold", post=False))
    return todo


def _may(row: HoldRow, head: OrderHead, viewer: Viewer) -> bool:
    """The same as the command asks, so that nobody sees a button that is refused."""
    person = viewer.user.pk
    is_own = person == head.entered_by_id or (row.kind != HoldKind.MANUAL and person == row.placed_by_id)
    return not is_own and viewer.may(PERMISSION_OF[HoldKind(row.kind)], head.site_id)
