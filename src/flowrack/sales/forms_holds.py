"""Forms of order holds: the pages' fields to the commands' requests."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from flowrack.locations import queries as places
from flowrack.platform.web.codes import CodeInput
from flowrack.platform.web.standins import readable
from flowrack.sales.rules_holds import SHIPPED
from flowrack.sales.types_holds import CustomerCredit, SetCredits, SetHoldRules

COMPANY = ("0", "Every site without rules of its own")


def _sites() -> list[tuple[str, str]]:
    return [COMPANY, *((str(site.site_id), site.name) for site in places.sites())]


class ReasonForm(forms.Form):
    """Why something is held or released."""

    reason = forms.CharField(label="Why", max_length=200, help_text="Asked the customer, paid today, ...")


class HoldRulesForm(forms.Form):
    """What is held by itself."""

    site_id = forms.TypedChoiceField(label="Where", choices=_sites, coerce=int)
    holds_quantity = forms.BooleanField(label="Hold absurd quantities", required=False, initial=True)
    factor = forms.DecimalField(
        label="Factor",
        initial=SHIPPED.factor,
        max_digits=5,
        decimal_places=2,
        help_text="How many spreads above the median are in doubt. More = fewer holds.",
    )
    least_spread = forms.DecimalField(
        label="Least spread",
        initial=SHIPPED.least_spread,
        max_digits=5,
        decimal_places=3,
        help_text="Of the logarithm of units: 0.7 is a doubling.",
    )
    floor_units = forms.IntegerField(
        label="Floor, units", initial=SHIPPED.floor_units, max_value=10**9, help_text="So many are never in doubt."
    )
    least_lines = forms.IntegerField(
        label="Least lines", initial=SHIPPED.least_lines, max_value=10**6, help_text="Of history, to judge an item."
    )
    most_times = forms.IntegerField(
        label="Times the largest line",
        initial=SHIPPED.most_times,
        required=False,
        max_value=10**4,
        help_text="More than so many times an item's largest line is in doubt, however wide they spread. Empty: 5.",
    )
    short_units = forms.IntegerField(
        label="New site, units",
        initial=SHIPPED.short_units,
        required=False,
        max_value=10**9,
        help_text="More are in doubt while the site has fewer than the least lines in all. Empty: 10,000.",
    )
    holds_credit = forms.BooleanField(label="Hold orders beyond the credit", required=False, initial=True)
    holds_address = forms.BooleanField(label="Hold orders to addresses in doubt", required=False, initial=True)
    needs_address = forms.BooleanField(label="Hold orders without an address", required=False)
    reason = forms.CharField(label="Why", max_length=200)

    def to_request(self) -> SetHoldRules:
        """The command's request."""
        said = readable(self)
        for name in ("most_times", "short_units"):
            if said.get(name) is None:
                said[name] = getattr(SHIPPED, name)
        return SetHoldRules(**said)


class CreditForm(forms.Form):
    """A customer's credit."""

    customer = forms.CharField(label="Customer", max_length=40, widget=CodeInput("customer"), help_text="Code or name.")
    credit_limit = forms.DecimalField(
        label="Limit", required=False, max_digits=16, decimal_places=4, help_text="Empty: no limit."
    )
    owed = forms.DecimalField(
        label="Owed", required=False, max_digits=16, decimal_places=4, help_text="By the books of finance, today."
    )
    is_stopped = forms.BooleanField(
        label="On stop", required=False, help_text="Every open order is held, and every new one."
    )
    reason = forms.CharField(label="Why", max_length=200)

    def to_request(self) -> SetCredits:
        """The command's request."""
        data: dict[str, Any] = self.cleaned_data
        credit = CustomerCredit(data["customer"], data["credit_limit"], data["owed"] or Decimal(0), data["is_stopped"])
        return SetCredits([credit], data["reason"])
