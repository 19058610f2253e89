"""The words of packs, measures and supplier terms."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flowrack.catalog import queries as catalog
from flowrack.integrations.masterdata import OfferSpec, SupplierSpec
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.flow import AS_TOLD
from flowrack.integrations.scenario.givens import millimetres
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure
from flowrack.purchasing.commands import create_po
from flowrack.purchasing.rules import fit_to_agreement
from flowrack.purchasing.types import BelowMinimum, CreatePo, NewPo, NewPoLine
from flowrack.shared.quantity import Units

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@event("break_down", "qty product")
def break_down(house: House, happening: Event) -> None:
    """A quantity is told in the item's packs, largest first."""
    item = house.item(happening.args.get("product"))
    left = house.units(happening.args.get("qty", happening.value))
    factors = sorted({pack.factor for pack in catalog.packs([item.item_id])[item.item_id]}, reverse=True)
    names = {units: name for name, units in item.packs.items()}
    told: dict[str, int] = {}
    for factor in factors:
        count, left = divmod(left, factor)
        if count:
            told[names.get(factor, "Unit")] = count
    house.noted["packagings"] = told


@figure("packagings")
def packagings(house: House, name: str, expected: Any) -> None:
    """How many of each pack a quantity is."""
    same(name, expected, house.noted["packagings"])


@event("request", "qty uom product")
def request(house: House, happening: Event) -> None:
    """Somebody wants to buy a quantity; what is ordered is the next one that the supplier takes."""
    item = house.item(happening.args.get("product"))
    terms = house.noted.get("terms", {"minimum": 1, "multiple": 1})
    code, supplier_id = house.party("SUPPLIER")
    house.master.offers([OfferSpec(code, item.sku, Decimal(1), terms["minimum"], terms["multiple"])])
    units = int(Decimal(str(happening.args["qty"])))
    ordered = fit_to_agreement(units=units, moq=terms["minimum"], multiple=terms["multiple"])
    for wanted in dict.fromkeys((units, ordered)):
        line = NewPoLine(item.item_id, Units(wanted))
        try:
            house.do(
                create_po, "buyer", CreatePo([NewPo(supplier_id, house.site().site_id, [line], cover_reason=AS_TOLD)])
            )
            house.noted.setdefault("bought_units", []).append(wanted)
        except BelowMinimum:
            if wanted == ordered:
                raise


@figure("purchase_quantities_g")
def purchase_quantities(house: House, name: str, expected: Any) -> None:
    """What was really ordered for each request, in base units."""
    same(name, expected, house.noted["bought_units"])


@figure("volume_m3*")
def volume(house: House, name: str, expected: Any) -> None:
    """Cubic metres of the box, or of the box at another height: volume_m3_at_height_120cm."""
    box = dict(house.noted["package"])
    _, _, height = name.partition("_at_height_")
    if height:
        digits = height.rstrip("cm")
        box["height"] = millimetres(f"{digits} {height[len(digits) :]}")
    same(name, expected, Decimal(box["length"] * box["width"] * box["height"]) / 10**9)


@figure("table_lead_days_weekday_to_date")
def supply_dates(house: House, name: str, expected: Any) -> None:
    """For rows of lead time and delivery weekday: the day on which an order of the purchase date is due."""
    ordered_on = date.fromisoformat(house.noted["purchase_date"])
    house.now = datetime(ordered_on.year, ordered_on.month, ordered_on.day, 9, tzinfo=UTC)
    item = house.item()
    for number, (lead_days, weekday, due) in enumerate(expected):
        if weekday != "any" and weekday not in WEEKDAYS:
            raise BadScenario(f"{weekday} is no weekday.", fix="Use Mon to Sun, or any.")
        days = tuple(range(1, 8)) if weekday == "any" else (WEEKDAYS.index(weekday) + 1,)
        code = f"{house.prefix}-S{number}"
        supplier = SupplierSpec(code, code, lead_days=int(lead_days), weekdays=days)
        supplier_id = house.master.suppliers([supplier])[code]
        line = NewPoLine(item.item_id, Units(1), Decimal(1))
        order = NewPo(supplier_id, house.site().site_id, [line], cover_reason=AS_TOLD)
        [po] = house.do(create_po, "buyer", CreatePo([order])).pos
        same(f"{lead_days} days, {weekday}", str(due), str(house.due_on(po.po_id)))


@figure("state")
def state(house: House, name: str, expected: Any) -> None:
    """Whether all that was asked to be reserved is: `fully reserved`, `partly reserved` or `not reserved`."""
    asked = sum(h.units for h in house.log if h.word == "reserve")
    held = house.promised_units()
    word = "fully reserved" if held >= asked else "partly reserved" if held else "not reserved"
    same(name, expected, word)
