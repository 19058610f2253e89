"""The trucks of a furnished house: announced, booked at a door, checked in, unloaded from their notice, checked out.

A replay without furniture receives its goods without any of this: only the sample company shows who comes how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.dock.commands import close_asn, create_asns
from flowrack.dock.commands_appointments import check_in, check_out, dock_truck, schedule
from flowrack.dock.commands_setup import set_detention_terms
from flowrack.dock.types import CloseAsn, CreateAsns, NewAsn, NewAsnLine
from flowrack.dock.types_appointments import CheckIn, CheckOut, DockTruck, Schedule, SetDetentionTerms, Terms
from flowrack.inbound.commands_packs import receive_asn
from flowrack.inbound.types import CountedLine
from flowrack.inbound.types_deliveries import ReceiveAsn
from flowrack.inbound.types_discrepancies import PackLine
from flowrack.integrations.replay import reads, reads_inward, rules
from flowrack.integrations.replay.house import House, Site, moment
from flowrack.integrations.replay.reads import DueLine
from flowrack.integrations.replay.reads_inward import WaitingPutaway
from flowrack.integrations.replay.types import SimSupplier, World
from flowrack.parties.commands import create_party
from flowrack.parties.types import CreateParty, PartyFields
from flowrack.storage.commands import confirm_putaway
from flowrack.storage.types import Carried, ConfirmPutaway

CARRIERS = (("C-NORTHWAY", "Northway Haulage"), ("C-TIDE", "Tideline Freight"))
TERMS = Terms(free_minutes=120, interval_minutes=30, amount=Decimal(25))
OWN_VAN = {"S01", "S05", "S08", "S15", "S17", "S18"}  # they are near, come when they like and announce nothing
SHORT, LATE = "S16", "S11"  # whom a buyer should talk to: one often sends less than he announced, one comes late
NOT_THERE = "The truck is empty"
EARLY = (7, 15)  # what is counted by then is carried to its bin on the first of two rounds
OVERRIDDEN = 250  # of 10,000 pallets are brought to another bin than the one suggested
WHY_ELSEWHERE = ("Bin is blocked by a pallet in the aisle", "Bin is not empty", "Beam is bent")
FIRST_HOUR, SLOT, ROUNDS = 6, 30, 3  # trucks an hour apart at one door would not be through by nine


@dataclass(frozen=True, slots=True)
class Truck:
    """A truck of one PO, what is really on it, and which of the day's it is."""

    key: str
    place: int
    lines: Sequence[DueLine]
    counted: Sequence[CountedLine]

    @property
    def supplier(self) -> str:
        return self.lines[0].supplier


def with_habits(world: World) -> World:
    """The world with two suppliers who stand out from the others."""
    known = world.suppliers
    habits: dict[str, SimSupplier] = {
        SHORT: replace(known[SHORT], short=3_000),
        LATE: replace(known[LATE], late=6_000),
    }
    return replace(world, suppliers={**known, **habits})


def hire_carriers(house: House) -> None:
    """Two carriers; the first asks for money when a truck waits longer than two hours."""
    at = moment(house.world.first_on - timedelta(days=3), 9)
    for code, name in CARRIERS:
        asked = CreateParty(code, PartyFields(name, "GB", is_carrier=True))
        made = house.do(create_party, "data_steward", asked, key=f"carrier:{code}", at=at)
        house.carrier_ids.append(made.party_id)
    terms = SetDetentionTerms(house.carrier_ids[0], TERMS)
    house.do(set_detention_terms, "warehouse_manager", terms, key="detention", at=at)


def is_announced(house: House, on: date, truck: Truck) -> bool:
    """Whether a truck has a notice and a slot: of a furnished house, of who sends such, and while doors have room.

    The last day's trucks are those that the sample company leaves at its doors.
    """
    until = house.settings.until
    return (
        house.settings.is_furnished
        and truck.supplier not in OWN_VAN
        and truck.place < ROUNDS * len(house.sites[0].docks)
        and (until is None or moment(on, 23) < until)
    )


def unload(house: House, site: Site, on: date, trucks: Sequence[Truck]) -> None:
    """Announce the trucks of a day, then take each through the gate, its door and out again."""
    if not trucks:
        return
    asns = [_notice(house, site, on, truck) for truck in trucks]
    asked = CreateAsns(asns)
    made = house.do(create_asns, "buyer", asked, key=f"{on}:asns:{site.code}", at=moment(on - timedelta(days=1), 15))
    for truck, asn in zip(trucks, made.asns, strict=True):
        _visit(house, site, on, truck, asn.asn_id, asn.line_ids)


def _carrier(house: House, truck: Truck) -> int:
    return house.carrier_ids[int(truck.supplier[1:]) % len(house.carrier_ids)]


def _slot(on: date, site: Site, truck: Truck) -> datetime:
    return moment(on, FIRST_HOUR) + timedelta(minutes=SLOT * (truck.place // len(site.docks)))


def _notice(house: House, site: Site, on: date, truck: Truck) -> NewAsn:
    head = truck.lines[0]
    by_id = {line.po_line_id: line for line in truck.lines}
    return NewAsn(
        supplier_id=house.supplier_ids[truck.supplier],
        site_id=site.site_id,
        reference=f"{truck.supplier}-{head.ordered_on:%y%m%d}-{site.code}-{1 if head.state == 'approved' else 2}",
        expected_at=_slot(on, site, truck),
        carrier_id=_carrier(house, truck),
        lines=[
            NewAsnLine(
                item=by_id[count.po_line_id].sku,
                quantity=Decimal(_announced_units(house, truck, by_id[count.po_line_id], count.units)),
                lot=count.lot,
                expires_on=count.expires_on,
                po_number=by_id[count.po_line_id].number,
                po_line_no=by_id[count.po_line_id].line_no,
                is_lot_confirmed=bool(count.lot),
            )
            for count in truck.counted
        ],
    )


def _announced_units(house: House, truck: Truck, line: DueLine, units: int) -> int:
    """What the supplier says is on the truck: often the whole order, though he could not fill it."""
    if units < line.owed and rules.throw(house.settings.seed, truck.key, line.sku, "notice") < rules.OF * 7 // 10:
        return line.owed
    return units


def _visit(house: House, site: Site, on: date, truck: Truck, asn_id: int, line_ids: Sequence[int]) -> None:
    """One truck from its booking until it leaves, by its own clock."""
    slot = _slot(on, site, truck)
    door_id, carrier_id = site.docks[truck.place % len(site.docks)], _carrier(house, truck)
    key, clock = truck.key, _clock(house, truck, slot)
    booking = Schedule(site.site_id, door_id, slot, [asn_id], carrier_id, minutes=SLOT)
    booked = house.do(schedule, "buyer", booking, key=f"{key}:book", at=slot - timedelta(hours=14))
    here = booked.appointment_id
    house.do(check_in, "receiver", CheckIn(here), key=f"{key}:gate", at=clock["gate"])
    house.do(dock_truck, "receiver", DockTruck(here), key=f"{key}:door", at=clock["door"])
    found = list(_found(house, truck, line_ids))
    count = ReceiveAsn(asn_id, door_id, found)
    house.do(receive_asn, "receiver", count, key=key, at=clock["counted"])
    house.do(check_out, "receiver", CheckOut(here), key=f"{key}:out", at=clock["out"])
    house.do(close_asn, "receiver", CloseAsn(asn_id, NOT_THERE), key=f"{key}:asn", at=clock["out"])


def _clock(house: House, truck: Truck, slot: datetime) -> Mapping[str, datetime]:
    """When a truck came, stood at the door, was empty and left. Some are late; some wait long for a door that is in
    use, which a carrier may charge for."""
    seed, key = house.settings.seed, truck.key
    lateness = 700 + house.world.suppliers[truck.supplier].late // 2
    is_late = rules.throw(seed, key, "traffic") < lateness
    after = rules.between(seed, 18, 45, key, "late") if is_late else rules.between(seed, -25, 10, key, "early")
    gate = slot + timedelta(minutes=after)
    waits = not is_late and truck.place < 2 and rules.throw(seed, key, "waits") < 2_200
    wait = rules.between(seed, 80, 105, key, "wait") if waits else rules.between(seed, 3, 14, key, "door")
    door = max(gate, slot) + timedelta(minutes=wait)
    counted = door + timedelta(minutes=rules.between(seed, 14, 32, key, "unload"))
    return {"gate": gate, "door": door, "counted": counted, "out": counted + timedelta(minutes=20)}


def _found(house: House, truck: Truck, line_ids: Sequence[int]) -> Iterator[PackLine]:
    """Lines that are not as announced: fewer units, or some of them broken on the way or badly packed.

    Lots are read from their labels: a supplier numbers those of a day alike, whatever the item.
    """
    seed = house.settings.seed
    by_id = {line.po_line_id: line for line in truck.lines}
    for asn_line_id, count in zip(line_ids, truck.counted, strict=True):
        line = by_id[count.po_line_id]
        seen = PackLine(asn_line_id, count.units, is_lot_confirmed=bool(count.lot))
        if count.units >= 12 and rules.throw(seed, truck.key, line.sku, "broken") < 160:
            is_carrier = rules.throw(seed, truck.key, line.sku, "who") < rules.OF // 2
            yield replace(
                seen,
                damaged_units=max(1, count.units // rules.between(seed, 8, 16, truck.key, line.sku, "how many")),
                reason="Carton crushed under the strap" if is_carrier else "Packed without padding, pieces chipped",
                responsible="carrier" if is_carrier else "supplier",
            )
        elif count.lot or _announced_units(house, truck, line, count.units) != count.units:
            yield seen


def put_away(house: House, on: date) -> None:
    """Two rounds with the fork: what was counted early, then the rest. A few pallets go to another bin."""
    for site in house.sites:
        rounds: tuple[list[Carried], list[Carried]] = ([], [])
        waiting = reads_inward.waiting_putaways(site.site_id)
        spare = iter(reads.empty_bins(site.site_id, len(waiting)))
        for place, one in enumerate(waiting):
            rounds[one.planned_at >= moment(on, *EARLY)].append(_carried(house, on, site, place, one, spare))
        for carried, minute in zip(rounds, (moment(on, 8, 10), moment(on, 9, 30)), strict=True):
            if carried:
                done, key = ConfirmPutaway(carried), f"{on}:putaway:{site.code}:{minute:%H%M}"
                house.do(confirm_putaway, "inventory_controller", done, key=key, at=minute)
    house.tell()


def _carried(house: House, on: date, site: Site, place: int, one: WaitingPutaway, spare: Iterator[int]) -> Carried:
    """A pallet that goes where it should, or to the next empty rack with a reason."""
    luck = rules.throw(house.settings.seed, str(on), site.code, place, one.sku, "elsewhere")
    if luck < OVERRIDDEN and one.is_rack and (other := next(spare, 0)):
        return Carried(one.planned_move_id, other, reason=WHY_ELSEWHERE[luck % len(WHY_ELSEWHERE)])
    return Carried(one.planned_move_id)
