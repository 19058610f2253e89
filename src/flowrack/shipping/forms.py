"""Forms of the pages of loads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from flowrack.parties import queries as parties
from flowrack.platform.web.codes import CodeInput
from flowrack.shipping import queries_board
from flowrack.shipping.types_loads import (
    BEHIND_WORDS,
    Behind,
    CarrierElse,
    LoadPolicy,
    PastCutOff,
    StopOrder,
    TransferStop,
    Truck,
)
from flowrack.storage import queries_staged

WHEN = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
STOP_ORDERS = [
    (StopOrder.FREE, "In any order"),
    (StopOrder.WARN, "Warn when a later stop should go on first"),
    (StopOrder.REASON, "Ask for a reason"),
    (StopOrder.REFUSE, "Refuse it"),
]
CARRIERS_ELSE = [
    (CarrierElse.WARN, "Tell it"),
    (CarrierElse.REASON, "Ask why"),
    (CarrierElse.REFUSE, "Refuse it until another service is taken for them"),
]
CUT_OFFS = [(PastCutOff.WARN, "Close it with a warning"), (PastCutOff.REFUSE, "Refuse until the cut-off is moved")]


class LoadForm(forms.Form):
    """The orders of a truck in the order of delivery, and the truck."""

    orders = forms.CharField(
        label="Orders and transfers, first delivery first",
        max_length=12_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text="Their numbers, one a line. The truck is filled the other way round: the last goes on first.",
    )
    door = forms.TypedChoiceField(label="Door", coerce=int, required=False, empty_value="0")
    carrier = forms.CharField(label="Carrier", max_length=40, required=False, widget=CodeInput("carrier"))
    carrier_reason = forms.CharField(
        label="Why this carrier", max_length=200, required=False,
        help_text="Only where another carrier was chosen for one of the orders.",
    )  # fmt: skip
    cut_off_at = forms.DateTimeField(
        label="Cut-off", required=False, widget=WHEN, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text="When the carrier leaves, by the site's clock.",
    )  # fmt: skip
    trailer = forms.CharField(label="Trailer", max_length=40, required=False)
    driver = forms.CharField(label="Driver", max_length=80, required=False)
    max_weight_kg = forms.IntegerField(label="Takes, kg", required=False, min_value=0, max_value=1_000_000)

    def __init__(self, *args: Any, doors: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["door"].choices = [(0, "Not yet known"), *doors]  # type: ignore[attr-defined]

    def clean_orders(self) -> list[int]:
        """The orders behind the numbers, in their order; the transfers among them stand in `transfers`."""
        numbers = [part.upper() for part in re.split(r"[,;\s]+", self.cleaned_data["orders"]) if part]
        found = queries_board.ids_of(numbers)
        missing = [number for number in dict.fromkeys(numbers) if number not in found]
        sent = queries_staged.ids_of(missing) if missing else {}
        if unknown := [number for number in missing if number not in sent]:
            raise forms.ValidationError(f"There is no order and no transfer {', '.join(unknown[:5])}.")
        orders: list[int] = []
        self.transfers: list[TransferStop] = []
        for number in dict.fromkeys(numbers):
            if number in found:
                orders.append(found[number])
            else:
                self.transfers.append(TransferStop(sent[number], len(orders)))
        return orders

    def clean_carrier(self) -> int:
        """The carrier behind the code; 0 = none."""
        code = self.cleaned_data["carrier"].strip()
        found = parties.find_by_code([code]).get(code) if code else None
        if code and (found is None or not found.is_carrier):
            raise forms.ValidationError(f"There is no carrier “{code}”.")
        return found.party_id if found else 0

    def truck(self) -> Truck:
        """What is known of the truck."""
        data = self.cleaned_data
        return Truck(
            int(data["door"]),
            data["carrier"],
            data["trailer"],
            data["driver"],
            data["cut_off_at"],
            (data["max_weight_kg"] or 0) * 1000,
            carrier_reason=data["carrier_reason"],
        )


class CloseForm(forms.Form):
    """Close a truck from the office."""

    seal = forms.CharField(label="Seal", max_length=40, required=False)
    behind = forms.ChoiceField(
        label="What is not on it stays because", required=False,
        choices=[("", "Nothing stays"), *((str(code), words) for code, words in BEHIND_WORDS.items())],
    )  # fmt: skip
    note = forms.CharField(label="Note", max_length=200, required=False)

    def only_not_ready(self) -> None:
        """What is missing was never staged: that it was not ready is all that can be said of it."""
        self.fields["behind"].choices = [(str(Behind.NOT_READY), "Not ready: it is not staged")]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = forms.CharField(label="Reason", max_length=200)


class PolicyForm(forms.Form):
    """How a site loads."""

    stop_order = forms.ChoiceField(label="Order of the stops", choices=STOP_ORDERS)
    past_cut_off = forms.ChoiceField(label="After the carrier's cut-off", choices=CUT_OFFS)
    carrier_else = forms.ChoiceField(label="Orders for which another carrier was chosen", choices=CARRIERS_ELSE)
    needs_seal = forms.BooleanField(label="A truck is closed with a seal", required=False)
    needs_signature = forms.BooleanField(label="The driver signs before it is closed", required=False)
    takes_totes = forms.BooleanField(label="Picking totes leave as they are, without cartons", required=False)
    answer_hours = forms.IntegerField(
        label="Hours in which a customer confirms a notice of departure", min_value=1, max_value=720
    )
    proof_years = forms.IntegerField(label="Years for which proofs of delivery are kept", min_value=1, max_value=30)

    def policy(self) -> LoadPolicy:
        """The policy as it was filled in."""
        data = self.cleaned_data
        return LoadPolicy(
            data["stop_order"],
            data["past_cut_off"],
            data["needs_seal"],
            data["needs_signature"],
            data["answer_hours"],
            data["proof_years"],
            data["carrier_else"],
            data["takes_totes"],
        )


class SignForm(forms.Form):
    """Who signs; the drawing comes along beside it."""

    signed_by = forms.CharField(label="Name", max_length=120)

    def is_multipart(self) -> bool:
        """A photo of a signed paper may come along."""
        return True
