"""Forms of sales: the page's fields to a command's request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Level
from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.lookup import EVERYWHERE
from flowrack.platform.web.codes import CodeInput
from flowrack.platform.web.grid import GridColumn, GridForm
from flowrack.sales import queries_lists
from flowrack.sales.forms_terms import GivenTermsForm
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.sales.types_lists import CHANNEL, ORDER_TYPE
from flowrack.sales.types_terms import TERMS
from flowrack.shared.errors import BadLine

ANY_SITE = "any"


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


def _sites_or_any() -> list[tuple[str, str]]:
    sites = _sites()
    return [*sites, (ANY_SITE, "choose for me")] if len(sites) > 1 else sites


def _channels() -> list[tuple[str, str]]:
    return [("", "as the customer's terms say"), *queries_lists.choices(CHANNEL)]


def _order_types() -> list[tuple[str, str]]:
    return [("", "none"), *queries_lists.choices(ORDER_TYPE)]


class OrderForm(GivenTermsForm):
    """A customer order: who, where from and when, and its own terms. Its lines stand in the grid below."""

    customer = forms.CharField(
        label="Customer",
        max_length=200,
        widget=CodeInput("customer", {"autofocus": True}),
        help_text="Code, name or town.",
    )
    site = forms.ChoiceField(
        label="Ship from", choices=_sites_or_any, help_text="“Choose for me”: the rules choose, now and while it waits."
    )
    reference = forms.CharField(label="Customer's order number", max_length=60, required=False)
    requested_on = forms.DateField(
        label="Wanted on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="At the customer's door. Empty: as soon as the usual way allows.",
    )
    ship_on = forms.DateField(
        label="Or ship on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="For a customer who names the day it is to leave.",
    )
    latest_on = forms.DateField(
        label="Nothing after",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="The last day at the door, or to leave.",
    )
    ship_to = forms.CharField(
        label="Ship to", max_length=40, required=False, help_text="Code of an address; empty: the customer's usual one."
    )
    channel = forms.ChoiceField(label="Sales channel", required=False, choices=_channels)
    order_type = forms.ChoiceField(label="Order type", required=False, choices=_order_types)
    contract = forms.CharField(
        label="Contract", max_length=40, required=False, help_text="Empty: the customer's usual one."
    )

    def clean_customer(self) -> str:
        """The code of the customer who is meant: a code in any case, the whole name, or a part that fits no other."""
        text = str(self.cleaned_data["customer"]).strip()
        found = parties.look_up_customers(text, EVERYWHERE)
        exact = [one.code for one in found if one.is_exact]
        if text in exact or not found:
            return text
        whole = [one.code for one in found if f"{one.note}, ".casefold().startswith(f"{text}, ".casefold())]
        meant = exact or whole or [one.code for one in found]
        if len(meant) > 1:
            names = [f"{one.code} {one.note}" for one in found if one.code in meant]
            few = "; ".join(names[:3]) + (" and more" if len(meant) > 3 else "")
            raise forms.ValidationError(f"“{text}” fits several customers: {few}. Choose one while you type.")
        return meant[0]

    @property
    def heads(self) -> list[forms.BoundField]:
        """The fields that stand above the lines."""
        return [self[name] for name in ("customer", "site", "reference", "requested_on", "ship_to")]

    @property
    def more(self) -> list[forms.BoundField]:
        """The fields that few orders need: other days, where it comes from, and terms of its own."""
        return [self[name] for name in ("ship_on", "latest_on", "channel", "order_type", "contract", *TERMS)]

    @property
    def has_more(self) -> bool:
        """Whether one of those is filled, or refused."""
        return any(field.value() not in (None, "") or field.errors for field in self.more)

    def to_request(self, lines: list[NewLine]) -> EnterOrders:
        """The command's request; where a field is wrong, as if nothing were typed."""
        data = self.cleaned_data
        return EnterOrders(
            [
                NewOrder(
                    customer=data.get("customer", ""),
                    site_id=0 if data.get("site") == ANY_SITE else int(data.get("site", 0)),
                    any_site=data.get("site") == ANY_SITE,
                    lines=lines,
                    reference=data.get("reference", ""),
                    requested_on=data.get("requested_on"),
                    policy=data.get("policy", ""),
                    ship_to=data.get("ship_to", ""),
                    latest_on=data.get("latest_on"),
                    ship_on=data.get("ship_on"),
                    channel=data.get("channel", ""),
                    order_type=data.get("order_type", ""),
                    contract=data.get("contract", ""),
                    terms=self.given(),
                )
            ]
        )


MOST_LINES = 3_000
LINE_GRID = [
    GridColumn(
        "item",
        "Item: SKU, their number, barcode",
        code=True,
        look="order-item",
        names=(
            "sku",
            "item code",
            "item number",
            "article",
            "article number",
            "product",
            "product code",
            "barcode",
            "gtin",
            "ean",
            "code",
            "part number",
        ),
    ),
    GridColumn("quantity", "Quantity", kind="number", names=("qty", "units", "amount", "ordered", "pieces", "pcs")),
    GridColumn(
        "pack", "Pack, if not base units", options=[level.value for level in Level], names=("unit", "uom", "package")
    ),
    GridColumn(
        "unit_price", "Price, if not the list's", kind="number", names=("unit price", "price each", "net price")
    ),
    GridColumn("lot", "Only this lot", code=True, names=("lot", "lot number", "batch", "only lot")),
]


def read_lines(rows: Sequence[dict[str, str]]) -> tuple[list[NewLine], list[int], list[BadLine]]:
    """The lines of the grid as the command wants them, the row of each, and all that is wrong with the others.

    The command looks up the codes of what is a line; those of the other rows are looked up here, so that every fault
    is shown at once.
    """
    lines: list[NewLine] = []
    at_rows: list[int] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        quantity, price = _number(row["quantity"]), _number(row.get("unit_price", ""))
        if not row["item"]:
            bad.append(BadLine(number, "item", "The item is missing.", "Type or scan it."))
        if not quantity.is_finite():
            said = f"“{row['quantity']}” is not a number." if row["quantity"] else "The quantity is missing."
            bad.append(BadLine(number, "quantity", said, "Type how many."))
        if row.get("unit_price") and not price.is_finite():
            bad.append(BadLine(number, "unit_price", f"“{row['unit_price']}” is not a price.", "Type a number."))
        if row["item"] and quantity.is_finite():
            at_price = price if price.is_finite() else None
            lines.append(NewLine(row["item"], quantity, row["pack"].lower(), at_price, row.get("lot", "")))
            at_rows.append(number)
    left = [(number, row["item"]) for number, row in enumerate(rows, 1) if row["item"] and number not in set(at_rows)]
    known = catalog.find_codes([code for _, code in left]) if left else {}
    bad += [
        BadLine(number, "item", f"There is no item “{code}”.", "Check the SKU or scan the article.")
        for number, code in left
        if not known.get(code)
    ]
    if not rows:
        bad.append(BadLine(1, "item", "The order has no lines.", "Type or scan an item, then its quantity."))
    return lines, at_rows, bad


def read_typed(grid: GridForm) -> tuple[list[NewLine], list[int], list[bool], list[BadLine]]:
    """The lines of a grid that is still typed: those that name an item, their rows, of which the quantity was typed,
    and what cannot be read of the rows."""
    lines: list[NewLine] = []
    rows: list[int] = []
    counted: list[bool] = []
    bad = grid.doubts("quantity", "unit_price")
    in_doubt = {fault.line for fault in bad}
    for number, row in enumerate(grid.rows, 1):
        quantity, price = _number(row["quantity"]), _number(row["unit_price"])
        if row["quantity"] and not quantity.is_finite():
            bad.append(BadLine(number, "quantity", f"“{row['quantity']}” is not a number.", "Type how many."))
        elif row["unit_price"] and not price.is_finite():
            bad.append(BadLine(number, "unit_price", f"“{row['unit_price']}” is not a price.", "Type a number."))
        elif row["item"] and number not in in_doubt:
            is_counted = quantity.is_finite()
            at_price = price if price.is_finite() else None
            lines.append(NewLine(row["item"], quantity if is_counted else Decimal(1), row["pack"].lower(), at_price))
            rows.append(number)
            counted.append(is_counted)
    return lines, rows, counted, bad


def _number(text: str) -> Decimal:
    """The number that was typed, not a number where there is none."""
    try:
        return Decimal(text or "NaN")
    except InvalidOperation:
        return Decimal("NaN")
