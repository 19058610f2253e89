"""The words of the set-up, in the order in which they are laid out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.integrations.scenario import flow
from flowrack.integrations.scenario.house import DAY_ZERO, House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import given

PRODUCT_WORDS = {
    "uom",
    "costing",
    "cost",
    "tracking",
    "negative_stock",
    "packagings",
    "conversions",
    "has_expiry",
    "purchase_uom",
    "hazard",
    "weight_kg",
    "list_price",
    "gtin",
}
STOCK_WORDS = {
    "product",
    "hazard",
    "location",
    "bin",
    "zone",
    "warehouse",
    "qty",
    "reserved",
    "lot",
    "batch",
    "serial",
    "in_day",
    "removal_priority",
    "unit_cost",
    "expires_in_days",
    "package",
}
SETTING_WORDS = {"blank_count", "reassign_after_loss"}


@given("product")
def product(house: House, value: Any) -> None:
    """The one item of the scenario."""
    _check("product", value, PRODUCT_WORDS)
    house.products["product"] = value


@given("products")
def products(house: House, value: Any) -> None:
    """Several items by name."""
    for name, words in value.items():
        _check(f"product {name}", words or {}, PRODUCT_WORDS)
        house.products[str(name)] = words or {}


@given("settings")
def settings(house: House, value: Any) -> None:
    """House rules that the scenario names."""
    _check("settings", value, SETTING_WORDS)
    house.settings.update(value)


@given("warehouses")
def warehouses(house: House, value: Any) -> None:
    """Sites by name; the first is meant where none is named."""
    for name in value:
        house.site(str(name))


@given("stages")
def stages(house: House, value: Any) -> None:
    """Two-step receiving: goods stay at the input until an event puts them away."""
    if list(value) != ["input", "storage"]:
        raise BadScenario("stages knows input and storage.", fix="stages: [input, storage].")
    house.noted["two_steps"] = True


@given("removal")
def removal(house: House, value: Any) -> None:
    """The order in which stock is taken: `fifo`, `fefo`, or `closest (A before B)` for walking order."""
    if str(value).split()[0] not in ("fifo", "fefo", "closest"):
        raise BadScenario(f"removal {value} is unknown.", fix="Use fifo, fefo or closest.")


@given("zone_order")
def zone_order(house: House, value: Any) -> None:
    """Zones in the order in which they are walked."""
    house.noted["zone_order"] = [str(zone) for zone in value]


@given("location")
def location(house: House, value: Any) -> None:
    """Rules of the place where the stock lies: `threshold_percent` for counts."""
    _check("location", value, {"threshold_percent"})
    house.noted["threshold_percent"] = Decimal(str(value["threshold_percent"]))


@given("negative_stock")
def negative_stock(house: House, value: Any) -> None:
    """Whether stock may fall below zero. Here it never may; `allowed` is answered by differs.yaml."""
    if value not in (False, "refused", "not allowed"):
        raise BadScenario("negative stock is never allowed here.", fix="Leave the word out.")


@given("stock")
def stock(house: House, value: Any) -> None:
    """Stock at the start, row by row, and what of it is reserved already."""
    rows = [{"product": name, "qty": qty} for name, qty in value.items()] if isinstance(value, dict) else value
    for row in rows:
        _check("stock", row, STOCK_WORDS)
        house.item(row.get("product"))
    for row in sorted(rows, key=lambda r: int(r.get("in_day", 0))):
        _put(house, row)
    for row in rows:
        if row.get("reserved"):
            item = house.item(row.get("product"))
            site = house.site(str(row.get("warehouse", "")))
            order_id, line_ids = flow.order(house, site, [(item, house.units(row["reserved"]))])
            flow.promise(house, site, [order_id])
            house.noted.setdefault("reserves", []).append((order_id, line_ids[0]))
    house.settle()


def _put(house: House, row: dict[str, Any]) -> None:
    """Buy, receive and store one row of stock."""
    units = house.units(row["qty"])
    name = str(row.get("location", row.get("bin", row.get("warehouse", ""))))
    site = house.site(str(row.get("warehouse", "")))
    bin_id = house.bin(
        "" if name == row.get("warehouse") else name,
        str(row.get("warehouse", "")),
        sequence=_walk(house, row),
        hazard=str(row.get("hazard", "")),
    )
    if units <= 0:
        return
    house.at(Event("stock", {"day": row.get("in_day", 0)}))
    item = house.item(row.get("product"))
    cost = house.base_cost(row["unit_cost"]) if "unit_cost" in row else item.cost or Decimal(1)
    po_id, _ = flow.buy(house, [(item, units, cost)], site)
    lot = str(row.get("lot", row.get("batch", row.get("serial", ""))))
    lpn, life = f"{house.prefix}-{row['package']}" if row.get("package") else "", row.get("expires_in_days")
    if item.tracking == "serial" and not lot:
        # Serials that the scenario does not name are numbered: 00001, 00002, ...
        lines = [flow.counted(house, item, 1, lot=f"{n:05d}", lpn=lpn, life_days=life) for n in range(1, units + 1)]
    else:
        lines = [flow.counted(house, item, units, lot=lot, lpn=lpn, life_days=life)]
    flow.take_in(house, site, po_id, lines)
    flow.store(house, site, item, bin_id)
    house.now = max(house.now, DAY_ZERO)


def _walk(house: House, row: dict[str, Any]) -> int:
    """The place of a bin in walking order: by removal priority, or by the order of its zone; else as named."""
    if "removal_priority" in row:
        return int(row["removal_priority"])
    order = house.noted.get("zone_order")
    if order and "zone" in row:
        return int(order.index(str(row["zone"])) + 1) * 100
    return 0


def _check(what: str, value: Any, known: set[str]) -> None:
    if not isinstance(value, dict):
        raise BadScenario(f"{what} must be a map.", fix="See docs/scenarios.md.")
    unknown = {str(word) for word in value} - known
    if unknown:
        raise BadScenario(f"{what}: unknown word {', '.join(sorted(unknown))}", fix="See docs/scenarios.md.")


@given("package")
def package(house: House, value: Any) -> None:
    """A box by its outer measures, in any units of length."""
    _check("package", value, {"length", "width", "height"})
    house.noted["package"] = {side: millimetres(value[side]) for side in ("length", "width", "height")}


def millimetres(measure: Any) -> int:
    """A length such as "80 cm" in whole millimetres."""
    number, _, unit = str(measure).partition(" ")
    factors = {"mm": 1, "cm": 10, "m": 1000}
    if unit not in factors:
        raise BadScenario(f"{measure} is no length.", fix="Use mm, cm or m.")
    return int(Decimal(number) * factors[unit])


@given("pallet")
def pallet(house: House, value: Any) -> None:
    """A pallet with goods on it: `at Storage 1`."""
    place = str(value).removeprefix("at ").strip()
    _put(house, {"qty": 1, "location": place, "package": "pallet"})
    house.settle()


@given("supplier")
def supplier(house: House, value: Any) -> None:
    """Terms of the supplier: `lead_days`, least quantity and multiple (also as `minimum_kg`)."""
    factors = {"": 1, "_kg": 1000, "_g": 1}
    known = {"lead_days", *(f"{word}{unit}" for word in ("minimum", "multiple") for unit in factors)}
    _check("supplier", value, known)
    terms: dict[str, int] = {"minimum": 1, "multiple": 1}
    for key, number in value.items():
        for unit, factor in factors.items():
            if key in (f"minimum{unit}", f"multiple{unit}"):
                terms[key.removesuffix(unit) if unit else key] = int(Decimal(str(number)) * factor)
    house.noted["terms"] = terms


@given("purchase_date")
def purchase_date(house: House, value: Any) -> None:
    """The day on which something is ordered, for example 2011-11-21 (Monday)."""
    house.noted["purchase_date"] = str(value).split(" ", maxsplit=1)[0]
