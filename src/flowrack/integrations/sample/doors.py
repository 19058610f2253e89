"""The dock of the sample's last day: trucks at doors, in the yard, late, and still to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.dock.commands import create_asns
from flowrack.dock.commands_appointments import check_in, dock_truck, schedule
from flowrack.dock.commands_setup import set_door
from flowrack.dock.queries_calendar import policy
from flowrack.dock.rules_slots import on_grid
from flowrack.dock.types import CreateAsns, NewAsn, NewAsnLine
from flowrack.dock.types_appointments import CheckIn, DockTruck, Schedule, SetDoor
from flowrack.integrations.replay.house import House, Site
from flowrack.integrations.replay.reads import DueLine
from flowrack.shared.gs1 import make_sscc

DEMONSTRATION = "9529999"  # of the prefix that GS1 keeps for demonstrations; our own SSCCs have another
UNLOADING = 120  # minutes at the door of the trucks that stand there
LATER = ((-30, 3), (60, 0), (105, 3))  # minutes from now, door: one is late, two are still to come


def trucks_at_doors(
    house: House, site: Site, trucks: Sequence[Sequence[DueLine]], today: date, at: datetime
) -> list[int]:
    """Two trucks stand at doors 2 and 3; the rest is late, comes later, or waits in the yard without an appointment.

    The ASNs of the trucks at the doors.
    """
    announced = []
    cold = SetDoor(site.docks[-1], ["live", "drop", "reefer", "hazmat"])
    house.do(set_door, "warehouse_manager", cold, key="live:cold-door", at=at - timedelta(hours=4))
    for number, lines in enumerate(trucks[:2]):
        key = f"live:dock:{number}"
        start = on_grid(at - timedelta(minutes=70), policy(site.site_id))
        asn_id = _announced(house, site, lines, number, today, start, key)
        announced.append(asn_id)
        carrier = house.carrier_ids[number % len(house.carrier_ids)]
        req = Schedule(site.site_id, site.docks[number + 1], start, [asn_id], carrier, minutes=UNLOADING)
        booked = house.do(schedule, "buyer", req, key=f"{key}:book", at=start - timedelta(hours=2))
        arrived = start + timedelta(minutes=5 + 4 * number)
        house.do(check_in, "receiver", CheckIn(booked.appointment_id), key=f"{key}:gate", at=arrived)
        standing = DockTruck(booked.appointment_id)
        house.do(dock_truck, "receiver", standing, key=f"{key}:door", at=arrived + timedelta(minutes=6))
    for number, ((minutes, door), lines) in enumerate(zip(LATER, trucks[2:], strict=False), start=2):
        key = f"live:dock:{number}"
        start = on_grid(at + timedelta(minutes=minutes), policy(site.site_id))
        asn_id = _announced(house, site, lines, number, today, start, key)
        req = Schedule(site.site_id, site.docks[door], start, [asn_id])
        house.do(schedule, "buyer", req, key=f"{key}:book", at=start - timedelta(hours=3))
    walk_in = CheckIn(site_id=site.site_id, reference="Truck 2238")
    house.do(check_in, "receiver", walk_in, key="live:walk-in", at=at - timedelta(minutes=33))
    house.tell()
    return announced


def _announced(
    house: House, site: Site, lines: Sequence[DueLine], number: int, today: date, start: datetime, key: str
) -> int:
    """The supplier's notice: each line on a pallet of its own."""
    head = lines[0]
    asn = NewAsn(
        supplier_id=house.supplier_ids[head.supplier],
        site_id=site.site_id,
        reference=f"DN-{head.supplier}-{today:%y%m%d}-{number + 1}",
        expected_at=start,
        lines=[_line(house, line, today, number * 1_000 + place) for place, line in enumerate(lines)],
    )
    made = house.do(create_asns, "buyer", CreateAsns([asn]), key=f"{key}:asn", at=start - timedelta(hours=20))
    return made.asns[0].asn_id


def _line(house: House, line: DueLine, today: date, serial: int) -> NewAsnLine:
    item = house.world.items[line.sku]
    tracked = item.tracking == "lot"
    return NewAsnLine(
        item=line.sku,
        quantity=Decimal(line.owed),
        sscc=make_sscc(0, DEMONSTRATION, serial),
        lot=f"{today:%y%m%d}-{line.supplier}-{serial // 1_000 + 1}{serial % 1_000 + 1:02d}" if tracked else "",
        expires_on=today + timedelta(days=item.shelf_life_days) if tracked else None,
    )
