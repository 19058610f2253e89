"""The words of the dock: notices of arrival, doors, appointments, trucks, pallets by SSCC, and discrepancies."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from flowrack.dock import queries as dock
from flowrack.dock import queries_calendar as calendar
from flowrack.dock import rules_slots
from flowrack.dock.commands import create_asns
from flowrack.dock.commands_appointments import check_in, check_out, dock_truck, release_no_shows, schedule
from flowrack.dock.commands_setup import set_detention_terms, set_dock_policy
from flowrack.dock.types import CreateAsns, NewAsn, NewAsnLine, NewPack
from flowrack.dock.types_appointments import (
    CheckIn,
    CheckOut,
    DockTruck,
    Policy,
    ReleaseNoShows,
    Schedule,
    SetDetentionTerms,
    SetDockPolicy,
    SlotTaken,
    Terms,
)
from flowrack.inbound.commands_discrepancies import set_tolerance
from flowrack.inbound.commands_packs import receive_pack
from flowrack.inbound.types_discrepancies import PackLine, ReceivePack, SetTolerance
from flowrack.integrations.masterdata import PlaceSpec
from flowrack.integrations.scenario import books, flow
from flowrack.integrations.scenario.figures import same, same_money
from flowrack.integrations.scenario.house import Happening, House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.platform import sql
from flowrack.shared.gs1 import make_sscc

_serials = count(1)  # of pallets: an SSCC is one pallet in the whole world
DOCK_WORDS = {"doors", "slot", "setup", "pallet", "carton", "no_show", "free", "interval", "amount"}


@given("dock")
def given_dock(house: House, value: Any) -> None:
    """Doors of the site, minutes that a pallet, a loose carton and the set-up take, and what a carrier asks."""
    unknown = set(value) - DOCK_WORDS
    if unknown:
        raise BadScenario(f"dock: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")
    site = house.site()
    more = [PlaceSpec("RCV", f"DOCK-{n}", "door", n) for n in range(2, int(value.get("doors", 1)) + 1)]
    house.master.places(site.site_id, more)

    def seconds(word: str, otherwise: str) -> int:
        return int(Decimal(str(value.get(word, otherwise))) * 60)

    policy = Policy(
        slot_minutes=int(value.get("slot", 15)),
        setup_seconds=seconds("setup", "0"),
        seconds_per_pallet=seconds("pallet", "2"),
        seconds_per_case=seconds("carton", "0.4"),
        no_show_minutes=int(value.get("no_show", 60)),
    )
    house.do(set_dock_policy, "warehouse_manager", SetDockPolicy(site.site_id, policy))
    terms = Terms(int(value.get("free", 120)), int(value.get("interval", 60)), Decimal(str(value.get("amount", 0))))
    _, carrier_id = house.party("CARRIER")
    house.do(set_detention_terms, "warehouse_manager", SetDetentionTerms(carrier_id, terms))


@event("announce", "pallets cartons product")
def announce(house: House, happening: Event) -> None:
    """A supplier announces a delivery: pallets by name with their units (or a number of pallets), and loose cartons."""
    args = happening.args
    item, site = house.item(args.get("product")), house.site()
    pallets = args.get("pallets", 0)
    named = pallets if isinstance(pallets, dict) else {f"pallet {n}": 1 for n in range(1, int(pallets) + 1)}
    codes = {str(name): make_sscc(0, "4012345", next(_serials)) for name in named}
    lines = [NewAsnLine(item.sku, Decimal(house.units(qty)), sscc=codes[str(name)]) for name, qty in named.items()]
    if args.get("cartons"):
        lines.append(NewAsnLine(item.sku, Decimal(str(args["cartons"]))))
    _, supplier_id = house.party("SUPPLIER")
    _, carrier_id = house.party("CARRIER")
    asn = NewAsn(
        supplier_id=supplier_id,
        site_id=site.site_id,
        reference=f"{house.prefix}-{happening.ref or len(house.log)}",
        lines=lines,
        packs=[NewPack(code) for code in codes.values()],
        carrier_id=carrier_id,
    )
    [made] = house.do(create_asns, "receiver", CreateAsns([asn])).asns
    house.noted.setdefault("asns", {})[happening.ref] = made.asn_id
    house.noted.setdefault("ssccs", {}).update({(happening.ref, name): code for name, code in codes.items()})
    house.remember(happening, Happening("announce", item.name, site.name, sum(int(line.quantity) for line in lines)))


def asn_of(house: House, name: Any) -> int:
    """The ASN of an announced delivery."""
    asns: dict[str, int] = house.noted.get("asns", {})
    if str(name) not in asns:
        raise BadScenario(f"nothing was announced as {name}.", fix="Give the announcement `ref: ...`.")
    return asns[str(name)]


def clock(house: House, at: Any) -> datetime:
    """The scenario's day at an hour, such as 08:20."""
    if isinstance(at, int):  # YAML reads 08:20 without quotes as minutes of an hour
        raise BadScenario(f"{at} is no hour.", fix='Write it in quotes: at: "08:20".')
    hour, _, minute = str(at).partition(":")
    return house.now.replace(hour=int(hour), minute=int(minute or 0), second=0, microsecond=0)


def set_clock(house: House, happening: Event) -> None:
    """The clock stands at the hour that the event names."""
    if "at" in happening.args:
        house.now = clock(house, happening.args["at"])


@event("book", "of at until")
def book(house: House, happening: Event) -> None:
    """A truck is booked early in the morning: the first door free at an hour, until another or as long as it takes."""
    args = happening.args
    house.now = clock(house, "06:00")
    site, starts_at = house.site(), clock(house, args["at"])
    minutes = (clock(house, args["until"]) - starts_at) // timedelta(minutes=1) if "until" in args else 0
    doors = calendar.doors(site.site_id)
    for door in doors:
        request = Schedule(site.site_id, door.location_id, starts_at, [asn_of(house, args["of"])], minutes=minutes)
        try:
            made = house.do(schedule, "receiver", request)
        except SlotTaken:
            if door is doors[-1]:
                raise
            continue
        house.noted.setdefault("trucks", {})[str(args["of"])] = made.appointment_id
        return


def truck_of(house: House, name: Any) -> int:
    """The appointment of a delivery."""
    trucks: dict[str, int] = house.noted.get("trucks", {})
    if str(name) not in trucks:
        raise BadScenario(f"{name} has no appointment.", fix="Book it first.")
    return trucks[str(name)]


@event("truck_arrives", "of at")
def truck_arrives(house: House, happening: Event) -> None:
    """A truck is checked in at the gate."""
    set_clock(house, happening)
    house.do(check_in, "receiver", CheckIn(truck_of(house, happening.args["of"])))


@event("truck_to_door", "of at")
def truck_to_door(house: House, happening: Event) -> None:
    """A truck stands at its door."""
    set_clock(house, happening)
    house.do(dock_truck, "receiver", DockTruck(truck_of(house, happening.args["of"])))


@event("truck_leaves", "of at")
def truck_leaves(house: House, happening: Event) -> None:
    """A truck is checked out."""
    set_clock(house, happening)
    house.do(check_out, "receiver", CheckOut(truck_of(house, happening.args["of"])))


@event("look_for_no_shows", "at")
def look_for_no_shows(house: House, happening: Event) -> None:
    """What the worker does every minute: slots of trucks that did not come in time are free again."""
    set_clock(house, happening)
    if calendar.overdue(house.now):
        house.do(release_no_shows, "warehouse_manager", ReleaseNoShows())


@event("receive_pallet", "of pallet qty damaged reason responsible location to at")
def receive_pallet(house: House, happening: Event) -> None:
    """A pallet is received by one scan of its SSCC; `qty` where it is not what was announced, and what is damaged."""
    args = happening.args
    set_clock(house, happening)
    item, site = house.item(house.of(args["of"]).item), house.site()
    code = house.noted["ssccs"][str(args["of"]), str(args["pallet"])]
    pack = dock.pack_by_sscc(code)
    assert pack is not None, "it was announced"
    [line] = pack.lines
    said = []
    if "qty" in args or "damaged" in args:
        said = [
            PackLine(
                line.asn_line_id,
                house.units(args["qty"]) if "qty" in args else line.units,
                damaged_units=house.units(args.get("damaged", 0)),
                reason=str(args.get("reason", "")),
                responsible=str(args.get("responsible", "supplier")),
            )
        ]
    before = books.last_posting()
    done = house.do(receive_pack, "receiver", ReceivePack(code, site.dock_id, said))
    house.settle()
    if args.get("to") != "input" and not house.noted.get("two_steps"):
        flow.store(house, site, item, house.bin(str(args.get("location", "")), site.name))
    moves = [row[0] for row in books.moves_between([item.item_id], ("grni", "inventory"), before)]
    house.remember(happening, Happening("receive", item.name, site.name, done.units, move_ids=moves))


def _rows(house: House, expected: dict[str, Any]) -> dict[str, calendar.AppointmentRow]:
    return {str(name): calendar.appointment(truck_of(house, name)) for name in expected}


@figure("appointments")
def appointments(house: House, name: str, expected: Any) -> None:
    """Where the appointments of deliveries stand: scheduled, checked_in, at_door, done, no_show, cancelled."""
    same(name, expected, {key: row.state for key, row in _rows(house, expected).items()})


@figure("labour_minutes")
def labour_minutes(house: House, name: str, expected: Any) -> None:
    """Minutes of work that the content of a delivery takes at the door."""
    same(name, expected, {key: row.labour_minutes for key, row in _rows(house, expected).items()})


@figure("offered")
def offered(house: House, name: str, expected: Any) -> None:
    """The first hour at which a door is free for a delivery, as long as its content takes."""
    got = {}
    for key in expected:
        [load] = calendar.loads([asn_of(house, key)])
        site_id = house.site().site_id
        minutes = rules_slots.labour(load.content, calendar.policy(site_id)).slot_minutes
        at = max(house.now, clock(house, "08:00"))
        [first] = calendar.availability(
            site_id,
            first_on=at.date(),
            last_on=at.date(),
            minutes=minutes,
            needs=load.needs,
            is_drop=False,
            now=at,
            limit=1,
        )
        got[str(key)] = f"{first.starts_at:%H:%M}"
    same(name, expected, got)


@figure("detention_minutes", "detention_amount")
def detention(house: House, name: str, expected: Any) -> None:
    """The clock of trucks that wait beyond their free time: minutes, and what the carrier may ask."""
    clocks = {key: row.clock(house.now) for key, row in _rows(house, expected).items()}
    for key, wanted in expected.items():
        if name == "detention_minutes":
            same(f"{name} of {key}", wanted, clocks[str(key)].minutes)
        else:
            same_money(f"{name} of {key}", wanted, clocks[str(key)].amount)


@figure("trucks_on_time")
def trucks_on_time(house: House, name: str, expected: Any) -> None:
    """Whether trucks were checked in before the end of their slot."""
    rows = _rows(house, expected)
    same(name, expected, {key: r.checked_in_at is not None and r.checked_in_at <= r.ends_at for key, r in rows.items()})


@figure("minutes_here")
def minutes_here(house: House, name: str, expected: Any) -> None:
    """Minutes from check-in to check-out of trucks."""
    got = {}
    for key, row in _rows(house, expected).items():
        assert row.checked_in_at is not None and row.out_at is not None, "the truck has left"
        got[key] = (row.out_at - row.checked_in_at) // timedelta(minutes=1)
    same(name, expected, got)


@figure("discrepancies")
def discrepancies(house: House, name: str, expected: Any) -> None:
    """What is on record of deliveries, in order: kind, units, who answers for it, money at stake."""
    rows = sql.fetch_all(
        "SELECT kind, units, responsible, value FROM inbound_discrepancy WHERE item_id = ANY(%s::bigint[]) ORDER BY id",
        ([item.item_id for item in house.items.values()],),
    )
    wanted = [[row[0], Decimal(str(row[1])), row[2], Decimal(str(row[3]))] for row in expected]
    same(
        name,
        wanted,
        [[kind, house.quantity(units), who, value.quantize(Decimal("0.01"))] for kind, units, who, value in rows],
    )


def _purchases(house: House, expected: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    bought: dict[str, int] = house.noted.get("purchases", {})
    rows = {
        row[0]: row
        for row in sql.fetch_all(
            """
            SELECT o.id, o.state, sum(l.units)::bigint, sum(l.received_units)::bigint,
                   sum(greatest(l.units - l.received_units - l.short_units, 0))::bigint
            FROM purchasing_po o JOIN purchasing_poline l ON l.po_id = o.id WHERE o.id = ANY(%s::bigint[]) GROUP BY o.id
            """,
            (list(bought.values()),),
        )
    }
    return {str(name): rows[bought[str(name)]] for name in expected}


@figure("purchase_owes")
def purchase_owes(house: House, name: str, expected: Any) -> None:
    """Units that purchases still owe, by the purchase's name."""
    same(name, expected, {key: house.quantity(row[4]) for key, row in _purchases(house, expected).items()})


@figure("purchase_came_percent")
def purchase_came_percent(house: House, name: str, expected: Any) -> None:
    """How much of purchases has come, in percent with one decimal."""
    tenth = Decimal("0.1")
    got = {key: (Decimal(row[3]) * 100 / row[2]).quantize(tenth) for key, row in _purchases(house, expected).items()}
    same(name, expected, got)


@figure("purchase_state")
def purchase_state(house: House, name: str, expected: Any) -> None:
    """Where purchases stand: approved, receiving, received, closed."""
    same(name, expected, {key: row[1] for key, row in _purchases(house, expected).items()})


@given("tolerance")
def given_tolerance(house: House, value: Any) -> None:
    """What is tolerated of the supplier: over and under in percent, early and late in days; more over is refused."""
    unknown = set(value) - {"over", "under", "early", "late"}
    if unknown:
        raise BadScenario(f"tolerance: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")

    def percent(word: str) -> Decimal | None:
        return Decimal(str(value[word])) if word in value else None

    request = SetTolerance(
        on_over="refuse",
        on_under="flag",
        on_early="flag",
        on_late="flag",
        on_short_dated="flag",
        supplier_id=house.party("SUPPLIER")[1],
        over_pct=percent("over"),
        under_pct=percent("under"),
        early_days=value.get("early"),
        late_days=value.get("late"),
    )
    house.do(set_tolerance, "purchasing_manager", request)
