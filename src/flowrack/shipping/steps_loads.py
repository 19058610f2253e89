"""Writes of loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref
from flowrack.shipping import locks_loads
from flowrack.shipping.locks_loads import LockedLoad
from flowrack.shipping.rules_loads import Key, Plate
from flowrack.shipping.types_loads import LOAD, DoorTaken, LoadNotFound, LoadPolicy, OnOtherLoad, Truck


@dataclass(slots=True)
class Stop:
    """A stop of a load: an address of a customer with its orders, or a site of ours with its transfers."""

    customer_id: int = 0
    address_id: int = 0
    to_site_id: int = 0
    order_ids: list[int] = field(default_factory=list)
    transfer_ids: list[int] = field(default_factory=list)


def claim(ctx: Context, load_id: int, permission: str) -> LockedLoad:
    """The load, locked, if the actor may work on it. Refuses with LoadNotFound or NotPermitted."""
    found = locks_loads.load(load_id)
    if found is None or not ctx.may("shipping.view", found.site_id):
        raise LoadNotFound("There is no such load.", fix="Open the list of loads.")
    ctx.require(permission, found.site_id)
    ctx.subject = ref(LOAD, load_id)
    return found


def insert_load(ctx: Context, site_id: int, number: str, truck: Truck) -> int:
    """Write the head of a load. One statement."""
    made: int = sql.fetch_value(
        """
        INSERT INTO shipping_load (number, site_id, state, door_id, carrier_id, trailer, driver, cut_off_at,
                                   max_weight_g, max_volume_ml, carrier_reason, planned_at, planned_by_id)
        VALUES (%s, %s, 'open', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (number, site_id, *_truck(truck), ctx.now, ctx.actor_id),
    )
    return made


def _truck(truck: Truck) -> tuple[object, ...]:
    return (
        truck.door_id or None,
        truck.carrier_id or None,
        truck.trailer.strip(),
        truck.driver.strip(),
        truck.cut_off_at,
        truck.max_weight_g,
        truck.max_volume_ml,
        truck.carrier_reason.strip()[:200],
    )


def change_truck(load_id: int, truck: Truck) -> None:
    """What is known of the truck. One statement."""
    sql.execute(
        """
        UPDATE shipping_load SET door_id = %s, carrier_id = %s, trailer = %s, driver = %s, cut_off_at = %s,
               max_weight_g = %s, max_volume_ml = %s, carrier_reason = %s WHERE id = %s
        """,
        (*_truck(truck), load_id),
    )


def write_stops(load_id: int, stops: Sequence[Stop]) -> None:
    """The stops of a load with their orders, in place of those it had; what is loaded goes to its order's stop."""
    sql.execute("DELETE FROM shipping_loadorder WHERE load_id = %s", (load_id,))
    sql.execute("DELETE FROM shipping_loadtransfer WHERE load_id = %s", (load_id,))
    sql.execute("DELETE FROM shipping_loadstop WHERE load_id = %s", (load_id,))
    sql.execute(
        """
        INSERT INTO shipping_loadstop (load_id, stop_no, customer_id, ship_to_id, to_site_id)
        SELECT %s::bigint, s.n, nullif(s.customer, 0), nullif(s.address, 0), nullif(s.site, 0)
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY AS s(customer, address, site, n)
        """,
        (
            load_id,
            [stop.customer_id for stop in stops],
            [stop.address_id for stop in stops],
            [stop.to_site_id for stop in stops],
        ),
    )
    flat = [(n, order_id) for n, stop in enumerate(stops, 1) for order_id in stop.order_ids]
    sql.execute(
        """
        INSERT INTO shipping_loadorder (load_id, stop_no, order_id, is_live)
        SELECT %s::bigint, o.n, o.id, true FROM unnest(%s::int[], %s::bigint[]) AS o(n, id) ORDER BY o.id
        """,
        (load_id, [n for n, _ in flat], [order_id for _, order_id in flat]),
    )
    carried = [(n, transfer_id) for n, stop in enumerate(stops, 1) for transfer_id in stop.transfer_ids]
    sql.execute(
        """
        INSERT INTO shipping_loadtransfer (load_id, stop_no, transfer_id, is_live)
        SELECT %s::bigint, t.n, t.id, true FROM unnest(%s::int[], %s::bigint[]) AS t(n, id) ORDER BY t.id
        """,
        (load_id, [n for n, _ in carried], [transfer_id for _, transfer_id in carried]),
    )


def renumber(load_id: int, stop_of: dict[Key, int]) -> None:
    """What is on the truck belongs to stops that have other numbers now. One statement."""
    sql.execute(
        """
        UPDATE shipping_loadedplate p SET stop_no = s.n
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[]) AS s(lpn, order_id, transfer_id, n)
        WHERE p.load_id = %s AND p.state = 'on' AND p.lpn_id = s.lpn AND coalesce(p.order_id, 0) = s.order_id
          AND coalesce(p.transfer_id, 0) = s.transfer_id
        """,
        (*([key[n] for key in stop_of] for n in range(3)), list(stop_of.values()), load_id),
    )


def start(ctx: Context, load_id: int, door_id: int) -> None:
    """The truck stands at the door. One statement."""
    sql.execute(
        "UPDATE shipping_load SET state = 'loading', door_id = %s, started_at = %s WHERE id = %s",
        (door_id, ctx.now, load_id),
    )


def put_on(ctx: Context, load_id: int, plate: Plate, *, reason: str, separation: str) -> None:
    """A plate goes on. One statement."""
    sql.execute(
        """
        INSERT INTO shipping_loadedplate (load_id, stop_no, lpn_id, order_id, transfer_id, units, weight_g, loaded_at,
                                          loaded_by_id, state, reason, separation)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'on', %s, %s)
        """,
        (
            load_id,
            plate.stop_no,
            plate.key[0],
            plate.key[1] or None,
            plate.key[2] or None,
            plate.units,
            plate.weight_g,
            ctx.now,
            ctx.actor_id,
            reason,
            separation,
        ),
    )


def take_off(ctx: Context, load_id: int, key: Key) -> int:
    """A plate comes off; how many did. One statement."""
    return sql.execute(
        """
        UPDATE shipping_loadedplate SET state = 'off', off_at = %s
        WHERE load_id = %s AND lpn_id = %s AND coalesce(order_id, 0) = %s AND coalesce(transfer_id, 0) = %s
          AND state = 'on'
        """,
        (ctx.now, load_id, *key),
    )


def sign(ctx: Context, load_id: int, signed_by: str, signature: str) -> None:
    """The driver signed. One statement."""
    sql.execute(
        "UPDATE shipping_load SET signed_by = %s, signature = %s, signed_at = %s WHERE id = %s",
        (signed_by, signature, ctx.now, load_id),
    )


def unsign(load_id: int) -> None:
    """What is on the truck is not what the driver signed for any more. One statement."""
    sql.execute("UPDATE shipping_load SET signed_by = '', signature = '', signed_at = NULL WHERE id = %s", (load_id,))


def close(ctx: Context, load_id: int, seal: str, stop_of: dict[int, int]) -> None:
    """The truck is sealed: its plates are gone, its orders free, its shipments know the load. Five statements."""
    sql.execute(
        "UPDATE shipping_load SET state = 'closed', closed_at = %s, closed_by_id = %s, seal = %s WHERE id = %s",
        (ctx.now, ctx.actor_id, seal, load_id),
    )
    sql.execute("UPDATE shipping_loadedplate SET state = 'gone' WHERE load_id = %s AND state = 'on'", (load_id,))
    sql.execute("UPDATE shipping_loadorder SET is_live = false WHERE load_id = %s", (load_id,))
    sql.execute("UPDATE shipping_loadtransfer SET is_live = false WHERE load_id = %s", (load_id,))
    sql.execute(
        """
        UPDATE shipping_shipment h SET load_id = %s, stop_no = s.n FROM unnest(%s::bigint[], %s::int[]) AS s(id, n)
        WHERE h.id = s.id
        """,
        (load_id, list(stop_of), list(stop_of.values())),
    )


def leave_shipment(shipment_ids: Sequence[int], order_ids: Sequence[int]) -> None:
    """Orders of which nothing goes are no part of their prepared shipments any more. One statement."""
    sql.execute(
        """
        DELETE FROM shipping_shipmentorder
        WHERE shipment_id = ANY(%s::bigint[]) AND order_id = ANY(%s::bigint[]) AND is_waiting
        """,
        (list(shipment_ids), list(order_ids)),
    )


def empty_pallets(load_id: int, lpn_ids: Sequence[int]) -> list[int]:
    """Pallets of these on which nothing stands any more; cartons on them are off. One statement."""
    rows = sql.fetch_all(
        """
        WITH off AS (
            UPDATE shipping_stackedcarton SET is_on = false, load_id = %(load)s
            WHERE pallet_id = ANY(%(ids)s::bigint[]) AND is_on
        )
        SELECT n.id FROM locations_lpn n
        WHERE n.id = ANY(%(ids)s::bigint[]) AND n.kind = 'pallet' AND n.closed_at IS NULL
          AND NOT EXISTS (SELECT FROM ledger_cell e WHERE e.lpn_id = n.id AND e.on_hand > 0)
        """,
        {"ids": list(lpn_ids), "load": load_id},
    )
    return [row[0] for row in rows]


def leave_door(ctx: Context, load_id: int) -> None:
    """The truck is gone. One statement."""
    sql.execute("UPDATE shipping_load SET state = 'left', left_at = %s WHERE id = %s", (ctx.now, load_id))


def call_off(ctx: Context, load_id: int, reason: str) -> None:
    """The truck does not go; what is on it is off, its orders are free. Four statements."""
    sql.execute("UPDATE shipping_load SET state = 'cancelled', end_reason = %s WHERE id = %s", (reason, load_id))
    sql.execute(
        "UPDATE shipping_loadedplate SET state = 'off', off_at = %s WHERE load_id = %s AND state = 'on'",
        (ctx.now, load_id),
    )
    sql.execute("UPDATE shipping_loadorder SET is_live = false WHERE load_id = %s", (load_id,))
    sql.execute("UPDATE shipping_loadtransfer SET is_live = false WHERE load_id = %s", (load_id,))


def write_policy(site_id: int, policy: LoadPolicy) -> None:
    """How a site loads from now on. One statement."""
    sql.execute(
        """
        INSERT INTO shipping_loadrules (site_id, stop_order, past_cut_off, needs_seal, needs_signature, answer_hours,
                                        proof_years, carrier_else, takes_totes)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (site_id) DO UPDATE SET stop_order = excluded.stop_order, past_cut_off = excluded.past_cut_off,
            needs_seal = excluded.needs_seal, needs_signature = excluded.needs_signature,
            answer_hours = excluded.answer_hours, proof_years = excluded.proof_years,
            carrier_else = excluded.carrier_else, takes_totes = excluded.takes_totes
        """,
        (
            site_id,
            policy.stop_order,
            policy.past_cut_off,
            policy.needs_seal,
            policy.needs_signature,
            policy.answer_hours,
            policy.proof_years,
            policy.carrier_else,
            policy.takes_totes,
        ),
    )


def _door_taken() -> DoorTaken:
    return DoorTaken(
        "Another truck is being loaded at this door.", fix="Close or call off that load, or use another door."
    )


def _on_other() -> OnOtherLoad:
    return OnOtherLoad("One of these is on another load.", fix="Take it off that load first.")


def _unknown() -> Invalid:
    return Invalid("This is no way of loading that is known here.", fix="Choose from the list.")


refuse_on("load_one_at_a_door", _door_taken)
refuse_on("load_order_on_one_truck", _on_other)
refuse_on("load_transfer_on_one_truck", _on_other)
refuse_on("load_rules_known", _unknown)
refuse_on("load_rules_carrier_known", _unknown)
refuse_on("load_rules_sensible", _unknown)
