"""Opening stock as a company brings it: counted in its bins on the day of the start, read from a file.

Fast movers lie in their pick face up to its maximum, what is more in the racks, the fastest nearest to the door.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta

from flowrack.integrations.replay import quality, rules
from flowrack.integrations.replay.house import House, Site, moment
from flowrack.integrations.replay.setup import bins, face_codes
from flowrack.integrations.replay.types import SimItem
from flowrack.platform.importing import ImportFile, Options, store_file
from flowrack.storage.commands import load_opening_stock

SCARCE = 40  # percent of their usual opening stock that items have which are bought every week from the first on
HEADER = ("site", "location", "sku", "units", "unit_cost", "lot", "expires_on")


def load_opening(house: House, on: date) -> None:
    """The opening stock of each site in one file, posted from OPENING: nobody bought it from us, nothing is owed."""
    for site in house.sites:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(opening_lines(house, site, on))
        name = f"opening-stock-{site.code}.csv"
        asked = ImportFile(store_file(text.getvalue().encode(), name), name, Options())
        key = f"{on}:opening:{site.code}"
        house.do(load_opening_stock, "inventory_controller", asked, key=key, at=moment(on, 9))
    house.tell()


def opening_lines(house: House, site: Site, on: date) -> Iterator[tuple[object, ...]]:
    """Site, place, item, units, cost, lot and expiry of each line; a place holds one item."""
    fastest = sorted(house.world.items.values(), key=lambda i: (-i.units_in_all, i.sku))
    faces = dict(zip((item.sku for item in fastest), face_codes(house), strict=False))
    racks = bins(len(fastest))
    scarce = quality.bought_weekly(house)
    for item in fastest:
        units = rules.opening_at(
            item, site.opening_percent * SCARCE // 100 if item.sku in scarce else site.opening_percent
        )
        if not units:
            continue
        in_face = min(units, rules.face_levels(item)[1]) if item.sku in faces else 0
        if in_face:
            yield _line(site, faces[item.sku], item, in_face, on)
        if units > in_face:
            yield _line(site, next(racks).code, item, units - in_face, on)


def _line(site: Site, place: str, item: SimItem, units: int, on: date) -> tuple[object, ...]:
    is_traced = item.tracking == "lot"
    lot = f"OPEN-{item.supplier}-{site.code}" if is_traced else ""
    expires_on = on + timedelta(days=item.shelf_life_days) if is_traced else ""
    return site.code, place, item.sku, units, item.unit_cost, lot, expires_on
