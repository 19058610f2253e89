"""Forms of sales: the page's fields to a command's request."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Level
from flowrack.locations import queries as places
from flowrack.platform.web.grid import GridColumn
from flowrack.sales.rules import POLICIES
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.shared.errors import BadLine


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


class OrderForm(forms.Form):
    """A customer order: who, where from and when. Its lines stand in the grid below."""

    customer = forms.CharField(label="Customer code", max_length=40)
    site = forms.ChoiceField(label="Ship from", choices=_sites)
    reference = forms.CharField(label="Customer's order number", max_length=60, required=False)
    requested_on = forms.DateField(
        label="Wanted on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    policy = forms.ChoiceField(
        label="Delivery",
        required=False,
        choices=[("", "as the customer's terms say"), *((policy, policy) for policy in POLICIES)],
    )

    def to_request(self, lines: list[NewLine]) -> EnterOrders:
        """The command's request."""
        data = self.cleaned_data
        return EnterOrders(
            [
                NewOrder(
                    customer=data["customer"],
                    site_id=int(data["site"]),
                    lines=lines,
                    reference=data["reference"],
                    requested_on=data["requested_on"],
                    policy=data["policy"],
                )
            ]
        )


LINE_GRID = [
    GridColumn("item", "Item, barcode or SKU", code=True),
    GridColumn("quantity", "Quantity", kind="number"),
    GridColumn("pack", "Pack, if not base units", options=[level.value for level in Level]),
]


def read_lines(rows: Sequence[dict[str, str]]) -> tuple[list[NewLine], list[BadLine]]:
    """The lines of the grid as the command wants them, and what is not even a line.

    Where a quantity is no number, the codes are looked up here too, so that every bad line is shown at once; otherwise
    the command says all that is wrong.
    """
    lines: list[NewLine] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        try:
            quantity = Decimal(row["quantity"] or "NaN")
        except InvalidOperation:
            quantity = Decimal("NaN")
        if not row["item"]:
            bad.append(BadLine(number, "item", "The item is missing.", "Type or scan it."))
        if not quantity.is_finite():
            said = f"“{row['quantity']}” is not a number." if row["quantity"] else "The quantity is missing."
            bad.append(BadLine(number, "quantity", said, "Type how many."))
        lines.append(NewLine(row["item"], quantity, row["pack"].lower()))
    if bad:
        known = catalog.find_codes([row["item"] for row in rows])
        bad += [
            BadLine(number, "item", f"There is no item “{row['item']}”.", "Check the SKU or scan the article.")
            for number, row in enumerate(rows, 1)
            if row["item"] and not known.get(row["item"])
        ]
    if not rows:
        bad.append(BadLine(1, "item", "The order has no lines.", "Type or scan an item, then its quantity."))
    return lines, bad
