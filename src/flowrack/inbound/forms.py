"""Forms of inbound: the page's fields to a command's request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.inbound import queries_availability
from flowrack.inbound.types import AvailabilityPolicy, Available, SetAvailability
from flowrack.inbound.types_discrepancies import Kind, Outcome, RecordDiscrepancy, Responsible, SetTolerance, Verdict
from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.web.codes import CodeInput
from flowrack.platform.web.format import words
from flowrack.platform.web.render import read_by
from flowrack.platform.web.standins import readable

KEEP = [("", "as recorded")]


def _sites() -> list[tuple[str, str]]:
    return [(str(site.site_id), site.name) for site in places.sites()]


class DiscrepancyForm(forms.Form):
    """Something that no count says."""

    site = forms.ChoiceField(label="Site", choices=_sites)
    supplier = forms.CharField(label="Supplier", max_length=40, widget=CodeInput("supplier"), help_text="Code or name.")
    kind = forms.ChoiceField(
        label="What", choices=[(k, k.replace("_", " ")) for k in Kind if k != Kind.NO_PO], initial=Kind.UNREADABLE
    )
    sku = forms.CharField(
        label="Item",
        max_length=60,
        required=False,
        widget=CodeInput("item"),
        help_text="Its SKU or barcode, if you know it.",
    )
    units = forms.IntegerField(label="Units", min_value=0, initial=0)
    lpn = forms.CharField(label="LPN or SSCC", max_length=40, required=False)
    reason = forms.CharField(label="Why", max_length=200)
    responsible = forms.ChoiceField(label="Who answers for it", choices=[(r, r) for r in Responsible])

    def clean_supplier(self) -> int:
        """The supplier behind the code."""
        code = self.cleaned_data["supplier"].strip()
        found = parties.find_by_code([code]).get(code)
        if found is None:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id)

    def clean_sku(self) -> int:
        """The item behind the code; 0 when it is not known."""
        code = self.cleaned_data["sku"].strip()
        hits = catalog.find_codes([code]).get(code, []) if code else []
        if code and len({hit.item_id for hit in hits}) != 1:
            raise forms.ValidationError(f"“{code}” is not the code of one item.")
        return hits[0].item_id if hits else 0

    def to_request(self) -> RecordDiscrepancy:
        """The record as the command wants it."""
        data = self.cleaned_data
        return RecordDiscrepancy(
            site_id=int(data["site"]),
            supplier_id=data["supplier"],
            kind=data["kind"],
            reason=data["reason"],
            units=data["units"],
            item_id=data["sku"],
            lpn=data["lpn"].strip(),
            responsible=data["responsible"],
        )


class DecideForm(forms.Form):
    """What is decided about one discrepancy."""

    verdict = forms.ChoiceField(
        label="Verdict",
        choices=[
            (Verdict.ACCEPT, "Accept: nothing follows"),
            (Verdict.DEBIT, "Debit note to the supplier"),
            (Verdict.CLAIM, "Claim"),
        ],
    )
    responsible = forms.ChoiceField(
        label="Who answers for it", choices=KEEP + [(r, r) for r in Responsible], required=False
    )
    amount = forms.DecimalField(
        label="Money asked for",
        required=False,
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        help_text="Empty: the value at stake. For a claim or a debit note.",
    )
    note = forms.CharField(label="Note", max_length=400, required=False)


class PutOnPoForm(forms.Form):
    """The order to which goods without a reference belong."""

    po = forms.CharField(label="Order number", max_length=20)


class PhotoForm(forms.Form):
    """A picture from the camera or the disk."""

    file = forms.FileField(
        label="Picture",
        help_text="JPEG, PNG or WebP, at most 10 MB.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
    )


def _outcome(label: str) -> Any:
    return forms.ChoiceField(label=label, choices=[(o, o) for o in Outcome], initial=Outcome.FLAG)


def _percent(label: str) -> Any:
    return forms.DecimalField(label=label, required=False, max_digits=5, decimal_places=2)


def _number(label: str, note: str = "") -> Any:
    return forms.IntegerField(label=label, required=False, help_text=note)


class ToleranceForm(forms.Form):
    """What is tolerated from now on, of whom and what."""

    supplier = forms.CharField(
        label="Supplier",
        max_length=40,
        required=False,
        widget=CodeInput("supplier"),
        help_text="Code or name; empty: all suppliers.",
    )
    family = forms.CharField(label="Item family", max_length=40, required=False, help_text="Empty: all items.")
    over_pct = _percent("Over, %")
    over_units = _number("Over, units at most", "Both empty: what the order agreed.")
    on_over = _outcome("More than that")
    under_pct = _percent("Short, %")
    under_units = _number("Short, units at most")
    on_under = _outcome("Shorter than that")
    early_days = _number("Days early", "Empty: any number.")
    on_early = _outcome("Earlier than that")
    late_days = _number("Days late", "Empty: any number.")
    on_late = _outcome("Later than that")
    min_life_days = _number("Days of life left, at least")
    on_short_dated = _outcome("Less life than that")
    reason = forms.CharField(label="Why", max_length=200, required=False)

    def clean_supplier(self) -> int:
        """The supplier behind the code; 0 for all."""
        code = self.cleaned_data["supplier"].strip()
        if not code:
            return 0
        found = parties.find_by_code([code]).get(code)
        if found is None:
            raise forms.ValidationError(f"There is no supplier “{code}”.")
        return int(found.party_id)

    def to_request(self) -> SetTolerance:
        """The tolerance as the command wants it."""
        data = readable(self, supplier=0)
        data["supplier_id"] = data.pop("supplier")
        data["min_life_days"] = data["min_life_days"] or 0
        data["family"] = data["family"].strip()
        return SetTolerance(**data)


class AvailabilityForm(forms.Form):
    """A policy: for which goods, when, where and why."""

    available = forms.ChoiceField(label="Available", choices=[(a.value, words(a.value)) for a in Available])
    item = forms.CharField(label="Item", required=False, max_length=60, help_text="SKU; empty for all items.")
    family = forms.CharField(label="Family", required=False, max_length=40, help_text="Code; empty for all families.")
    supplier = forms.CharField(label="Supplier", required=False, max_length=60, help_text="Code; empty for all.")
    site = forms.TypedChoiceField(label="Site", coerce=int)
    location = forms.CharField(
        label="Place", required=False, max_length=40, help_text="Where goods stand that are available on receipt."
    )
    reason = forms.CharField(label="Why", max_length=200)
    valid_from = forms.DateField(label="From", required=False, help_text="Empty for now.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites = [(0, "All sites"), *((s.site_id, f"{s.code} {s.name}") for s in places.sites())]
        self.fields["site"].choices = sites  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Which goods and which place the codes mean; each that is unknown is said at its field."""
        data: dict[str, Any] = super().clean() or {}
        scope = {"sku": data.get("item", ""), "family": data.get("family", ""), "supplier": data.get("supplier", "")}
        data["scope"] = read_by(self, lambda: queries_availability.scope_ids(**scope))
        code, site = data.get("location", "").strip(), data.get("site")
        if code and site is not None:
            data["place"] = read_by(self, lambda: places.by_code(site, [code])[code].location_id, "location")
        return data

    def to_request(self) -> SetAvailability:
        """The request of the command."""
        data = self.cleaned_data
        item, family, supplier = data["scope"]
        place = data.get("place", 0)
        return SetAvailability(
            [
                AvailabilityPolicy(
                    Available(data["available"]),
                    item,
                    family,
                    supplier,
                    data["site"],
                    place,
                    data["reason"],
                    data["valid_from"],
                )
            ]
        )
