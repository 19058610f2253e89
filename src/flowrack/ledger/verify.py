"""Proves that every running sum equals the moves behind it, and that what rows name exists.

Each check is a query that must return no row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from flowrack.ledger.types import STATES
from flowrack.platform import sql

_STATE_TOTALS = ", ".join(f"sum(on_hand) FILTER (WHERE state = '{state}') AS {state}" for state in STATES)
_STATE_DIFFERS = " OR ".join(f"coalesce(p.{state}, 0) <> coalesce(c.{state}, 0)" for state in STATES)

CHECKS: dict[str, str] = {
    "cells equal their moves": """
        SELECT c.id, c.on_hand, coalesce(i.units, 0) - coalesce(o.units, 0)
          FROM ledger_cell c
          LEFT JOIN (SELECT to_cell_id AS id, sum(units) AS units FROM ledger_move GROUP BY 1) i USING (id)
          LEFT JOIN (SELECT from_cell_id AS id, sum(units) AS units FROM ledger_move GROUP BY 1) o USING (id)
         WHERE c.on_hand <> coalesce(i.units, 0) - coalesce(o.units, 0)""",
    "units are conserved per item, lot and owner": """
        SELECT item_id, lot_id, owner_id, sum(on_hand) FROM ledger_cell GROUP BY 1, 2, 3 HAVING sum(on_hand) <> 0""",
    "every move names a posting and two cells": """
        SELECT m.id FROM ledger_move m LEFT JOIN ledger_posting p ON p.id = m.posting_id
          LEFT JOIN ledger_cell f ON f.id = m.from_cell_id LEFT JOIN ledger_cell t ON t.id = m.to_cell_id
         WHERE p.id IS NULL OR f.id IS NULL OR t.id IS NULL""",
    "cells, pools and books name what exists": """
        SELECT 'cell', c.id FROM ledger_cell c
          LEFT JOIN catalog_item i ON i.id = c.item_id LEFT JOIN catalog_lot t ON t.id = c.lot_id
          LEFT JOIN locations_location l ON l.id = c.location_id AND l.site_id = c.site_id
          LEFT JOIN locations_lpn p ON p.id = c.lpn_id LEFT JOIN parties_party o ON o.id = c.owner_id
         WHERE i.id IS NULL OR t.id IS NULL OR l.id IS NULL OR p.id IS NULL OR o.id IS NULL
        UNION ALL
        SELECT 'pool', c.id FROM ledger_pool c
          LEFT JOIN catalog_item i ON i.id = c.item_id LEFT JOIN catalog_lot t ON t.id = c.lot_id
          LEFT JOIN locations_site s ON s.id = c.site_id LEFT JOIN parties_party o ON o.id = c.owner_id
         WHERE i.id IS NULL OR t.id IS NULL OR s.id IS NULL OR o.id IS NULL
        UNION ALL
        SELECT 'book', c.id FROM ledger_book c
          LEFT JOIN catalog_item i ON i.id = c.item_id LEFT JOIN catalog_lot t ON t.id = c.lot_id
          LEFT JOIN locations_site s ON s.id = c.site_id
         WHERE i.id IS NULL OR t.id IS NULL OR s.id IS NULL""",
    "moves keep item, lot and owner": """
        SELECT m.id FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id
          JOIN ledger_cell t ON t.id = m.to_cell_id
         WHERE (f.item_id, f.lot_id, f.owner_id) <> (t.item_id, t.lot_id, t.owner_id)""",
    "reserved equals the reservations": """
        SELECT c.id, c.reserved, coalesce(r.units, 0) FROM ledger_cell c
          LEFT JOIN (SELECT cell_id AS id, sum(units) AS units FROM ledger_reservation GROUP BY 1) r USING (id)
         WHERE c.reserved <> coalesce(r.units, 0)""",
    "pools equal their cells": f"""
        SELECT item_id, lot_id, site_id, owner_id FROM ledger_pool p FULL JOIN (
            SELECT item_id, lot_id, site_id, owner_id, {_STATE_TOTALS}
              FROM ledger_cell WHERE NOT is_virtual GROUP BY 1, 2, 3, 4) c
         USING (item_id, lot_id, site_id, owner_id) WHERE {_STATE_DIFFERS}""",  # noqa: S608 - constant columns
    "committed equals the commitments": """
        SELECT p.id, p.committed, coalesce(c.units, 0) FROM ledger_pool p
          LEFT JOIN (SELECT pool_id AS id, sum(units) AS units FROM ledger_commitment GROUP BY 1) c USING (id)
         WHERE p.committed <> coalesce(c.units, 0)""",
    "books equal the moves between accounts": """
        WITH crossing AS (
            SELECT f.item_id, f.lot_id, m.units, m.value, f.site_id AS fsite, f.account AS facc, t.site_id AS tsite,
                   t.account AS tacc
              FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id JOIN ledger_cell t ON t.id = m.to_cell_id
             WHERE f.owner_id = 1 AND (f.account <> t.account OR f.site_id <> t.site_id OR m.units = 0)
        ), legs AS (
            SELECT item_id, lot_id, fsite AS site_id, facc AS account, -units AS units, -value AS value FROM crossing
            UNION ALL SELECT item_id, lot_id, tsite, tacc, units, value FROM crossing
        ), summed AS (
            SELECT l.item_id, l.site_id, l.account,
                   CASE WHEN i.costing = 'lot_actual' AND l.account IN ('inventory', 'in_transit') THEN l.lot_id ELSE 0
                   END AS lot_id, sum(l.units) AS units, sum(l.value) AS value
              FROM legs l JOIN catalog_item i ON i.id = l.item_id GROUP BY 1, 2, 3, 4
        )
        SELECT item_id, site_id, account, lot_id, b.units, s.units, b.value, s.value
          FROM ledger_book b FULL JOIN summed s USING (item_id, site_id, account, lot_id)
         WHERE coalesce(b.units, 0) <> coalesce(s.units, 0) OR coalesce(b.value, 0) <> coalesce(s.value, 0)""",
    "inventory books hold the units on hand": """
        SELECT item_id, site_id, account, b.units, c.units FROM (
            SELECT item_id, site_id, account, sum(units) AS units FROM ledger_book
             WHERE account IN ('inventory', 'in_transit') GROUP BY 1, 2, 3) b
          FULL JOIN (SELECT item_id, site_id, account, sum(on_hand) AS units FROM ledger_cell
                      WHERE account IN ('inventory', 'in_transit') AND owner_id = 1 GROUP BY 1, 2, 3) c
         USING (item_id, site_id, account) WHERE coalesce(b.units, 0) <> coalesce(c.units, 0)""",
    "the trial balance is zero": """
        SELECT site_sum.value FROM (SELECT sum(value) AS value FROM ledger_book) site_sum WHERE site_sum.value <> 0""",
    "months add up to their book": """
        SELECT b.id FROM ledger_book b
          LEFT JOIN (SELECT book_id, sum(units) AS units, sum(value) AS value FROM ledger_bookmonth GROUP BY 1) m
            ON m.book_id = b.id
         WHERE b.units <> coalesce(m.units, 0) OR b.value <> coalesce(m.value, 0)""",
    "FIFO layers equal their book": """
        SELECT b.id, b.units, l.units, b.value, l.value FROM ledger_book b JOIN catalog_item i ON i.id = b.item_id
          LEFT JOIN (SELECT book_id, sum(units_left) AS units, sum(value_left) AS value FROM ledger_layer GROUP BY 1) l
            ON l.book_id = b.id
         WHERE i.costing = 'fifo' AND b.account IN ('inventory', 'in_transit')
           AND (b.units <> coalesce(l.units, 0) OR b.value <> coalesce(l.value, 0))""",
    "other owners' stock has no value": """
        SELECT m.id FROM ledger_move m JOIN ledger_cell f ON f.id = m.from_cell_id
         WHERE f.owner_id <> 1 AND m.value <> 0""",
    "a serial number is in one place": """
        SELECT c.id, c.on_hand, s.cell_id FROM ledger_cell c
          FULL JOIN ledger_serialplace s ON s.cell_id = c.id
         WHERE (c.is_serial AND NOT c.is_virtual AND c.on_hand <> 0 AND s.cell_id IS NULL)
            OR (s.cell_id IS NOT NULL AND coalesce(c.on_hand, 0) <> 1)""",
    "an LPN stands at one location": """
        SELECT lpn_id, array_agg(DISTINCT location_id) FROM ledger_cell
         WHERE lpn_id <> 0 AND NOT is_virtual AND on_hand > 0 GROUP BY 1 HAVING count(DISTINCT location_id) > 1""",
    "a command posts what its record says": """
        SELECT p.id FROM ledger_posting p LEFT JOIN platform_commandrecord c ON c.id = p.command_id
         WHERE c.id IS NULL""",
}


_of_stages: dict[str, str] = {}


def also_verify(name: str, query: str) -> None:
    """A later stage's invariant, beside the ledger's: a query that must return no row."""
    _of_stages[name] = query


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken invariant: which, in how many rows, and the first few of them."""

    check: str
    rows: int
    sample: list[tuple[object, ...]]


def checks() -> dict[str, str]:
    """All checks: those of the ledger, those that later stages add, and that their rows name what exists where no
    foreign key says so."""
    return CHECKS | _of_stages | {f"rows of {table} name what exists": query for table, query in _names()}


def _names() -> Iterator[tuple[str, str]]:
    for model in apps.get_models():
        # The ledger's own names are among CHECKS.
        keys = [f for f in model._meta.local_concrete_fields if isinstance(f, models.ForeignKey)]
        named = [key for key in keys if not getattr(key, "db_constraint", True)]  # not in the stubs
        if named and model._meta.app_label != "ledger":
            table = model._meta.db_table
            yield (
                table,
                " UNION ALL ".join(
                    f"""SELECT '{f.column}', t.{f.column} FROM {table} t
                    LEFT JOIN {f.remote_field.model._meta.db_table} n ON n.id = t.{f.column}
                    WHERE t.{f.column} IS NOT NULL AND n.id IS NULL"""  # noqa: S608 - names of tables and columns
                    for f in named
                ),
            )


def verify() -> list[Finding]:
    """Run every check; an empty list is the proof. Reads the whole ledger."""
    findings = []
    for check, query in checks().items():
        rows = sql.fetch_all(query)
        if rows:
            findings.append(Finding(check, len(rows), rows[:5]))
    return findings
