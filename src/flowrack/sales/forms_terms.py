"""The fields of a form by which an order names terms of its own."""

from __future__ import annotations

from django import forms

from flowrack.sales import rules_terms
from flowrack.sales.queries import OrderHead, terms_of
from flowrack.sales.rules import POLICIES
from flowrack.sales.rules_changes import POLICY_WORDS
from flowrack.sales.types_terms import ANY, NEVER, GivenTerms

USUAL = [("", "as the customer's terms say")]


class GivenTermsForm(forms.Form):
    """Terms of one order, each empty where the customer's count."""

    policy = forms.ChoiceField(
        label="Delivery", required=False, choices=[*USUAL, *((policy, POLICY_WORDS[policy]) for policy in POLICIES)]
    )
    max_shipments = forms.CharField(
        label="Shipments, at most", required=False, max_length=9, help_text="A number, or any: as many as it takes."
    )
    last_shipment = forms.ChoiceField(
        label="The last of them", required=False, choices=[*USUAL, *rules_terms.LAST.items()]
    )
    min_shipment_value = forms.DecimalField(
        label="Value of a shipment, at least", required=False, min_value=0, max_digits=16, decimal_places=4
    )
    cancel_after_days = forms.CharField(
        label="Backorders are cancelled after days",
        required=False,
        max_length=9,
        help_text="After the wanted day. A number, or never.",
    )
    substitutes = forms.ChoiceField(
        label="Substitutes", required=False, choices=[*USUAL, *rules_terms.SUBSTITUTES.items()]
    )
    life_days = forms.IntegerField(label="Remaining life at delivery, days at least", required=False, min_value=0)
    lot_rule = forms.ChoiceField(label="Lots", required=False, choices=[*USUAL, *rules_terms.LOTS.items()])

    def given(self) -> GivenTerms:
        """The terms that are named; where a field is wrong, as if nothing were typed."""
        data = self.cleaned_data
        words = ("max_shipments", "last_shipment", "cancel_after_days", "substitutes", "lot_rule")
        return GivenTerms(
            min_shipment_value=data.get("min_shipment_value"),
            life_days=data.get("life_days"),
            **{name: data.get(name, "") for name in words},
        )


def own_terms(head: OrderHead) -> dict[str, object]:
    """What the form begins with when it repeats an order: the terms that were its own."""
    terms = terms_of(head)
    said: dict[str, object] = {name: getattr(terms, name) for name in rules_terms.NAMES}
    said |= {
        "policy": head.policy,
        "max_shipments": ANY if terms.max_shipments is None else terms.max_shipments,
        "cancel_after_days": NEVER if terms.cancel_after_days is None else terms.cancel_after_days,
        "min_shipment_value": f"{terms.min_shipment_value:.2f}",
    }
    return {name: said[name] for name in head.given_terms}
