"""Reads a purchase history in AdventureWorks' tables: heads, lines, vendors, their items, and products."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from flowrack.integrations.purchases.types import (
    BadPurchases,
    History,
    HistoryLine,
    HistoryOrder,
    Offer,
    Totals,
    Vendor,
)
from flowrack.shared.errors import BadLine

MAX_PROBLEMS = 50
TABLES = {
    "PurchaseOrderHeader": ("PurchaseOrderID", "Status", "VendorID", "OrderDate", "ShipDate", "SubTotal"),
    "PurchaseOrderDetail": (
        "PurchaseOrderID", "DueDate", "OrderQty", "ProductID", "UnitPrice", "ReceivedQty", "RejectedQty", "StockedQty",
    ),
    "Vendor": ("BusinessEntityID", "AccountNumber", "Name"),
    "ProductVendor": ("ProductID", "BusinessEntityID", "AverageLeadTime", "StandardPrice", "MinOrderQty"),
    "Product": ("ProductID", "ProductNumber", "Name"),
}  # fmt: skip
STATUS = {"1": "pending", "2": "approved", "3": "rejected", "4": "complete"}


def read(directory: Path, *, limit: int | None = None) -> History:
    """The history of a directory, its first orders only when limited. Refuses it with every bad line (up to 50)."""
    bad: list[BadLine] = []
    items = {row["ProductID"]: (row["ProductNumber"], row["Name"]) for _, row in _rows(directory, "Product")}
    vendors = {row["BusinessEntityID"]: row for _, row in _rows(directory, "Vendor")}
    lines = _lines(directory, items, bad)
    orders: list[HistoryOrder] = []
    for number, row in _rows(directory, "PurchaseOrderHeader"):
        if limit is not None and len(orders) >= limit:
            break
        order = _order(number, row, vendors, lines, bad)
        if order is not None:
            orders.append(order)
    if bad:
        raise BadPurchases(
            f"{len(bad)} lines of the history cannot be taken.",
            lines=bad[:MAX_PROBLEMS],
            fix="Mend the lines named and read the directory again.",
        )
    if not orders:
        raise BadPurchases("The history holds no orders.", fix="Name the directory that holds the tables.")
    return _with_offers(directory, orders, items, vendors)


def _rows(directory: Path, table: str) -> Iterator[tuple[int, dict[str, str]]]:
    path = directory / f"{table}.csv"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            missing = [column for column in TABLES[table] if column not in (rows.fieldnames or [])]
            if missing:
                raise BadPurchases(f"{path.name} has no column {', '.join(missing)}.", fix="Export the table again.")
            for row in rows:
                yield rows.line_num, row
    except FileNotFoundError:
        raise BadPurchases(f"There is no {path}.", fix=f"Put {', '.join(TABLES)} there, as CSV.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadPurchases(f"{path.name} cannot be read: {error}.", fix="Export it again as CSV UTF-8.") from None


def _lines(directory: Path, items: dict[str, tuple[str, str]], bad: list[BadLine]) -> dict[str, list[HistoryLine]]:
    found: dict[str, list[HistoryLine]] = defaultdict(list)
    for number, row in _rows(directory, "PurchaseOrderDetail"):
        try:
            ordered, received, rejected, stocked = (
                _whole(row[name]) for name in ("OrderQty", "ReceivedQty", "RejectedQty", "StockedQty")
            )
            price, due_on = Decimal(row["UnitPrice"]), _day(row["DueDate"])
        except (ValueError, InvalidOperation):
            bad.append(BadLine(number, "line", "A quantity, price or date cannot be read.", "Correct the line."))
            continue
        if row["ProductID"] not in items:
            bad.append(BadLine(number, "ProductID", f"There is no product {row['ProductID']}.", "Add it to Product."))
        elif ordered <= 0 or not 0 <= rejected <= received <= ordered:
            said = f"{ordered} ordered, {received} received, {rejected} rejected do not fit together."
            bad.append(BadLine(number, "ReceivedQty", said, "Correct the quantities."))
        elif stocked != received - rejected:
            said = f"{stocked} stocked is not {received} received less {rejected} rejected."
            bad.append(BadLine(number, "StockedQty", said, "Correct the quantities."))
        else:
            line = HistoryLine(number, items[row["ProductID"]][0], ordered, received, rejected, price, due_on)
            found[row["PurchaseOrderID"]].append(line)
    return found


def _order(
    number: int,
    row: dict[str, str],
    vendors: dict[str, dict[str, str]],
    lines: dict[str, list[HistoryLine]],
    bad: list[BadLine],
) -> HistoryOrder | None:
    vendor, of = vendors.get(row["VendorID"]), lines.get(row["PurchaseOrderID"])
    if vendor is None:
        bad.append(BadLine(number, "VendorID", f"There is no vendor {row['VendorID']}.", "Add it to Vendor."))
        return None
    if not of:
        bad.append(BadLine(number, "PurchaseOrderID", "The order has no lines.", "Add its lines, or take it out."))
        return None
    try:
        ordered_on, came_on = _day(row["OrderDate"]), _day(row["ShipDate"] or row["OrderDate"])
        subtotal = Decimal(row["SubTotal"])
    except (ValueError, InvalidOperation):
        bad.append(BadLine(number, "head", "A date or the subtotal cannot be read.", "Correct the line."))
        return None
    status = STATUS.get(row["Status"], row["Status"])
    return HistoryOrder(
        f"PO-{row['PurchaseOrderID']}", vendor["AccountNumber"], status, ordered_on, max(came_on, ordered_on), subtotal,
        tuple(of),
    )  # fmt: skip


def _with_offers(
    directory: Path,
    orders: list[HistoryOrder],
    items: dict[str, tuple[str, str]],
    vendors: dict[str, dict[str, str]],
) -> History:
    """The history with those vendors, items and offers that its orders name."""
    wanted = {(order.supplier, line.sku) for order in orders for line in order.lines}
    lead: dict[str, int] = {}
    offers = []
    for _, row in _rows(directory, "ProductVendor"):
        vendor = vendors[row["BusinessEntityID"]]
        sku = items[row["ProductID"]][0]
        if (vendor["AccountNumber"], sku) not in wanted:
            continue
        lead[vendor["AccountNumber"]] = max(lead.get(vendor["AccountNumber"], 0), int(row["AverageLeadTime"]))
        offers.append(
            Offer(vendor["AccountNumber"], sku, Decimal(row["StandardPrice"]), max(_whole(row["MinOrderQty"]), 1))
        )
    used = {order.supplier for order in orders}
    skus = {sku for _, sku in wanted}
    return History(
        orders=orders,
        vendors={
            v["AccountNumber"]: Vendor(v["AccountNumber"], v["Name"], lead.get(v["AccountNumber"], 7))
            for v in vendors.values()
            if v["AccountNumber"] in used
        },
        items={sku: name for sku, name in items.values() if sku in skus},
        offers=offers,
    )


def totals(history: History) -> Totals:
    """The units of the history."""
    lines = [line for order in history.orders for line in order.lines]
    return Totals(
        orders=len(history.orders),
        lines=len(lines),
        ordered=sum(x.ordered for x in lines),
        received=sum(x.received for x in lines),
        rejected=sum(x.rejected for x in lines),
        stocked=sum(x.stocked for x in lines),
        short_lines=sum(1 for x in lines if x.received < x.ordered),
        rejected_lines=sum(1 for x in lines if x.rejected),
    )


def oddities(history: History) -> dict[str, list[str]]:
    """What the history says that cannot be so, or cannot be kept as it says: references by sentence."""
    found: dict[str, list[str]] = defaultdict(list)
    for order in history.orders:
        due = {line.due_on for line in order.lines}
        if order.due_on is None:
            found["due before it was ordered; the supplier's lead time counts instead"].append(order.reference)
        if len(due) > 1:
            found["more than one due date; the last counts"].append(order.reference)
        if order.status != "complete":
            found[f"goods came though its status is {order.status}"].append(order.reference)
        if sum(line.ordered * line.unit_price for line in order.lines) != order.subtotal:
            found["subtotal of the head is not the sum of its lines"].append(order.reference)
    return dict(found)


def _whole(text: str) -> int:
    value = Decimal(text)
    if value != value.to_integral_value():
        raise ValueError(text)
    return int(value)


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])
