"""The words of putaway and cross-docking: bins with limits, where goods are sent and why, what goes straight out."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from flowrack.allocation import queries_certificates
from flowrack.allocation.commands_cross_docks import set_cross_docking, stage_cross_docks
from flowrack.allocation.types_cross_docks import SetCrossDocking, StageCrossDocks
from flowrack.integrations.masterdata import PlaceSpec
from flowrack.integrations.scenario import books, flow
from flowrack.integrations.scenario.figures import ids, same
from flowrack.integrations.scenario.house import House, code_of
from flowrack.integrations.scenario.types import BadScenario, Event, Mismatch
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.locations import queries as locations
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.sales import queries as sales
from flowrack.shared.refs import ref
from flowrack.tasks.commands import claim_next
from flowrack.tasks.types import ClaimNext

BIN_WORDS = {"name", "aisle", "bay", "level", "pallets", "beam_kg", "weight_kg", "hazard"}
GRAMS = 1000
EVERY_SITE = frozenset({0})


@given("bins")
def bins(house: House, value: Any) -> None:
    """Bins with limits, in walking order: name, aisle, bay, level, pallets, weight_kg, beam_kg, hazard classes."""
    site = house.site()
    places: list[PlaceSpec] = []
    for row in value:
        unknown = set(row) - BIN_WORDS
        if unknown:
            raise BadScenario(f"bins: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")
        places.append(
            PlaceSpec(
                "RSV",
                code_of(row["name"]),
                pick_sequence=(len(places) + 1) * 10,
                max_weight_g=_grams(row.get("weight_kg")),
                max_lpns=row.get("pallets"),
                max_beam_weight_g=_grams(row.get("beam_kg")),
                aisle=str(row.get("aisle", "")),
                bay=str(row.get("bay", "")),
                level=str(row.get("level", "")),
                hazard_classes=" ".join(str(one) for one in row.get("hazard", [])),
            )
        )
    made = house.master.places(site.site_id, places)
    site.bins.update({str(row["name"]): made[code_of(row["name"])] for row in value})


def _grams(kilos: Any) -> int | None:
    return None if kilos is None else int(Decimal(str(kilos)) * GRAMS)


@given("cross_docking")
def cross_docking(house: House, value: Any) -> None:
    """Received goods go straight to waiting orders: `door` names the outbound door, `min_tier` the last tier served."""
    unknown = set(value) - {"door", "min_tier"}
    if unknown:
        raise BadScenario(f"cross_docking: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")
    site = house.site()
    door = code_of(value["door"])
    places = house.master.places(site.site_id, [PlaceSpec("STG", door, "door", 99)])
    staging = locations.by_code(site.site_id, ["STAGE-1"])["STAGE-1"].location_id
    request = SetCrossDocking(
        site.site_id, True, "scenario", staging, places[door], min_tier=str(value.get("min_tier", "C"))
    )
    house.do(set_cross_docking, "planner", request)


@event("carry_to_the_door", "")
def carry_to_the_door(house: House, happening: Event) -> None:
    """All that is to be cross-docked is carried to the staging place of its door."""
    rows = sql.fetch_all(
        "SELECT id FROM allocation_crossdock WHERE item_id = ANY(%s::bigint[]) AND state = 'planned' ORDER BY id",
        (ids(house),),
    )
    role = str(happening.args.get("by", "picker"))
    house.do(stage_cross_docks, role, StageCrossDocks([row[0] for row in rows]))


@figure("cross_docked")
def cross_docked(house: House, name: str, expected: Any) -> None:
    """Units that go straight from the dock to orders, by the order's name: one label each."""
    rows = sql.fetch_all(
        """
        SELECT order_line_id, units FROM allocation_crossdock
        WHERE item_id = ANY(%s::bigint[]) AND state <> 'cancelled' ORDER BY id
        """,
        (ids(house),),
    )
    got = {
        str(key): house.quantity(sum(units for line_id, units in rows if line_id in house.of(key).line_ids))
        for key in expected
    }
    same(name, expected, got)


@figure("labels")
def labels(house: House, name: str, expected: Any) -> None:
    """The labels for goods that go straight to orders, in the order in which they are made: units and door."""
    rows = sql.fetch_all(
        """
        SELECT x.units, d.code FROM allocation_crossdock x JOIN locations_location d ON d.id = x.door_id
        WHERE x.item_id = ANY(%s::bigint[]) AND x.state <> 'cancelled' ORDER BY x.id
        """,
        (ids(house),),
    )
    same(name, [[Decimal(str(row[0])), row[1]] for row in expected], [[house.quantity(u), door] for u, door in rows])


@figure("ready_to_leave")
def ready_to_leave(house: House, name: str, expected: Any) -> None:
    """Units that stand at the door for orders, by the order's name."""
    got = {}
    for key in expected:
        rows = sql.fetch_all(
            "SELECT picked_units FROM sales_orderline WHERE id = ANY(%s::bigint[])", (house.of(key).line_ids,)
        )
        got[str(key)] = house.quantity(sum(row[0] for row in rows))
    same(name, expected, got)


@figure("left_for")
def left_for(house: House, name: str, expected: Any) -> None:
    """Units that left the house, by the order's name."""
    got = {}
    for key in expected:
        counts = books.order_lines(house.of(key).line_ids).values()
        got[str(key)] = house.quantity(sum(row[3] for row in counts))
    same(name, expected, got)


@figure("putaways_of_good")
def putaways_of_good(house: House, name: str, expected: Any) -> None:
    """Units of each putaway that waits, of goods that are fit for sale."""
    same(name, expected, [units for units, quality in _waiting(house) if quality == "available"])


def _waiting(house: House) -> list[tuple[Decimal, str]]:
    rows = sql.fetch_all(
        """
        SELECT units - done_units, quality FROM storage_plannedmove
        WHERE item_id = ANY(%s::bigint[]) AND kind = 'putaway' AND state = 'open' ORDER BY id
        """,
        (ids(house),),
    )
    return [(house.quantity(row[0]), row[1]) for row in rows]


@event("ship_staged", "order")
def ship_staged(house: House, happening: Event) -> None:
    """What stands ready for an order is packed and leaves."""
    flow.pack_and_ship(house, house.site(), house.of(happening.args["order"]).order_id)


@figure("putaways")
def putaways(house: House, name: str, expected: Any) -> None:
    """Units of each putaway that waits, in order; an empty list when there is none."""
    same(name, expected, [units for units, _ in _waiting(house)])


def _planned(house: House, package: Any) -> tuple[int, str]:
    row = sql.fetch_one(
        """
        SELECT m.id, coalesce(t.code, '') FROM storage_plannedmove m JOIN locations_lpn n ON n.id = m.lpn_id
        LEFT JOIN locations_location t ON t.id = m.to_location_id
        WHERE n.code = %s AND m.kind = 'putaway' ORDER BY m.id DESC LIMIT 1
        """,
        (f"{house.prefix}-{package}",),
    )
    if row is None:
        raise BadScenario(f"nothing was planned for {package}.", fix="Receive it with `package` and `to: input`.")
    return row[0], row[1]


@figure("sent_to")
def sent_to(house: House, name: str, expected: Any) -> None:
    """The bin that each pallet is sent to; null where none fits."""
    got = {str(package): _planned(house, package)[1] or None for package in expected}
    same(name, {key: None if code is None else code_of(code) for key, code in expected.items()}, got)


@figure("sent_because")
def sent_because(house: House, name: str, expected: Any) -> None:
    """What the stored explanation of a pallet's bin names: words that must all be in it."""
    for package, words in expected.items():
        told = why(ref("storage.planned_move", _planned(house, package)[0]))
        _must_name(f"{name} of {package}", words, [(one.sentence, one.detail) for one in told])


@figure("order_because")
def order_because(house: House, name: str, expected: Any) -> None:
    """What the stored explanation of an order's promise names; {A} stands for the number of the order A."""
    numbers = {
        key: sales.access_order(one.order_id, EVERY_SITE).number for key, one in house.done.items() if one.order_id
    }
    for key, words in expected.items():
        told = [one for line_id in house.of(key).line_ids for one in queries_certificates.why(line_id)[:1]]
        asked = [str(word).format_map(numbers) for word in words]
        _must_name(f"{name} of {key}", asked, [(one.sentence, one.detail) for one in told])


def _must_name(what: str, words: Any, told: list[tuple[str, dict[str, Any]]]) -> None:
    text = " ".join(f"{sentence} {json.dumps(detail, default=str)}" for sentence, detail in told)
    for word in words:
        if str(word) not in text:
            raise Mismatch(what, word, text)


@event("take_task", "")
def take_task(house: House, happening: Event) -> None:
    """A person asks for the next work on the floor."""
    role = str(happening.args.get("by", "receiver"))
    found = house.do(claim_next, role, ClaimNext(house.site().site_id)).tasks
    house.noted["task"] = found[0].kind if found else None


@figure("task_taken")
def task_taken(house: House, name: str, expected: Any) -> None:
    """The kind of work that the person was given: putaway, cross_dock, ...; null when there was none."""
    same(name, expected, house.noted.get("task"))
