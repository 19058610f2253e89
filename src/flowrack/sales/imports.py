"""What sales takes from files: open customer orders, a line in each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from flowrack.locations import queries as places
from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.importing import Check, Column, Definition, Lookup, Mapped, Problems, cells
from flowrack.sales import steps_entry, steps_warn
from flowrack.sales.rules import POLICIES
from flowrack.sales.rules_sites import sent_words
from flowrack.sales.rules_terms import LAST, LOTS, MOST_DAYS, MOST_SHIPMENTS, NAMES, SUBSTITUTES
from flowrack.sales.steps_entry import Checked
from flowrack.sales.steps_foresee import foresee
from flowrack.sales.types import EnteredOrder, NewLine, NewOrder
from flowrack.sales.types_terms import ANY, AS_USUAL, NEVER, GivenTerms
from flowrack.shared.errors import BadLine

HEAD = (  # the same in every row of an order
    *("site", "requested_on", "latest_on", "policy", "ship_to", "ship_on"),
    *("channel", "order_type", "contract"),
    *NAMES,
)
TOGETHER = {  # what a fault says -> the sentence for all of its kind
    "There is no item": "There is no such item.",
    "There is no customer": "There is no such customer.",
    "is not sold any more": "The item is not sold any more.",
    "is not a quantity to ship": "Not a quantity to ship.",
    "has no pack": "The item has no such pack.",
    "has no address": "The customer has no such address.",
    "was entered before": "The order was entered before.",
    " is past.": "The day is past.",
}
SHIP_FROM = "Ship from"
FIELDS = {"reference": "number", "lines": "item"}  # what the checks call it -> column of the file


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the stage."""

    row: int
    bad: bool
    customer: str | None
    number: str | None
    line: str | None
    site_id: int | None
    site: str | None
    item: str | None
    quantity: Decimal | None
    pack: str | None
    unit_price: Decimal | None
    lot: str | None
    requested_on: date | None
    latest_on: date | None
    policy: str | None
    ship_to: str | None
    ship_on: date | None
    channel: str | None
    order_type: str | None
    contract: str | None
    max_shipments: str | None
    last_shipment: str | None
    min_shipment_value: Decimal | None
    cancel_after_days: str | None
    substitutes: str | None
    life_days: int | None
    lot_rule: str | None


def _rows() -> list[_Row]:
    rows = sql.fetch_all(
        """
        SELECT row, bad, customer, number, line, site_id, site, item, quantity, pack, unit_price, lot, requested_on,
               latest_on, policy, ship_to, ship_on, channel, order_type, contract, max_shipments, last_shipment,
               min_shipment_value, cancel_after_days, substitutes, life_days, lot_rule
        FROM import_stage ORDER BY row
        """
    )
    return [_Row(*row) for row in rows]


def staged_orders(*, only_good: bool = False) -> tuple[list[NewOrder], list[list[int]]]:
    """The orders of the stage in the order of the file, and the row of each line. With `only_good`, orders of which no
    row is bad."""
    groups: dict[tuple[str, str], list[_Row]] = {}
    for row in _rows():
        groups.setdefault((row.customer or "", row.number or ""), []).append(row)
    of = [rows for rows in groups.values() if not (only_good and any(row.bad for row in rows))]
    return [_order(rows) for rows in of], [[row.row for row in rows] for rows in of]


def _order(rows: Sequence[_Row]) -> NewOrder:
    head = {name: next((v for row in rows if (v := getattr(row, name)) is not None), None) for name in HEAD[1:]}
    lines = [
        NewLine(row.item or "", row.quantity or Decimal(0), row.pack or "", row.unit_price, row.lot or "")
        for row in rows
    ]
    return NewOrder(
        customer=rows[0].customer or "",
        site_id=next((row.site_id for row in rows if row.site_id), 0),
        any_site=all(row.site is None for row in rows),
        lines=lines,
        reference=rows[0].number or "",
        requested_on=head["requested_on"],
        policy=head["policy"] or "",
        ship_to=head["ship_to"] or "",
        latest_on=head["latest_on"],
        ship_on=head["ship_on"],
        channel=head["channel"] or "",
        order_type=head["order_type"] or "",
        contract=head["contract"] or "",
        terms=_terms(head),
    )


def _terms(head: Mapping[str, Any]) -> GivenTerms:
    words = ("max_shipments", "last_shipment", "cancel_after_days", "substitutes", "lot_rule")
    terms = GivenTerms(
        min_shipment_value=head["min_shipment_value"],
        life_days=head["life_days"],
        **{name: head[name] or "" for name in words},
    )
    return AS_USUAL if terms == AS_USUAL else terms


def _check_orders(problems: Problems, mapped: Mapped) -> None:
    """What order entry refuses, at the row and column where it stands."""
    orders, rows_of = staged_orders()
    first = next((site.site_id for site in places.sites()), 0)  # the rules move it from there
    orders = [replace(order, site_id=first) if order.any_site else order for order in orders]
    told = {
        (row.row, name) for row in _rows() for name in ("customer", "site", "item", "quantity") if _empty(row, name)
    }
    checked = steps_entry.check(orders, now=now())
    at = {row.row: row for row in _rows()}
    faults = [(rows_of[place][max(line.line, 1) - 1], FIELDS.get(line.field, line.field), line)
              for place, line in checked.faults]  # fmt: skip
    for row, name, line in sorted(faults, key=lambda fault: fault[0]):
        if (row, name) not in told:
            problems.add(row, mapped.label(name), _shown(at[row], name), line.message, line.fix, same=_same(line))
    _warn(problems, mapped, orders, checked, rows_of)
    for place, number, why in foresee(orders, checked):
        name, asked = ("quantity", orders[place].lines[number - 1]) if number else ("number", None)
        found = f"{asked.quantity.normalize():f}" if asked else orders[place].reference
        problems.note(rows_of[place][max(number, 1) - 1], mapped.label(name), found, why)


def _shown(row: _Row, name: str) -> str:
    """What stands in a cell."""
    value = getattr(row, name, None)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else "" if value is None else str(value)


def _same(line: BadLine) -> str:
    """The sentence under which faults with other values are told together."""
    return next((same for part, same in TOGETHER.items() if part in line.message), "")


def _warn(
    problems: Problems, mapped: Mapped, orders: Sequence[NewOrder], checked: Checked, rows_of: Sequence[Sequence[int]]
) -> None:
    """Days that orders without a fault cannot keep, with the first possible ones."""
    bad = {place for place, _ in checked.faults}
    good = [at for at, head in enumerate(checked.known) if at not in bad and head.customer_id and head.today]
    told = steps_warn.warnings([orders[at] for at in good], [checked.known[at] for at in good], now())
    for at, said in zip(good, told, strict=True):
        name = "ship_on" if orders[at].ship_on else "requested_on" if orders[at].requested_on else "latest_on"
        day = getattr(orders[at], name)
        for why in said:
            problems.note(rows_of[at][0], mapped.label(name), str(day), why)


def _empty(row: _Row, name: str) -> bool:
    """Whether the cell was noted as missing or unreadable before; a site that is unknown was, too."""
    return row.site is not None and row.site_id is None if name == "site" else getattr(row, name) is None


def tell_sites(problems: Problems, entered: Sequence[EnteredOrder], rows_of: Sequence[Sequence[int]]) -> None:
    """Of orders for which the rules chose the site: from where they ship, and which orders stand beside them."""
    for done, rows in zip(entered, rows_of, strict=True):
        if len(done.sends) > 1:
            beside = "; ".join(sent_words(one) for one in done.sends[1:])
            problems.note(rows[0], SHIP_FROM, done.number, f"{done.number}: {done.why} Beside it {beside}.")
        elif done.sends:
            problems.note(rows[0], SHIP_FROM, done.number, f"The rules let it ship from {done.sends[0].site}.")
        elif done.why:
            problems.note(
                rows[0], SHIP_FROM, done.number, "It is on hold: the rules choose its site when it is released."
            )


def _check_heads(problems: Problems, mapped: Mapped) -> None:
    """Rows of one order that say different things about it, and rows of orders of which another row is bad."""
    first: dict[tuple[str, str], dict[str, tuple[int, object]]] = {}
    rows = [row for row in _rows() if row.customer and row.number]
    for row in rows:
        known = first.setdefault((row.customer or "", row.number or ""), {})
        for name in HEAD:
            value = getattr(row, name)
            if value is None:
                continue
            at, said = known.setdefault(name, (row.row, value))
            if said != value:
                message = f"Row {at} says {said} for the same order."
                problems.add(row.row, mapped.label(name), str(value), message, "Say the same in every row of an order.")
    bad: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.bad or row.row in problems.bad_rows:
            bad.setdefault((row.customer or "", row.number or ""), row.row)
    for row in rows:
        first_bad = bad.get((row.customer or "", row.number or ""))
        if first_bad is not None and not row.bad and row.row not in problems.bad_rows:
            problems.add(
                row.row, mapped.label("number"), row.number or "", f"Row {first_bad} of this order has a problem.",
                "An order is entered whole: mend that row.", same="Another row of the order has a problem.",
            )  # fmt: skip


CHECKS: list[Check] = [_check_orders, _check_heads]

OPEN_ORDERS = Definition(
    kind="open-orders",
    title="Open orders",
    permission="sales.enter",
    key=("customer", "number", "line", "item"),
    twins="Delete one of the two, or give each a number of its own under Line.",
    help="One line of an order in each row; what is the same for the order is repeated or stands in its first row.",
    columns=[
        Column("customer", "Customer", cells.code(40), required=True, aliases=("customer code", "account")),
        Column(
            "number",
            "Customer's order number",
            cells.code(60),
            required=True,
            aliases=("order", "order number", "po number", "reference"),
            help="with the customer it says which rows are one order",
        ),
        Column("line", "Line", cells.code(20), aliases=("line number", "position"), help="where an item stands twice"),
        Column(
            "site",
            SHIP_FROM,
            cells.code(20),
            aliases=("warehouse", "site code"),
            help="empty: the rules choose, now and while it waits",
        ),
        Column("item", "Item", cells.code(80), required=True, aliases=("sku", "item code", "barcode", "article")),
        Column("quantity", "Quantity", cells.quantity(places=6), "numeric", required=True, aliases=("qty",)),
        Column("pack", "Pack", cells.text(40), aliases=("unit", "uom"), help="empty for base units"),
        Column("unit_price", "Price", cells.decimal(places=6), "numeric", aliases=("unit price",)),
        Column("lot", "Only lot", cells.text(60), aliases=("lot",)),
        Column(
            "requested_on",
            "Wanted on",
            cells.day,
            "date",
            aliases=("requested date", "delivery date", "wanted"),
            help="the day of arrival at the customer",
        ),
        Column(
            "ship_on",
            "Ship on",
            cells.day,
            "date",
            aliases=("ship date", "requested ship date"),
            help="in place of it: the day on which it is to leave",
        ),
        Column(
            "latest_on",
            "Nothing after",
            cells.day,
            "date",
            aliases=("latest date", "cancel date"),
            help="of the same kind: of arrival, or to leave",
        ),
        Column("policy", "Delivery", cells.choice({policy: policy for policy in POLICIES})),
        Column("ship_to", "Ship to", cells.code(40), aliases=("address code",)),
        Column(
            "channel", "Sales channel", cells.code(20), aliases=("channel",), help="empty: the customer's usual one"
        ),
        Column("order_type", "Order type", cells.code(20), aliases=("type",)),
        Column("contract", "Contract", cells.code(40), help="empty: the customer's usual one"),
        Column(
            "max_shipments",
            "Shipments, at most",
            cells.number_or(ANY, least=1, most=MOST_SHIPMENTS),
            aliases=("maximum shipments",),
            help="any: as many as it takes; empty, as all terms: as the customer's say",
        ),
        Column("last_shipment", "Last shipment", cells.choice({one: one for one in LAST}), help="waits or cancels"),
        Column(
            "min_shipment_value",
            "Value of a shipment, at least",
            cells.decimal(places=4),
            "numeric",
            aliases=("minimum shipment value",),
        ),
        Column(
            "cancel_after_days",
            "Cancel backorders after days",
            cells.number_or(NEVER, most=MOST_DAYS),
            help="after the wanted day; never: they wait",
        ),
        Column("substitutes", "Substitutes", cells.choice({one: one for one in SUBSTITUTES}), help="no, consent, yes"),
        Column(
            "life_days",
            "Remaining life at delivery",
            cells.number(least=0, most=MOST_DAYS),
            "int",
            aliases=("minimum remaining life days",),
            help="days",
        ),
        Column("lot_rule", "Lots", cells.choice({one: one for one in LOTS}), help="any, same or new"),
    ],
    lookups=[Lookup("site", "locations_site", "code", "site_id", "site")],
    targets=[],
    prepare=["UPDATE {stage} SET is_new = true"],
    checks=CHECKS,
)
