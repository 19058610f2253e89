"""What a wave still has to pick, place by place."""

from __future__ import annotations

from datetime import datetime

from flowrack.platform import sql


def units_to_pick(wave_id: int) -> tuple[int, list[tuple[int, int, int]]]:
    """The site of a wave, and (place, item, units) of its open picks. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.site_id, p.location_id, p.item_id, sum(p.units)::bigint
        FROM fulfilment_wave w LEFT JOIN fulfilment_pickline p ON p.wave_id = w.id AND p.state = 'open'
        WHERE w.id = %s GROUP BY w.site_id, p.location_id, p.item_id ORDER BY p.location_id, p.item_id
        """,
        (wave_id,),
    )
    return (rows[0][0] if rows else 0), [(row[1], row[2], row[3]) for row in rows if row[1] is not None]


def due_of(wave_id: int) -> datetime | None:
    """By when the lists of a wave must be picked; None where nobody said so. One query."""
    found: datetime | None = sql.fetch_value(
        "SELECT max(due_at) FROM fulfilment_picklist WHERE wave_id = %s", (wave_id,)
    )
    return found
