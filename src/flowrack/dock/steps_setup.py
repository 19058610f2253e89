"""Writes of the dock's data."""

from __future__ import annotations

from dataclasses import astuple

from flowrack.dock.types_appointments import Policy, SetDoor, Terms
from flowrack.platform import sql

POLICY = """
    INSERT INTO dock_dockpolicy (site_id, slot_minutes, setup_seconds, seconds_per_pallet, seconds_per_case,
                                 seconds_per_lot, inspected_pct, seconds_per_inspection, people_per_door,
                                 no_show_minutes)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (site_id) DO UPDATE SET
        slot_minutes = excluded.slot_minutes, setup_seconds = excluded.setup_seconds,
        seconds_per_pallet = excluded.seconds_per_pallet, seconds_per_case = excluded.seconds_per_case,
        seconds_per_lot = excluded.seconds_per_lot, inspected_pct = excluded.inspected_pct,
        seconds_per_inspection = excluded.seconds_per_inspection, people_per_door = excluded.people_per_door,
        no_show_minutes = excluded.no_show_minutes
"""


def save_door(req: SetDoor) -> None:
    """A door as it should be, with its hours. Three statements."""
    door_id = sql.fetch_value(
        """
        INSERT INTO dock_door (location_id, capabilities, is_active) VALUES (%s, %s::varchar[], %s)
        ON CONFLICT (location_id) DO UPDATE SET capabilities = excluded.capabilities, is_active = excluded.is_active
        RETURNING id
        """,
        (req.location_id, sorted(set(req.capabilities)), req.is_active),
    )
    sql.execute("DELETE FROM dock_doorhours WHERE door_id = %s", (door_id,))
    sql.execute(
        """
        INSERT INTO dock_doorhours (door_id, weekday, opens_at, closes_at)
        SELECT %s, n.weekday, n.opens_at, n.closes_at
        FROM unnest(%s::int[], %s::time[], %s::time[]) AS n(weekday, opens_at, closes_at)
        """,
        (
            door_id,
            [one.weekday for one in req.hours],
            [one.opens_at.isoformat() for one in req.hours],
            [one.closes_at.isoformat() for one in req.hours],
        ),
    )


def save_policy(site_id: int, policy: Policy) -> None:
    """How long things take at a site's doors. One statement."""
    sql.execute(POLICY, (site_id, *astuple(policy)))


def save_terms(carrier_id: int, terms: Terms) -> None:
    """What a carrier asks for waiting. One statement."""
    sql.execute(
        """
        INSERT INTO dock_detentionterms (carrier_id, free_minutes, interval_minutes, amount) VALUES (%s, %s, %s, %s)
        ON CONFLICT (carrier_id) DO UPDATE SET free_minutes = excluded.free_minutes,
            interval_minutes = excluded.interval_minutes, amount = excluded.amount
        """,
        (carrier_id, terms.free_minutes, terms.interval_minutes, terms.amount),
    )
