"""Reads of what a device takes along, to be picked without the network."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from flowrack.fulfilment import queries_bins, queries_lists
from flowrack.locations import queries as places
from flowrack.platform import sql
from flowrack.platform.web.along import Held

MOST_TOTES = 2_000


@dataclass(frozen=True, slots=True)
class OnDevice:
    """A list that a person has on a device until a time."""

    list_id: int
    number: str
    lease_until: datetime


def lists_on(actor_id: int, device: str, now: datetime, *, site_id: int) -> list[OnDevice]:
    """The lists of a site that a person has on a device now, the first taken first. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, number, lease_until FROM fulfilment_picklist
        WHERE taken_by_id = %s AND taken_at > %s::timestamptz - interval '2 days' AND state = 'taken'
          AND device = left(%s, 80) AND lease_until > %s AND site_id = %s ORDER BY taken_at, id LIMIT 20
        """,
        (actor_id, now, device, now, site_id),
    )
    return [OnDevice(*row) for row in rows]


def held_on(device: str, now: datetime) -> list[Held]:
    """The lists that lie on a device, whoever took them. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.number, u.full_name, l.lease_until
        FROM fulfilment_picklist l JOIN platform_user u ON u.id = l.taken_by_id
        WHERE l.state = 'taken' AND l.device = left(%s, 80) AND l.lease_until > %s ORDER BY l.id LIMIT 20
        """,
        (device, now),
    )
    return [Held(*row) for row in rows]


def along(list_id: int, sites: frozenset[int]) -> dict[str, Any]:
    """A list as a device takes it along, with the codes of the site's totes and carts, and where there is more of what
    it asks. Refuses with ListNotFound."""
    found = queries_lists.device_list(list_id, sites)
    totes = places.totes(found.head.site_id, limit=MOST_TOTES + 1)
    carts = queries_lists.carts(found.head.site_id)
    said = asdict(found)
    ids = [line.pick_id for line in found.lines if line.state == "open"]
    others, mixed = queries_bins.elsewhere(ids), queries_bins.mixed(ids)
    for line in said["lines"]:
        lots = mixed.get(line["pick_id"])
        line["others"] = [one.words for one in others.get(line["pick_id"], [])]
        line["is_mixed"] = lots is not None
        line["plate_tells_lot"] = lots is None or not lots.on_its_plate
    return {
        **said,
        "tote_codes": [tote.code for tote in totes[:MOST_TOTES]],
        "knows_all_totes": len(totes) <= MOST_TOTES,
        "carts": [cart.code for cart in carts],
        "has_carts": bool(carts),
    }


def is_open(list_id: int) -> bool:
    """Whether anything of a list is left to pick. One query."""
    return bool(
        sql.fetch_value(
            "SELECT EXISTS (SELECT FROM fulfilment_pickline WHERE pick_list_id = %s AND state = 'open')", (list_id,)
        )
    )
