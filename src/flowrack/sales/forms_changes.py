"""Forms that change an order: days, address and lines; its cancellation; another rank or policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms

from flowrack.parties import queries as parties
from flowrack.sales import rules_terms
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.sales.rules import POLICIES, TIERS
from flowrack.sales.rules_changes import POLICY_WORDS
from flowrack.sales.types import CancelLine, CancelLines, CancelOrder, ChangeLine
from flowrack.sales.types_changes import ChangeOrder, OrderTerms, OverrideOrder, SetOrderTerms


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


def _reason(*, required: bool) -> forms.CharField:
    return forms.CharField(label="Why", max_length=200, required=required)


class LineBoxes:
    """The two boxes of a line: new units and price."""

    def __init__(self, line: LineRow, units: forms.BoundField, price: forms.BoundField) -> None:
        self.line = line
        self.units = units
        self.price = price

    @property
    def left(self) -> int:
        """Units that can still be taken away without anybody putting goods back."""
        return self.line.waiting + self.line.allocated


class ChangeForm(forms.Form):
    """An order as it should be."""

    requested_on = _day("Wanted on", help_text="At the customer's door.")
    latest_on = _day("Nothing after", help_text="Empty: the customer sets no latest day.")
    ship_to = forms.ChoiceField(label="Ship to", required=False)
    reason = _reason(required=False)

    def __init__(
        self, head: OrderHead, lines: Sequence[LineRow], data: Any = None, wish: Mapping[str, str] | None = None
    ):
        self.head, self.lines = head, lines
        start: dict[str, Any] = {
            "requested_on": head.requested_on,
            "latest_on": head.latest_on,
            "ship_to": head.ship_to_code,
        }
        for line in lines:
            start |= {f"units-{line.line_id}": line.units, f"price-{line.line_id}": f"{line.unit_price.normalize():f}"}
        super().__init__(data, initial={**start, **(wish or {})})
        known = parties.addresses([head.customer_id]).get(head.customer_id, [])
        choices = [(one.code, f"{one.name}, {one.city}" if one.city else one.name) for one in known]
        if head.ship_to_code not in [code for code, _ in choices]:
            choices.insert(0, (head.ship_to_code, head.ship_to or "as it is"))
        self.fields["ship_to"].choices = choices  # type: ignore[attr-defined]
        for line in lines:
            what = f"of line {line.line_no}"
            self.fields[f"units-{line.line_id}"] = forms.IntegerField(
                label=f"Units {what}", required=False, min_value=0, max_value=1_000_000_000
            )
            self.fields[f"price-{line.line_id}"] = forms.DecimalField(
                label=f"Price {what}", required=False, min_value=Decimal(0), max_digits=18, decimal_places=6
            )

    @property
    def heads(self) -> list[forms.BoundField]:
        """The fields above the lines."""
        return [self["requested_on"], self["latest_on"], self["ship_to"], self["reason"]]

    @property
    def boxes(self) -> list[LineBoxes]:
        """The lines of which something can be changed."""
        return [
            LineBoxes(line, self[f"units-{line.line_id}"], self[f"price-{line.line_id}"])
            for line in self.lines
            if line.shipped + line.cancelled < line.units
        ]

    def to_request(self) -> ChangeOrder:
        """The command's request: only what differs."""
        data, head = self.cleaned_data, self.head
        day, latest, code = data.get("requested_on"), data.get("latest_on"), data.get("ship_to") or ""
        return ChangeOrder(
            head.order_id,
            requested_on=day if day != head.requested_on else None,
            latest_on=latest if latest != head.latest_on else None,
            no_latest=latest is None and head.latest_on is not None,
            ship_to=code if code != head.ship_to_code else "",
            lines=[change for line in self.lines if (change := self._change(line)) is not None],
            reason=data.get("reason", ""),
        )

    def _change(self, line: LineRow) -> ChangeLine | None:
        units = self.cleaned_data.get(f"units-{line.line_id}")
        price = self.cleaned_data.get(f"price-{line.line_id}")
        new_units = units if units is not None and units != line.units else None
        new_price = price if price is not None and price != line.unit_price else None
        return None if new_units is None and new_price is None else ChangeLine(line.line_id, new_units, new_price)


class AddLinesForm(forms.Form):
    """Why a customer wants more; the lines stand in the grid below."""

    reason = _reason(required=False)


class TermsForm(forms.Form):
    """The terms of one order."""

    max_shipments = forms.IntegerField(
        label="Shipments, at most", required=False, min_value=1, help_text="Empty: as many as it takes."
    )
    last_shipment = forms.ChoiceField(label="The last of them", choices=list(rules_terms.LAST.items()))
    min_shipment_value = forms.DecimalField(
        label="Value of a shipment, at least", min_value=0, max_digits=16, decimal_places=4
    )
    cancel_after_days = forms.IntegerField(
        label="Backorders are cancelled after days",
        required=False,
        min_value=0,
        help_text="After the wanted day, what still waits for stock. Empty: never.",
    )
    substitutes = forms.ChoiceField(label="Substitutes", choices=list(rules_terms.SUBSTITUTES.items()))
    life_days = forms.IntegerField(label="Remaining life at delivery, days at least", min_value=0)
    lot_rule = forms.ChoiceField(label="Lots", choices=list(rules_terms.LOTS.items()))
    reason = _reason(required=False)

    def to_request(self, order_id: int) -> SetOrderTerms:
        """The command's request."""
        data = dict(self.cleaned_data)
        reason = data.pop("reason", "")
        return SetOrderTerms(order_id, OrderTerms(**data), reason)


class CancelForm(forms.Form):
    """Why an order is not wanted any more."""

    reason = _reason(required=False)

    def to_request(self, order_id: int) -> CancelOrder:
        """All that is left."""
        return CancelOrder(order_id, self.cleaned_data.get("reason") or "cancelled on the order page")

    def to_rest(self, lines: Sequence[LineRow]) -> CancelLines:
        """What waits for stock."""
        waiting = [CancelLine(line.line_id, line.waiting) for line in lines if line.waiting]
        return CancelLines(waiting, self.cleaned_data.get("reason") or "the rest is not wanted any more")


class OverrideForm(forms.Form):
    """Another rank or policy than the customer's terms say."""

    tier = forms.ChoiceField(choices=[(tier, tier) for tier in TIERS])
    policy = forms.ChoiceField(label="Delivery", choices=[(policy, POLICY_WORDS[policy]) for policy in POLICIES])
    reason = _reason(required=True)

    def to_request(self, order_id: int) -> OverrideOrder:
        """The command's request."""
        data = self.cleaned_data
        return OverrideOrder(order_id, data.get("reason", ""), data.get("tier", ""), data.get("policy", ""))
