"""The words of work inside the house: pick faces and their refills, places with a capacity, holds, buying."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.compliance.queries import trace_lot
from flowrack.fulfilment.commands import hold_stock, scrap_stock
from flowrack.fulfilment.types_stock import HoldStock, ScrapStock
from flowrack.inspection.commands import decide, record_results, start_inspection
from flowrack.inspection.queries import find_waiting
from flowrack.inspection.types import CheckResult, Decide, RecordResults, StartInspection, Verdict
from flowrack.integrations.masterdata import OfferSpec
from flowrack.integrations.scenario import flow
from flowrack.integrations.scenario.events import bring
from flowrack.integrations.scenario.figures import ids, same
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure, given
from flowrack.planning.commands import propose
from flowrack.planning.types import Propose
from flowrack.platform import sql
from flowrack.replenishment.commands import plan_refills
from flowrack.replenishment.types import PlanRefills
from flowrack.shared.quantity import Units
from flowrack.storage.commands import adjust_stock, set_pick_faces
from flowrack.storage.commands_releases import release_stock
from flowrack.storage.types import (
    Adjustment,
    AdjustStock,
    PickFaceSetting,
    ReleaseStock,
    SetPickFaces,
    StockAt,
)


@given("order_point")
def order_point(house: House, value: Any) -> None:
    """A pick face that is filled up to `target` when it falls under `min`: location, min, target, source."""
    unknown = set(value) - {"location", "min", "target", "source"}
    if unknown or "location" not in value:
        raise BadScenario("order_point knows location, min, target and source.", fix="See docs/scenarios.md.")
    site, item = house.site(), house.item()
    face = house.bin(str(value["location"]))
    setting = PickFaceSetting(face, item.item_id, Units(house.units(value["min"])), Units(house.units(value["target"])))
    house.do(set_pick_faces, "inventory_controller", SetPickFaces(site.site_id, [setting]))


@event("run_replenishment", "")
def run_replenishment(house: House, happening: Event) -> None:
    """Refills of pick faces are planned, and purchases of what runs low are proposed."""
    site = house.site()
    code, _ = house.party("SUPPLIER")
    house.master.offers([OfferSpec(code, item.sku, item.cost or Decimal(1)) for item in house.items.values()])
    planned = house.do(plan_refills, "inventory_controller", PlanRefills(site.site_id))
    house.noted["refills"] = planned.planned_move_ids
    house.noted["proposals"] = house.do(propose, "planner", Propose(site.site_id)).proposal_ids


@figure("transfer")
def planned_transfer(house: House, name: str, expected: Any) -> None:
    """What the last run wants carried: frm, to and qty; null when nothing."""
    rows = sql.fetch_all(
        """
        SELECT from_location_id, to_location_id, sum(units)::bigint FROM storage_plannedmove
        WHERE id = ANY(%s::bigint[]) GROUP BY 1, 2
        """,
        (house.noted["refills"],),
    )
    names = {bin_id: place for site in house.sites.values() for place, bin_id in site.bins.items()}
    got = [{"frm": names[row[0]], "to": names[row[1]], "qty": house.quantity(row[2])} for row in rows]
    if len(got) != (0 if expected is None else 1):
        raise BadScenario(f"{len(got)} refills were planned.", fix="Expect one, or null.")
    if expected is not None:
        same(name, expected, got[0])


@event("hold", "qty location lot product quality reason")
def hold(house: House, happening: Event) -> None:
    """Stock that nobody may promise or pick."""
    lines = [_stock_at(house, happening)]
    quality = str(happening.args.get("quality", "hold"))
    house.do(
        hold_stock,
        "inventory_controller",
        HoldStock(house.site().site_id, lines, str(happening.args.get("reason", "scenario")), quality),
    )


@event("release_hold", "qty location lot product quality")
def release_hold(house: House, happening: Event) -> None:
    """Held stock is fit for sale again."""
    line = _stock_at(house, happening, str(happening.args.get("quality", "hold")))
    house.do(release_stock, "qc_inspector", ReleaseStock(house.site().site_id, [line], "scenario"))


@event("inspect", "release hold product reason")
def inspect(house: House, happening: Event) -> None:
    """Goods that wait for inspection are looked at, every unit; so many are released, the others held."""
    site, item = house.site(), house.item(happening.args.get("product"))
    waiting = find_waiting(site.site_id, item_ids=[item.item_id])
    if not waiting:
        raise BadScenario("Nothing of this item waits for inspection.", fix="Receive it with quality: inspection.")
    about = waiting[0].id
    good, held = house.units(happening.args["release"]), house.units(happening.args.get("hold", 0))
    house.do(start_inspection, "qc_inspector", StartInspection(about))
    found = [CheckResult(defective_units=held)] if held else []
    house.do(record_results, "qc_inspector", RecordResults(about, good + held, found))
    verdict = Verdict.SPLIT if good and held else Verdict.HOLD if held else Verdict.RELEASE
    said = Decide(about, verdict, good, held, reason=str(happening.args.get("reason", "scenario")))
    house.do(decide, "qc_inspector", said)


@event("scrap", "qty location lot product quality reason")
def scrap(house: House, happening: Event) -> None:
    """Stock that is thrown away."""
    line = _stock_at(house, happening, str(happening.args.get("quality", "available")))
    reason = str(happening.args.get("reason", "damaged"))
    house.do(scrap_stock, "inventory_controller", ScrapStock(house.site().site_id, [line], reason))


@event("adjust", "qty location lot product reason")
def adjust(house: House, happening: Event) -> None:
    """Units found, or (negative) lost, at a place."""
    args = happening.args
    item = house.item(args.get("product"))
    line = Adjustment(
        house.bin(str(args.get("location", ""))), item.item_id, house.units(args["qty"]), lot=str(args.get("lot", ""))
    )
    reason = str(args.get("reason", "found" if line.units > 0 else "lost"))
    house.do(adjust_stock, "inventory_controller", AdjustStock(house.site().site_id, [line], reason))


def _stock_at(house: House, happening: Event, quality: str = "available") -> StockAt:
    args = happening.args
    item = house.item(args.get("product"))
    lot = str(args.get("lot", ""))
    return StockAt(
        house.bin(str(args.get("location", ""))),
        item.item_id,
        Units(house.units(args["qty"])),
        flow.lot_id(item, lot),
        0,
        quality,
    )


@event("receive_at_dock", "qty unit_cost product lot expires_in_days")
def receive_at_dock(house: House, happening: Event) -> None:
    """Goods come in and stay at the dock, on the open purchase."""
    args = {**happening.args, "to": "input"}
    item = house.item(args.get("product"))
    cost = house.base_cost(args["unit_cost"]) if "unit_cost" in args else None
    bring(house, Event("receive", args), item, house.site(), house.units(args["qty"]), cost=cost)


@figure("held")
def held(house: House, name: str, expected: Any) -> None:
    """Units on hold."""
    got = sql.fetch_value(
        "SELECT coalesce(sum(hold), 0)::bigint FROM ledger_pool WHERE item_id = ANY(%s::bigint[])", (ids(house),)
    )
    same(name, expected, house.quantity(int(got)))


@figure("damaged")
def damaged(house: House, name: str, expected: Any) -> None:
    """Units that are damaged and still here."""
    got = sql.fetch_value(
        "SELECT coalesce(sum(damaged), 0)::bigint FROM ledger_pool WHERE item_id = ANY(%s::bigint[])", (ids(house),)
    )
    same(name, expected, house.quantity(int(got)))


@figure("lot_balance")
def lot_balance(house: House, name: str, expected: Any) -> None:
    """Where the units of the house's one lot came from and are: received, on_hand, shipped, ...; missing is 0."""
    item = house.item()
    balance = trace_lot(flow.lot_id(item, "")).balance
    got = {
        str(part): house.quantity(balance.unexplained if part == "missing" else getattr(balance, str(part)))
        for part in expected
    }
    same(name, expected, got)
