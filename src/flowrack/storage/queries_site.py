"""Reads of what goes on at a site while bins are chosen: work in the aisles, pick faces, and where items lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flowrack.platform import sql
from flowrack.storage.rules_putaway import FaceAt


@dataclass(frozen=True, slots=True)
class SiteNow:
    """What goes on at a site: tasks by aisle, pick faces of items, empty bins by shape that something goes to, the
    bins where the items lie, are on their way to or have their face, and the rule set in use (0 = built in).

    `stamp` is another one whenever the counts of a kind of bins may be others, `rules_stamp` whenever the rule set is.
    """

    busy: dict[tuple[int, str], int]
    faces: dict[int, list[FaceAt]]
    under_way: dict[int, int]
    places: set[int]
    rule_set_id: int = 0
    rules_stamp: str = ""
    stamp: str = ""


def ask_site_now(site_id: int, item_ids: Sequence[int], without_moves: Sequence[int] = ()) -> sql.Asked:
    """What people work on, what is under way, the rules, and where items lie and are picked. One query.

    Places that are no bins are left out, above all the dock, where everything lies that waits for a bin.
    """
    items = sql.listed("items", item_ids)
    return (
        f"""
        SELECT 'busy', l.zone_id, l.aisle, count(*), 0 FROM tasks_task t
        JOIN locations_location l ON l.id = coalesce(t.to_location_id, t.from_location_id) AND l.aisle <> ''
        WHERE t.site_id = %(site)s AND t.state = 'leased' GROUP BY 2, 3
        UNION ALL
        SELECT 'face', f.item_id, l.code, s.stop, s.walk FROM storage_pickface f
        JOIN locations_location l ON l.id = f.location_id AND l.site_id = %(site)s
        JOIN storage_binstate s ON s.location_id = f.location_id
        WHERE f.item_id = ANY({items})
        UNION ALL
        SELECT 'way', h.id, '', n.number, 0 FROM storage_binshape h CROSS JOIN LATERAL (
            SELECT count(*) AS number FROM storage_binstate s
            WHERE s.shape_id = h.id AND s.filling = 0 AND s.is_coming AND (
                %(without)s::bigint[] = '{{}}' OR EXISTS (
                    SELECT FROM storage_plannedmove m WHERE m.to_location_id = s.location_id AND m.state = 'open'
                    AND NOT m.id = ANY(%(without)s::bigint[])))
            OFFSET 0
        ) AS n
        WHERE h.site_id = %(site)s AND n.number > 0
        UNION ALL
        SELECT DISTINCT 'at', c.location_id, '', 0, 0 FROM ledger_cell c
        JOIN storage_binstate s ON s.location_id = c.location_id
        WHERE c.item_id = ANY({items}) AND c.site_id = %(site)s AND NOT c.is_virtual AND c.on_hand > 0
        UNION ALL
        SELECT 'at', m.to_location_id, '', 0, 0 FROM storage_plannedmove m
        WHERE m.item_id = ANY({items}) AND m.site_id = %(site)s AND m.state = 'open' AND m.to_location_id IS NOT NULL
        UNION ALL
        SELECT 'at', f.location_id, '', 0, 0 FROM storage_pickface f
        JOIN locations_location l ON l.id = f.location_id AND l.site_id = %(site)s
        WHERE f.item_id = ANY({items})
        UNION ALL
        SELECT 'rules', r.id, r.xmin::text, 0, 0 FROM storage_putawayruleset r
        WHERE r.site_id = %(site)s AND r.state = 'active'
        UNION ALL
        SELECT 'stamp', 0, c.stamp::text, 0, 0 FROM storage_bincensus c WHERE c.site_id = %(site)s
        ORDER BY 5, 3
        """,  # noqa: S608 - text of this module
        {"site": site_id, "items": list(item_ids), "without": list(without_moves)},
    )


def site_now_of(rows: Sequence[Sequence[Any]]) -> SiteNow:
    """The answer of `ask_site_now`."""
    busy: dict[tuple[int, str], int] = {}
    faces: dict[int, list[FaceAt]] = {}
    under_way: dict[int, int] = {}
    places: set[int] = set()
    rule_set_id, rules_stamp, stamp = 0, "", ""
    for what, key, text, number, walk in rows:
        if what == "at":
            places.add(key)
        elif what == "way":
            under_way[key] = number
        elif what == "busy":
            busy[(key, text)] = number
        elif what == "face":
            faces.setdefault(key, []).append((number, text, walk))
        elif what == "rules":
            rule_set_id, rules_stamp = key, text
        else:
            stamp = text
    return SiteNow(busy, faces, under_way, places, rule_set_id, rules_stamp, stamp)
