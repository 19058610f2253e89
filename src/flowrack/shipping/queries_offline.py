"""Reads of what a device takes along, so that a truck can be loaded without the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flowrack.locations.types import Kind
from flowrack.platform import sql
from flowrack.shipping import queries_board, queries_load_transfers, queries_loads, rules_loads
from flowrack.shipping.rules_loads import Plate

MOST_STAGED, MOST_DOORS = 4_000, 200


@dataclass(frozen=True, slots=True)
class StagedPlate:
    """Goods of an order that stand staged at a site: on a plate, for a carton on a pallet the pallet, or loose."""

    plate: str
    label: str
    order: str
    customer: str
    load_id: int
    load: str
    door: str


def staged_at(site_id: int, *, limit: int) -> list[StagedPlate]:
    """What stands staged at a site, with the truck that it goes on; loose goods have no plate. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT coalesce(m.code, n.code), n.code, o.number, p.name, coalesce(h.id, 0), coalesce(h.number, ''),
               coalesce(d.code, '')
        FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
        JOIN sales_orderline l ON l.order_id = o.id AND l.picked_units > 0
        JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
        JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
        JOIN locations_lpn n ON n.id = e.lpn_id
        LEFT JOIN shipping_stackedcarton k ON k.carton_id = e.lpn_id AND k.is_on AND e.lpn_id > 0
        LEFT JOIN locations_lpn m ON m.id = k.pallet_id
        LEFT JOIN shipping_loadorder x ON x.order_id = o.id AND x.is_live
        LEFT JOIN shipping_load h ON h.id = x.load_id LEFT JOIN locations_location d ON d.id = h.door_id
        WHERE o.site_id = %s AND o.state IN ('confirmed', 'released')
        ORDER BY 3, 1, 2 LIMIT %s
        """,
        (site_id, limit),
    )
    found = [StagedPlate(*row) for row in rows]
    found += [
        StagedPlate(one.plate, one.plate, one.transfer, one.to_site, one.load_id, one.load, one.door)
        for one in queries_load_transfers.staged_at(site_id, limit=limit)
    ]
    return found


def along(load_id: int, sites: frozenset[int], closers: frozenset[int]) -> dict[str, Any]:
    """A truck as a device takes it along: stops, plates, what is on it, and what of the site goes elsewhere.

    Totes that are packed first are no plates of it; their units are still to come.

    `closers` are the sites at which the person may close trucks. Refuses with LoadNotFound. Nine queries.
    """
    row = queries_board.access_load(load_id, sites)
    policy = queries_loads.policy(row.site_id)
    all_plates = list(rules_loads.plates(queries_loads.contents(row.id)).values())
    plates = [one for one in all_plates if not rules_loads.is_unpacked(one, takes_totes=policy.takes_totes)]
    totes = [one for one in all_plates if one not in plates]
    staged = staged_at(row.site_id, limit=MOST_STAGED + 1)
    return {
        "head": {
            "id": row.id, "number": row.number, "state": row.state, "door": row.door, "carrier": row.carrier,
            "max_weight_g": row.max_weight_g, "cut_off_at": row.cut_off_at,
            "may_close": 0 in closers or row.site_id in closers,
        },
        "stop_order": policy.stop_order,
        "stops": [
            {"stop_no": stop.stop_no, "customer": stop.customer,
             "to_come": stop.to_come + sum(one.units for one in totes if one.stop_no == stop.stop_no)}
            for stop in queries_loads.stops(row.id)
        ],
        "plates": [_plate(plate, staged, row.id) for plate in plates],
        "on": [_key(one.key) for one in queries_loads.on_truck(row.id)],
        "orders": row.orders.split(", "),
        "elsewhere": _elsewhere(staged, row.id) | {one.code: rules_loads.PACK_FIRST for one in totes},
        "knows_all": len(staged) <= MOST_STAGED,
        "apart": _apart(plates),
        "doors": [] if row.door else _doors(row.site_id),
    }  # fmt: skip


def _key(key: rules_loads.Key) -> str:
    return ":".join(str(part) for part in key)


def _plate(plate: Plate, staged: Sequence[StagedPlate], load_id: int) -> dict[str, Any]:
    on_it = [one for one in staged if plate.code and one.plate == plate.code]
    foreign = [one for one in on_it if one.load_id != load_id]
    return {
        "key": _key(plate.key),
        "name": plate.name,
        "codes": sorted({plate.code, *(one.label for one in on_it)} if plate.code else plate.numbers),
        "location": plate.location,
        "stop_no": plate.stop_no,
        "customer": ", ".join(sorted(plate.customers)),
        "units": plate.units,
        "weight_g": plate.weight_g,
        "hazards": plate.hazards,
        "foreign": _belongs(foreign[0], load_id) if foreign else "",
    }


def _belongs(one: StagedPlate, load_id: int) -> str:
    return rules_loads.belongs(one.order, one.customer, one.load, one.door, is_this=one.load_id == load_id)


def _elsewhere(staged: Sequence[StagedPlate], load_id: int) -> dict[str, str]:
    """Every label and order of the site that does not go on this truck, with where it goes."""
    found: dict[str, str] = {}
    for one in staged[:MOST_STAGED]:
        if one.load_id != load_id:
            for code in (one.plate, one.label, one.order):
                if code:
                    found.setdefault(code, _belongs(one, load_id))
    return found


def _apart(plates: Sequence[Plate]) -> list[dict[str, str]]:
    """The pairs of hazard classes on these plates that may not simply travel together."""
    found = rules_loads.pairs(rules_loads.hazards_of(plates), {})
    return [
        {"one": pair.one, "other": pair.other, "cell": pair.cell, "words": f"{rules_loads.APART[pair.cell]}:",
         "rule": f"{rules_loads.CITED}, cell {pair.cell}."}
        for pair in found
    ]  # fmt: skip


def _doors(site_id: int) -> list[str]:
    """The dock doors of a site, for a truck that has none yet. One query."""
    return [
        code
        for (code,) in sql.fetch_all(
            """
            SELECT code FROM locations_location WHERE site_id = %s AND kind = %s AND NOT is_virtual
            ORDER BY code LIMIT %s
            """,
            (site_id, Kind.DOOR, MOST_DOORS),
        )
    ]


def is_to_load(load_id: int, sites: frozenset[int]) -> bool:
    """Whether a truck at one of these sites waits for goods. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (SELECT FROM shipping_load WHERE id = %s AND state IN ('open', 'loading')
                           AND (0 = ANY(%s::bigint[]) OR site_id = ANY(%s::bigint[])))
            """,
            (load_id, sorted(sites), sorted(sites)),
        )
    )
