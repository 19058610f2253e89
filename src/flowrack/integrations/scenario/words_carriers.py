"""Words about cartons and carriers: how goods are packed, who takes them and why, and what a slip changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any

from flowrack.carriers import queries_choices
from flowrack.carriers.commands import approve_rate_card, write_rate_card
from flowrack.carriers.types import (
    ApproveRateCard,
    CardHazardOf,
    CardLaneOf,
    CardOf,
    CardRateOf,
    CardServiceOf,
    CardTransitOf,
    WriteRateCard,
)
from flowrack.catalog import queries as catalog
from flowrack.catalog.commands import update_item
from flowrack.catalog.types import (
    Costing,
    Level,
    Pack,
    StorageClass,
    Temperature,
    Tracking,
    UpdateItem,
    Velocity,
)
from flowrack.fulfilment.commands import confirm_picks, pack_orders, set_carton_types, weigh_carton
from flowrack.fulfilment.types import ConfirmPicks, PackLine, PackOrders, Pick
from flowrack.fulfilment.types import Pack as PackCarton
from flowrack.fulfilment.types_cartons import CartonTypeOf, SetCartonTypes
from flowrack.fulfilment.types_packing import WeighCarton
from flowrack.integrations.scenario import flow
from flowrack.integrations.scenario.events_orders import current
from flowrack.integrations.scenario.figures import same, same_money
from flowrack.integrations.scenario.house import DAY_ZERO, House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.integrations.scenario.words_dock import clock, set_clock
from flowrack.parties.commands import create_party, save_carrier_service
from flowrack.parties.types import CreateParty, PartyFields, SaveCarrierService
from flowrack.platform import sql
from flowrack.promise.commands_setup import set_cut_offs
from flowrack.promise.types import CutOffOf, SetCutOffs
from flowrack.shared.check_digits import is_valid
from flowrack.shipping.commands import reshop_carriers
from flowrack.shipping.types_carriers import ReshopCarriers

PACKING = {"size", "weight_g", "upright", "bears_g", "hazard", "limited"}
CARTON = {"inside", "bears_g", "tare_g", "cost"}
SERVICE = {"carrier", "service", "mode", "prices", "takes", "days", "cut_off", "dock_minutes", "max_length", "divisor"}


def _check(what: str, value: dict[str, Any], known: set[str]) -> None:
    unknown = set(value) - known
    if unknown:
        raise BadScenario(f"{what}: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")


@given("packing")
def packing(house: House, value: Any) -> None:
    """How a unit of each product is packed: size in mm, weight_g, upright, bears_g, hazard, limited quantity."""
    for name, words in value.items():
        _check(f"packing of {name}", words, PACKING)
        known = catalog.item_record(house.item(name).item_id)
        hazard = str(words.get("hazard", ""))
        fields = replace(
            known.item,
            tracking=Tracking(known.item.tracking),
            costing=Costing(known.item.costing),
            storage_class=StorageClass(known.item.storage_class),
            temperature=Temperature(known.item.temperature),
            velocity=Velocity(known.item.velocity),
            keep_upright=bool(words.get("upright", False)),
            bears_g=words.get("bears_g"),
            hazard_class=hazard[:1],
            hazard_division=hazard if "." in hazard else "",
            is_limited_quantity=bool(words.get("limited", False)),
        )
        long, wide, high = words["size"]
        each = Pack(Level.EACH, "", 1, length_mm=long, width_mm=wide, height_mm=high, weight_g=int(words["weight_g"]))
        house.do(update_item, "data_steward", UpdateItem(known.item_id, known.version, fields, [each]))


@given("carton_types")
def carton_types(house: House, value: Any) -> None:
    """The cartons of the house by code: inside in mm, what they bear and weigh in g, what one costs."""
    types = []
    for code, words in value.items():
        _check(f"carton {code}", words, CARTON)
        numbers = (*words["inside"], int(words["bears_g"]), int(words.get("tare_g", 0)))
        cost = Decimal(str(words.get("cost", 0)))
        types.append(CartonTypeOf(str(code), *numbers, cost))  # type: ignore[call-arg]
    house.do(set_carton_types, "warehouse_manager", SetCartonTypes(types))


@given("carrier_services")
def carrier_services(house: House, value: Any) -> None:
    """Who takes goods, each with a rate card in force: prices by weight up to g, what is taken, days, cut-off."""
    rows = []
    carriers: dict[str, list[dict[str, Any]]] = {}
    for words in value:
        _check(f"service {words.get('service')}", words, SERVICE)
        carriers.setdefault(str(words["carrier"]), []).append(words)
    for code, services in carriers.items():
        asked = CreateParty(f"{house.prefix}-{code}", PartyFields(f"Carrier {code}", "GB", is_carrier=True))
        party = house.do(create_party, "data_steward", asked)
        for words in services:
            name = str(words["service"])
            way = SaveCarrierService(party.party_id, name, name, int(words.get("days", 1)))
            house.do(save_carrier_service, "data_steward", way)
        card = CardOf(house.now.date(), "", [_service(words) for words in services], [CardLaneOf("1")])
        done = house.do(write_rate_card, "planner", WriteRateCard(asked.code, card))
        house.do(approve_rate_card, "finance_controller", ApproveRateCard(done.card_id))
        ids = dict(
            sql.fetch_all("SELECT code, id FROM parties_carrierservice WHERE carrier_id = %s", (party.party_id,))
        )
        rows += [CutOffOf(ids[str(w["service"])], time.fromisoformat(str(w.get("cut_off", "17:00")))) for w in services]
    house.do(set_cut_offs, "planner", SetCutOffs(house.site().site_id, rows))


def _service(words: dict[str, Any]) -> CardServiceOf:
    takes = [str(hazard) for hazard in words.get("takes", [])]
    return CardServiceOf(
        str(words["service"]),
        mode=str(words.get("mode", "ground")),
        divisor=int(words.get("divisor", 0)),
        max_length_mm=int(words.get("max_length", 0)),
        dock_minutes=int(words.get("dock_minutes", 0)),
        hazards=[CardHazardOf(text.removesuffix(" LQ"), text.endswith(" LQ")) for text in takes],
        transits=[CardTransitOf("1", int(words.get("days", 1)))],
        rates=[CardRateOf("1", int(upto), Decimal(str(price))) for upto, price in words["prices"].items()],
    )


@event("to_floor", "order at")
def to_floor(house: House, happening: Event) -> None:
    """The order goes to the pickers as a wave, at an hour; its cartons are planned and its carrier is chosen."""
    placed = current(house, happening)
    flow.promise(house, house.site(placed.site), [placed.order_id])
    set_clock(house, happening)
    flow.to_pickers(house, house.site(placed.site), [placed.order_id])
    house.settle()


@event("slip", "order ready_at reason at")
def slip(house: House, happening: Event) -> None:
    """The order will be ready only at an hour: a carrier is chosen again."""
    placed = current(house, happening)
    set_clock(house, happening)
    ready = clock(house, happening.args["ready_at"])
    reason = str(happening.args.get("reason", "the wave slips"))
    house.do(reshop_carriers, "planner", ReshopCarriers(reason, [placed.order_id], ready_at=ready))
    house.settle()


@event("pack_as_planned", "order")
def pack_as_planned(house: House, happening: Event) -> None:
    """All is picked, and every planned carton is filled with what was planned for it."""
    placed = current(house, happening)
    picks = [Pick(pick_id, 0, 0) for pick_id, _ in flow.open_picks([placed.order_id])]
    house.do(confirm_picks, "picker", ConfirmPicks(picks))
    rows = sql.fetch_all(
        """
        SELECT p.number, coalesce(t.code, ''), o.id, l.units FROM fulfilment_plannedcarton p
        JOIN fulfilment_plannedcartonline l ON l.carton_id = p.id
        JOIN sales_orderline o ON o.order_id = p.order_id AND o.item_id = l.item_id
        LEFT JOIN fulfilment_cartontype t ON t.id = p.carton_type_id WHERE p.order_id = %s ORDER BY p.number, l.id
        """,
        (placed.order_id,),
    )
    cartons: dict[int, PackCarton] = {}
    for number, code, line_id, units in rows:
        carton = cartons.setdefault(number, PackCarton(placed.order_id, [], carton_type=code, checked="scanned"))
        carton.contents.append(PackLine(line_id, units))
    packed = house.do(pack_orders, "packer", PackOrders(list(cartons.values())))
    house.noted["cartons"] = [one.carton_id for one in packed.cartons]
    house.settle()


@event("weigh", "grams")
def weigh(house: House, happening: Event) -> None:
    """What the scale says of each packed carton, in the order in which they were packed."""
    said = zip(house.noted["cartons"], happening.args["grams"], strict=True)
    weighed = [house.do(weigh_carton, "packer", WeighCarton(carton_id, int(grams))) for carton_id, grams in said]
    house.noted["weighed"] = [one.state for one in weighed]


@figure("cartons_planned")
def cartons_planned(house: House, name: str, expected: Any) -> None:
    """The planned cartons of the latest order: type and what each holds, the first to pack first."""
    prefix = f"{house.prefix}-"
    rows = sql.fetch_all(
        """
        SELECT coalesce(t.code, 'own box'),
               string_agg(l.units || ' ' || lower(replace(i.sku, %s, '')), ', ' ORDER BY i.id)
        FROM fulfilment_plannedcarton p JOIN fulfilment_plannedcartonline l ON l.carton_id = p.id
        JOIN catalog_item i ON i.id = l.item_id LEFT JOIN fulfilment_cartontype t ON t.id = p.carton_type_id
        WHERE p.order_id = %s GROUP BY p.id, t.code ORDER BY p.number
        """,
        (prefix, house.noted["order"].order_id),
    )
    same(name, expected, [f"{code}: {holds}" for code, holds in rows])


def _latest(house: House) -> queries_choices.LatestChoice:
    order_id = house.noted["order"].order_id
    found = queries_choices.latest_of([order_id]).get(order_id)
    if found is None:
        raise BadScenario("no carrier was chosen for the order.", fix="carrier_services, then to_floor.")
    return found


@figure("goes_with", "carrier_cut_off", "carrier_leaves_day", "days_late")
def goes_with(house: House, name: str, expected: Any) -> None:
    """Who takes the latest order, on which day and until when it must stand at the door, and how late it arrives."""
    one = _latest(house)
    cut_off = f"{one.leaves_time:%H:%M}" if one.leaves_time else ""
    leaves = (one.leaves_on - DAY_ZERO.date()).days if one.leaves_on else None
    got: dict[str, Any] = {
        "carrier_leaves_day": leaves,
        "goes_with": f"{one.carrier} {one.service}".strip(),
        "carrier_cut_off": cut_off,
        "days_late": one.days_late,
    }
    same(name, expected, got[name])


@figure("freight")
def freight(house: House, name: str, expected: Any) -> None:
    """What the chosen carrier asks for the latest order."""
    same_money(name, expected, _latest(house).cost)


@figure("services_refused")
def services_refused(house: House, name: str, expected: Any) -> None:
    """Why each other service does not take the latest order; empty = it costs more or arrives later."""
    rows = queries_choices.options_of(_latest(house).choice_id)
    same(
        name,
        expected,
        {f"{row.carrier} {row.service}": row.words if row.why else "" for row in rows if not row.is_chosen},
    )


@figure("choice_replays")
def choice_replays(house: House, name: str, expected: Any) -> None:
    """Whether the latest choice comes to the same answer from what was kept."""
    same(name, expected, not queries_choices.differences(_latest(house).choice_id))


@figure("weighed")
def weighed_as(house: House, name: str, expected: Any) -> None:
    """What the weigh check said of each carton."""
    same(name, expected, house.noted["weighed"])


@figure("ssccs")
def ssccs(house: House, name: str, expected: Any) -> None:
    """How many different, well-formed SSCCs the cartons of the latest order have."""
    rows = sql.fetch_all(
        "SELECT DISTINCT sscc FROM fulfilment_carton WHERE order_id = %s", (house.noted["order"].order_id,)
    )
    same(name, expected, sum(len(sscc) == 18 and is_valid(sscc) for (sscc,) in rows))
