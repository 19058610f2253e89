"""Writes of integrations that stand outside the stages: people of a simulated house, and the progress of a replay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.platform import sql


def ensure_people(rows: Sequence[tuple[str, str, str, str]]) -> dict[str, int]:
    """Make users (username, full name, password hash, role code) with their one role at every site; ids by username.

    People who exist keep their password. Two statements.
    """
    sql.execute(
        """
        INSERT INTO platform_user (username, full_name, password, email, is_active)
        SELECT p.username, p.full_name, p.password, '', true
        FROM unnest(%s::text[], %s::text[], %s::text[]) AS p(username, full_name, password)
        ON CONFLICT (username) DO NOTHING
        """,
        ([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]),
    )
    found = sql.fetch_all(
        """
        WITH held AS (
            INSERT INTO platform_userrole (user_id, role_id, site_id)
            SELECT u.id, r.id, 0
            FROM unnest(%s::text[], %s::text[]) AS p(username, role)
            JOIN platform_user u ON u.username = p.username
            JOIN platform_role r ON r.code = p.role
            ON CONFLICT (user_id, role_id, site_id) DO NOTHING
        )
        SELECT username, id FROM platform_user WHERE username = ANY(%s::text[])
        """,
        ([r[0] for r in rows], [r[3] for r in rows], [r[0] for r in rows]),
    )
    return dict(found)


def name_own_company(name: str) -> None:
    """Call our own company by its name."""
    sql.execute("UPDATE parties_party SET name = %s WHERE id = 1", (name,))


def open_run(code: str, settings: str) -> tuple[date | None, str]:
    """The progress of a replay (day, step), made when it is new. One statement."""
    row = sql.fetch_one(
        """
        INSERT INTO integrations_replayrun (code, settings) VALUES (%s, %s)
        ON CONFLICT (code) DO UPDATE SET updated_at = clock_timestamp()
        RETURNING day, step
        """,
        (code, settings),
    )
    assert row is not None, "an upsert returns its row"
    return row[0], row[1]


def mark_progress(code: str, on: date, step: str) -> None:
    """Remember the last finished step of a replay."""
    sql.execute(
        "UPDATE integrations_replayrun SET day = %s, step = %s, updated_at = clock_timestamp() WHERE code = %s",
        (on, step, code),
    )


def free_leases() -> None:
    """Give up the leases of a process that was killed on events, so that a resumed replay need not wait for them."""
    sql.execute(
        "UPDATE platform_outboxevent SET leased_until = NULL WHERE done_at IS NULL AND leased_until IS NOT NULL"
    )


def make_site(code: str, name: str, country: str) -> int:
    """A site; its virtual places come with it."""
    return int(
        sql.fetch_value(
            """
            INSERT INTO locations_site (code, name, timezone, country) VALUES (%s, %s, 'Europe/London', %s)
            ON CONFLICT (code) DO UPDATE SET name = excluded.name RETURNING id
            """,
            (code, name, country),
        )
    )


def make_zones(site_id: int, zones: Sequence[tuple[str, str, str]]) -> None:
    """Zones of a site: code, name, role."""
    sql.execute(
        """
        INSERT INTO locations_zone (site_id, code, name, role)
        SELECT %s, z.code, z.name, z.role FROM unnest(%s::text[], %s::text[], %s::text[]) AS z(code, name, role)
        ON CONFLICT (site_id, code) DO NOTHING
        """,
        (site_id, [z[0] for z in zones], [z[1] for z in zones], [z[2] for z in zones]),
    )


def make_places(site_id: int, places: Sequence[tuple[str, str, str, int]]) -> dict[str, int]:
    """Locations of a site: zone, code, kind, pick sequence; ids by code."""
    sql.execute(
        """
        INSERT INTO locations_location (site_id, zone_id, code, kind, role, pick_sequence)
        SELECT z.site_id, z.id, p.code, p.kind, z.role, p.sequence
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) WITH ORDINALITY
             AS p(zone, code, kind, sequence, n)
        JOIN locations_zone z ON z.site_id = %s AND z.code = p.zone
        ORDER BY p.n ON CONFLICT (site_id, code) DO NOTHING
        """,
        ([p[0] for p in places], [p[1] for p in places], [p[2] for p in places], [p[3] for p in places], site_id),
    )
    rows = sql.fetch_all(
        "SELECT code, id FROM locations_location WHERE site_id = %s AND code = ANY(%s::text[])",
        (site_id, [p[1] for p in places]),
    )
    return dict(rows)


def make_items(items: Sequence[Any]) -> dict[str, int]:
    """Items and packs."""
    sql.execute(
        """
        INSERT INTO catalog_item (sku, name, base_uom, tracking, has_expiry, shelf_life_days, costing, standard_cost,
                                  list_price, velocity)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bool[], %s::int[], %s::text[],
                             %s::numeric[], %s::numeric[], %s::text[])
        ON CONFLICT (sku) DO NOTHING
        """,
        (
            [i.sku for i in items],
            [i.name for i in items],
            [i.base_uom for i in items],
            [i.tracking for i in items],
            [i.has_expiry for i in items],
            [i.shelf_life_days for i in items],
            [i.costing for i in items],
            [i.standard_cost for i in items],
            [i.list_price for i in items],
            [i.velocity for i in items],
        ),
    )
    found = dict(
        sql.fetch_all("SELECT sku, id FROM catalog_item WHERE sku = ANY(%s::text[])", ([i.sku for i in items],))
    )
    packs = [(found[i.sku], "each", 1) for i in items] + [(found[i.sku], p[0], p[1]) for i in items for p in i.packs]
    sql.execute(
        """
        INSERT INTO catalog_packlevel (item_id, level, factor)
        SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) ON CONFLICT DO NOTHING
        """,
        ([p[0] for p in packs], [p[1] for p in packs], [p[2] for p in packs]),
    )
    return found


def make_suppliers(rows: Sequence[tuple[str, str, str, int, list[int]]]) -> dict[str, int]:
    """Suppliers: code, name, country, lead days, delivery weekdays."""
    sql.execute(
        """
        INSERT INTO parties_party (code, name, country, is_supplier)
        SELECT p.code, p.name, p.country, true FROM unnest(%s::text[], %s::text[], %s::text[]) AS p(code, name, country)
        ON CONFLICT (code) DO NOTHING
        """,
        ([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]),
    )
    sql.execute(
        """
        INSERT INTO parties_supplierterms (party_id, lead_time_days, delivery_weekdays)
        SELECT p.id, t.lead, string_to_array(t.days, ',')::smallint[]
        FROM unnest(%s::text[], %s::int[], %s::text[]) AS t(code, lead, days) JOIN parties_party p ON p.code = t.code
        ON CONFLICT (party_id) DO NOTHING
        """,
        ([r[0] for r in rows], [r[3] for r in rows], [",".join(map(str, r[4])) for r in rows]),
    )
    return dict(
        sql.fetch_all("SELECT code, id FROM parties_party WHERE code = ANY(%s::text[])", ([r[0] for r in rows],))
    )


def make_offers(rows: Sequence[tuple[str, str, Decimal, int, int]]) -> None:
    """Supplier items: supplier, sku, cost, least, multiple."""
    sql.execute(
        """
        INSERT INTO parties_supplieritem (supplier_id, item_id, unit_cost, moq, multiple, is_preferred)
        SELECT p.id, i.id, o.cost, o.moq, o.multiple, true
        FROM unnest(%s::text[], %s::text[], %s::numeric[], %s::bigint[], %s::bigint[])
             AS o(supplier, sku, cost, moq, multiple)
        JOIN parties_party p ON p.code = o.supplier JOIN catalog_item i ON i.sku = o.sku
        ON CONFLICT DO NOTHING
        """,
        ([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], [r[3] for r in rows], [r[4] for r in rows]),
    )


def make_customers(rows: Sequence[tuple[str, str, str, str, str, int]]) -> dict[str, int]:
    """Customers: code, name, country, tier, partial policy, least life."""
    sql.execute(
        """
        INSERT INTO parties_party (code, name, country, is_customer)
        SELECT p.code, p.name, p.country, true FROM unnest(%s::text[], %s::text[], %s::text[]) AS p(code, name, country)
        ON CONFLICT (code) DO NOTHING
        """,
        ([r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]),
    )
    sql.execute(
        """
        INSERT INTO parties_customerterms (party_id, tier, ships_partial, min_remaining_life_days)
        SELECT p.id, t.tier, t.partial, t.life
        FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[]) AS t(code, tier, partial, life)
        JOIN parties_party p ON p.code = t.code ON CONFLICT (party_id) DO NOTHING
        """,
        ([r[0] for r in rows], [r[3] for r in rows], [r[4] for r in rows], [r[5] for r in rows]),
    )
    return dict(
        sql.fetch_all("SELECT code, id FROM parties_party WHERE code = ANY(%s::text[])", ([r[0] for r in rows],))
    )
