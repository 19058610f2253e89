"""Furnishes the house before its first day: places, items, suppliers, customers and opening stock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from flowrack.inbound.commands import close_receipt, receive
from flowrack.inbound.types import CloseReceipt, CountedLine, Receive
from flowrack.integrations.masterdata import (
    CustomerSpec,
    ItemSpec,
    MasterData,
    OfferSpec,
    PlaceSpec,
    SupplierSpec,
    ZoneSpec,
)
from flowrack.integrations.replay import floors, freight, inward, packing, quality, rules, trucks, wishes
from flowrack.integrations.replay.house import House, Site, moment
from flowrack.integrations.replay.types import SimItem
from flowrack.locations import queries as locations
from flowrack.promise.commands_days import set_closed_days
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.purchasing.commands import approve_po, create_po
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.shared.quantity import Units
from flowrack.storage.commands import set_pick_faces
from flowrack.storage.types import PickFaceSetting, SetPickFaces

ZONES = [
    ZoneSpec("RCV", "Goods in", "receiving"),
    ZoneSpec("INS", "Inspection", "inspection"),
    ZoneSpec("QUA", "Quarantine", "quarantine"),
    ZoneSpec("RSV", "Racks", "reserve"),
    ZoneSpec("FWD", "Pick faces", "forward_pick"),
    ZoneSpec("STG", "Staging", "staged"),
    ZoneSpec("RET", "Returns", "return_review"),
    ZoneSpec("DMG", "Damaged", "damaged"),
]
DOORS = 4
SITE_NAMES = {"KW1": "Kestrel Wharf", "KW2": "Port Meadow"}
BAYS, LEVELS, SLOTS = 20, 4, 4
LIMITS: dict[str, tuple[int, int]] = {  # ml and g of a pallet place in the racks and of a pick face
    "RSV": (2_400_000, 1_000_000),
    "FWD": (1_200_000, 500_000),
}


def furnish(house: House) -> None:
    """Make everything that the days need. What is there already stays as it is."""
    world = house.world
    master = MasterData(house.people, moment(world.first_on - timedelta(days=3), 8))
    gtins = rules.gtins(world.items)
    house.item_ids = master.items([_item(house, item, gtins[item.sku]) for item in world.items.values()])
    house.supplier_ids = master.suppliers(
        [SupplierSpec(s.code, s.name, s.country, s.lead_days) for s in world.suppliers.values()]
    )
    master.offers([OfferSpec(i.supplier, i.sku, i.unit_cost, i.pack.inner, i.pack.inner) for i in world.items.values()])
    house.customer_ids = master.customers(
        [
            CustomerSpec(
                c.code,
                c.name,
                c.country,
                c.tier,
                _policy(house, c.code),
                30 if c.tier == "A" else 0,
                "yes" if house.settings.has_wishes and rules.takes_variants(house.settings.seed, c.code) else "no",
            )
            for c in world.customers.values()
        ]
    )
    for number, code in enumerate(house.settings.sites):
        doors = [PlaceSpec("RCV", f"DOCK-{n}", "door", n) for n in range(1, DOORS + 1)]
        others = [
            PlaceSpec("INS", "INSPECT-1"),
            PlaceSpec("QUA", "QUARANTINE-1"),
            PlaceSpec("STG", "STAGE-1", "staging"),
            PlaceSpec("RET", "RETURN-1"),
            PlaceSpec("DMG", "DAMAGED-1"),
        ]
        count = len(world.items) * 8 // 5 + 40
        places = [*doors, *others, *_face_bins(house), *bins(count)]
        if house.settings.is_furnished:
            places = [_limited(place) for place in places]
        site_id, ids = master.site(code, SITE_NAMES.get(code, code), ZONES, places)
        docks = tuple(ids[d.code] for d in doors)
        percent = rules.opening_percent(number, len(house.settings.sites), house.settings.home_percent)
        house.sites.append(Site(code, site_id, docks, ids["RETURN-1"], percent))
        if number == 0:  # the floor of the others is drawn from the codes of their places
            racks = list(dict.fromkeys(place.aisle for place in bins(count)))
            floors.measure(house, house.sites[0], racks, (house.settings.pick_faces + 1) // 2, [d.code for d in doors])
    for site in house.sites:
        _set_faces(house, site)
    _close(house)
    if house.settings.is_furnished:
        trucks.hire_carriers(house)
        quality.set_plans(house)
    if house.settings.pickers:
        packing.set_cartons(house)
        eve = moment(world.first_on - timedelta(days=1), 9)
        freight.set_up(house, eve, timedelta(days=2), first=house.settings.walks_from)
    if house.settings.has_wishes:
        wishes.prepare(house)


def _close(house: House) -> None:
    """The calendar of all sites knows from the start when nobody works: nothing is promised for these days."""
    if house.world.closed:
        days = [ClosedOn(on, "Holidays") for on in house.world.closed]
        at = moment(house.world.first_on - timedelta(days=3), 9)
        request = SetClosedDays([site.site_id for site in house.sites], days)
        house.do(set_closed_days, "planner", request, key="closed", at=at)


def _face_bins(house: House) -> Iterator[PlaceSpec]:
    """Pick faces F-01-1, F-01-2, ... at waist and chest height, before the racks on every walk."""
    for number in range(house.settings.pick_faces):
        bay, level = number // 2 + 1, number % 2 + 1
        yield PlaceSpec(
            "FWD", f"F-{bay:02d}-{level}", pick_sequence=number, aisle="F", bay=f"{bay:02d}", level=str(level)
        )


def _limited(place: PlaceSpec) -> PlaceSpec:
    if place.zone not in LIMITS:
        return place
    volume, weight = LIMITS[place.zone]
    return replace(place, max_volume_ml=volume, max_weight_g=weight)


def face_codes(house: House) -> Iterator[str]:
    """The codes of the pick faces, the nearest to the door first."""
    return (place.code for place in _face_bins(house))


def _set_faces(house: House, site: Site) -> None:
    """The fastest movers have a pick face each; the fastest stand nearest to the door."""
    fastest = sorted(house.world.items.values(), key=lambda i: (-i.units_in_all, i.sku))[: house.settings.pick_faces]
    places = locations.by_code(site.site_id, [place.code for place in _face_bins(house)])
    faces = [
        PickFaceSetting(place.location_id, house.item_ids[item.sku], Units(least), Units(most))
        for item, place in zip(fastest, places.values(), strict=False)
        for least, most in [rules.face_levels(item)]
    ]
    if faces:
        at = moment(house.world.first_on - timedelta(days=3), 9)
        request = SetPickFaces(site.site_id, faces)
        house.do(set_pick_faces, "inventory_controller", request, key=f"faces:{site.code}", at=at)


def bins(count: int) -> Iterator[PlaceSpec]:
    """Rack bins A-01-1-1, A-01-1-2, ... walked aisle by aisle, up one side and down the other."""
    made = 0
    for aisle in range(26 * 4):
        name = chr(65 + aisle % 26) * (aisle // 26 + 1)
        bays = range(1, BAYS + 1) if aisle % 2 == 0 else range(BAYS, 0, -1)
        for place, bay in enumerate(bays):
            for level in range(1, LEVELS + 1):
                for slot in range(1, SLOTS + 1):
                    if made == count:
                        return
                    made += 1
                    walk = ((aisle * BAYS + place) * LEVELS + level) * SLOTS + slot
                    code = f"{name}-{bay:02d}-{level}-{slot}"
                    yield PlaceSpec("RSV", code, pick_sequence=walk, aisle=name, bay=f"{bay:02d}", level=str(level))


def _item(house: House, item: SimItem, gtin: str) -> ItemSpec:
    is_measured = house.settings.is_furnished or house.settings.pickers
    size = rules.unit_size(house.settings.seed, item.sku) if is_measured else None
    return ItemSpec(
        size_mm=(size.length_mm, size.width_mm, size.height_mm) if size else None,
        weight_g=size.weight_g if size else None,
        sku=item.sku,
        name=item.name,
        tracking=item.tracking,
        has_expiry=item.tracking == "lot",
        shelf_life_days=item.shelf_life_days or None,
        costing=item.costing,
        standard_cost=item.unit_cost if item.costing == "standard" else None,
        list_price=item.price,
        velocity=item.velocity,
        packs=[
            ("each", 1, gtin),
            ("inner", item.pack.inner, rules.pack_gtin(gtin, 1)),
            ("case", item.pack.case, rules.pack_gtin(gtin, 2)),
        ],
    )


def _policy(house: House, code: str) -> str:
    luck = rules.throw(house.settings.seed, code, "policy")
    return "partial" if luck < 8_800 else "line" if luck < 9_600 else "complete"


def receive_opening(house: House, on: date) -> None:
    """Two days before: opening stock is bought and received like any other goods."""
    for site in house.sites:
        by_supplier: dict[str, list[tuple[SimItem, int]]] = {}
        for item in house.world.items.values():
            units = rules.opening_at(item, site.opening_percent)
            if units:
                by_supplier.setdefault(item.supplier, []).append((item, units))
        for code, lines in sorted(by_supplier.items()):
            _opening_purchase(house, site, on, code, lines)


def put_opening_away(house: House, on: date) -> None:
    """The day before: it goes to its bins."""
    house.tell()
    inward.put_away(house, on, 11)
    inward.put_away(house, on, 12)


def _opening_purchase(house: House, site: Site, on: date, code: str, lines: Sequence[tuple[SimItem, int]]) -> None:
    key = f"{on}:opening:{site.code}:{code}"
    order = NewPo(
        supplier_id=house.supplier_ids[code],
        site_id=site.site_id,
        lines=[NewPoLine(house.item_ids[item.sku], Units(units), item.unit_cost) for item, units in lines],
        note="Opening stock",
        cover_reason="Opening stock",
    )
    made = house.do(create_po, "buyer", CreatePo([order]), key=f"{key}:buy", at=moment(on, 8))
    [po] = made.pos
    house.do(approve_po, "purchasing_manager", ApprovePo([po.po_id]), key=f"{key}:approve", at=moment(on, 8, 30))
    counted = [
        CountedLine(
            units=Units(units),
            po_line_id=line_id,
            lot=f"OPEN-{code}-{site.code}" if item.tracking == "lot" else "",
            expires_on=on + timedelta(days=item.shelf_life_days) if item.tracking == "lot" else None,
            is_lot_confirmed=True,
        )
        for line_id, (item, units) in zip(po.line_ids, lines, strict=True)
    ]
    came = house.do(
        receive, "receiver", Receive(po.po_id, site.docks[0], counted), key=f"{key}:receive", at=moment(on, 9)
    )
    house.do(close_receipt, "receiver", CloseReceipt(came.receipt_id), key=f"{key}:close", at=moment(on, 10))
