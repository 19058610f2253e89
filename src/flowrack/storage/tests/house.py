"""A house with bins that have limits, goods at the dock, and a look at what is planned."""

from __future__ import annotations

from flowrack.ledger.tests.house import House, house, receive, value
from flowrack.platform import sql


def shelves(*, bins: int = 3, **limits: object) -> House:
    """A site whose reserve bins R-01, R-02, ... have these limits; the other places are as in the kernel's house."""
    built = house()
    sql.execute("UPDATE locations_location SET is_active = false WHERE role = 'reserve'")
    zone = value("SELECT id FROM locations_zone WHERE site_id = %s AND role = 'reserve'", built.site)
    for n in range(1, bins + 1):
        built.places[f"R-{n:02}"] = value(
            """
            INSERT INTO locations_location (site_id, zone_id, code, role, pick_sequence, max_volume_ml, max_weight_g,
                                            max_lpns)
            VALUES (%s, %s, %s, 'reserve', %s, %s, %s, %s) RETURNING id
            """,
            built.site,
            zone,
            f"R-{n:02}",
            n,
            limits.get("max_volume_ml"),
            limits.get("max_weight_g"),
            limits.get("max_lpns"),
        )
    return built


def measured(item_id: int, *, mm: int = 100, grams: int = 500) -> None:
    """One unit is a cube of `mm` and weighs `grams`: 100 mm make a litre."""
    sql.execute("DELETE FROM catalog_packlevel WHERE item_id = %s AND level = 'each'", (item_id,))
    sql.execute(
        """
        INSERT INTO catalog_packlevel (item_id, level, factor, length_mm, width_mm, height_mm, weight_g)
        VALUES (%s, 'each', 1, %s, %s, %s, %s)
        """,
        (item_id, mm, mm, mm, grams),
    )


def at_dock(at: House, item_id: int, units: int, cost: str = "4", *, lot_id: int = 0) -> None:
    """Goods from the supplier at the dock, without a receipt."""
    receive(at, item_id, units, cost, "receiving1", lot_id=lot_id)


def lpn(at: House, code: str) -> int:
    """A pallet of the site."""
    return value(
        "INSERT INTO locations_lpn (code, kind, site_id) VALUES (%s, 'pallet', %s) RETURNING id", code, at.site
    )


def plans() -> list[tuple[str, int, int, str, str]]:
    """(state, units, done, to, ended in) of every planned move, in order."""
    return [
        (row[0], row[1], row[2], row[3], row[4])
        for row in sql.fetch_all(
            """
            SELECT m.state, m.units, m.done_units, coalesce(t.code, ''), coalesce(e.code, '')
            FROM storage_plannedmove m LEFT JOIN locations_location t ON t.id = m.to_location_id
            LEFT JOIN locations_location e ON e.id = m.ended_in_id ORDER BY m.id
            """
        )
    ]
