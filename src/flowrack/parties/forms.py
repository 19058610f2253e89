"""Forms of the parties' pages."""

from __future__ import annotations

from typing import Any

from django import forms

from flowrack.parties import rules_holidays
from flowrack.parties.types import (
    CreateParty,
    CustomerFields,
    LabelNeed,
    LastShipment,
    LotRule,
    PartyFields,
    PartyRecord,
    SaveAddress,
    SaveCarrierService,
    ShipsPartial,
    Substitutes,
    SupplierFields,
    Tier,
    UpdateParty,
)

WEEKDAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]
SUPPLIER = ("lead_time_days", "min_order_value", "order_multiple_units", "delivery_weekdays")
CUSTOMER = (
    *("tier", "ships_partial", "substitutes", "min_remaining_life_days", "label_needs", "max_shipments"),
    *("last_shipment", "min_shipment_value", "cancel_after_days", "lot_rule", "transit_days"),
    *("channel", "contract"),
)
PARTIAL_WORDS = [("complete", "one complete delivery"), ("line", "whole lines"), ("partial", "whatever is there")]
SUBSTITUTE_WORDS = [("no", "never"), ("consent", "with his consent"), ("yes", "yes")]
LAST_WORDS = [("waits", "waits until all is there"), ("cancels", "leaves, and the rest is cancelled")]
LOT_WORDS = [("any", "any lot"), ("same", "the lot that he got last first"), ("new", "no lot that he had before")]
PLAIN = ("name", "country", "gln", "email", "phone", "holidays_of", "is_carrier", "is_owner")


def _countries() -> list[tuple[str, str]]:
    return [("", "no country"), *((code, f"{name} ({code})") for code, name in rules_holidays.country_names())]


class CarrierServiceForm(forms.Form):
    """A way in which a carrier takes goods."""

    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=160)
    transit_days = forms.IntegerField(
        min_value=0, max_value=90, initial=1, label="Days on the way", help_text="Counts where no rate card says more."
    )
    is_active = forms.BooleanField(required=False, initial=True, label="In use")

    def to_request(self, carrier_id: int) -> SaveCarrierService:
        """The command's request."""
        return SaveCarrierService(carrier_id=carrier_id, **self.cleaned_data)


class PartyForm(forms.Form):
    """A company; the boxes say which parts it plays."""

    code = forms.CharField(max_length=40)
    name = forms.CharField(max_length=200)
    country = forms.RegexField("^[A-Z]{2}$", required=False, help_text="Two letters: GB, DE, FR.")
    gln = forms.RegexField(r"^\d{13}$", label="GLN", required=False)
    email = forms.CharField(required=False, max_length=200)
    phone = forms.CharField(required=False, max_length=40)
    is_carrier = forms.BooleanField(label="Carrier", required=False)
    is_owner = forms.BooleanField(label="Owner of stock", required=False)
    is_supplier = forms.BooleanField(label="Supplier", required=False)
    holidays_of = forms.ChoiceField(
        label="Keeps the public holidays of",
        required=False,
        choices=_countries,
        help_text="A supplier delivers, and a carrier drives, on none of them.",
    )
    lead_time_days = forms.IntegerField(label="Lead time, days", required=False, min_value=0, initial=7)
    min_order_value = forms.DecimalField(label="Minimum order value", required=False, min_value=0, initial=0)
    order_multiple_units = forms.IntegerField(label="Order multiple, units", required=False, min_value=1, initial=1)
    delivery_weekdays = forms.MultipleChoiceField(
        label="Delivers on", required=False, choices=WEEKDAYS, initial=["1", "2", "3", "4", "5"]
    )
    is_customer = forms.BooleanField(label="Customer", required=False)
    tier = forms.ChoiceField(required=False, choices=[(t, t) for t in Tier], initial=Tier.C)
    ships_partial = forms.ChoiceField(
        label="Partial deliveries", required=False, choices=PARTIAL_WORDS, initial=ShipsPartial.PARTIAL
    )
    max_shipments = forms.IntegerField(
        label="Shipments per order, at most", required=False, min_value=1, help_text="Empty: as many as it takes."
    )
    last_shipment = forms.ChoiceField(
        label="The last of them", required=False, choices=LAST_WORDS, initial=LastShipment.WAITS
    )
    min_shipment_value = forms.DecimalField(
        label="Value of a shipment, at least", required=False, min_value=0, initial=0, max_digits=16, decimal_places=4
    )
    cancel_after_days = forms.IntegerField(
        label="Backorders are cancelled after days",
        required=False,
        min_value=0,
        help_text="After the wanted day, what still waits for stock. Empty: never.",
    )
    substitutes = forms.ChoiceField(
        label="Takes substitutes", required=False, choices=SUBSTITUTE_WORDS, initial=Substitutes.NO
    )
    min_remaining_life_days = forms.IntegerField(
        label="Remaining life at delivery, days at least", required=False, min_value=0, initial=0
    )
    lot_rule = forms.ChoiceField(label="Lots", required=False, choices=LOT_WORDS, initial=LotRule.ANY)
    transit_days = forms.IntegerField(
        label="Days on the way", required=False, min_value=0, initial=0, help_text="Where the address does not say."
    )
    channel = forms.CharField(
        label="Sales channel",
        required=False,
        max_length=20,
        initial="",
        help_text="Of his orders, where none is named.",
    )
    contract = forms.CharField(label="Contract", required=False, max_length=40, initial="", help_text="Of his orders.")
    label_needs = forms.MultipleChoiceField(
        label="Labels", required=False, choices=[(n, n.replace("_", " ")) for n in LabelNeed]
    )

    @staticmethod
    def initial_of(record: PartyRecord) -> dict[str, Any]:
        """The form's values for a stored company."""
        party = record.party
        values: dict[str, Any] = {"code": record.code, **{name: getattr(party, name) for name in PLAIN}}
        values |= {"is_supplier": party.supplier is not None, "is_customer": party.customer is not None}
        for part, names in ((party.supplier, SUPPLIER), (party.customer, CUSTOMER)):
            if part is not None:
                values |= {name: getattr(part, name) for name in names}
        if party.supplier is not None:
            values["delivery_weekdays"] = [str(day) for day in party.supplier.delivery_weekdays]
        return values

    def clean(self) -> dict[str, Any]:
        """Fill the terms that were left empty with their usual values."""
        data = super().clean() or {}
        for name in (*SUPPLIER, *CUSTOMER):
            if data.get(name) in (None, "") and self.fields[name].initial is not None:
                data[name] = self.fields[name].initial
        if data.get("holidays_of") and not (data.get("is_supplier") or data.get("is_carrier")):
            self.add_error("holidays_of", "Kept of suppliers and carriers only. Leave it empty, or tick one of them.")
        return data

    def fields_of(self) -> PartyFields:
        """The company as the form says it."""
        data = self.cleaned_data
        supplier = customer = None
        if data["is_supplier"]:
            days = [int(day) for day in data["delivery_weekdays"]]
            supplier = SupplierFields(**{**{name: data[name] for name in SUPPLIER}, "delivery_weekdays": days})
        if data["is_customer"]:
            customer = CustomerFields(**{name: data[name] for name in CUSTOMER})
        return PartyFields(**{name: data[name] for name in PLAIN}, supplier=supplier, customer=customer)

    def to_create(self) -> CreateParty:
        """The request for a new company."""
        return CreateParty(self.cleaned_data["code"], self.fields_of())

    def to_update(self, party_id: int, version: int, *, is_active: bool) -> UpdateParty:
        """The request for a changed company."""
        return UpdateParty(party_id, version, self.fields_of(), is_active)


class AddressForm(forms.Form):
    """An address of a company."""

    code = forms.CharField(label="Address code", max_length=40)
    name = forms.CharField(max_length=200)
    lines = forms.CharField(label="Street", required=False, max_length=400)
    city = forms.CharField(required=False, max_length=120)
    region = forms.CharField(required=False, max_length=120)
    postcode = forms.CharField(required=False, max_length=20)
    country = forms.RegexField("^[A-Z]{2}$", required=False, help_text="Two letters: GB, DE, FR.")
    is_default = forms.BooleanField(label="Use when no other is named", required=False)
    is_to_check = forms.BooleanField(
        label="To be checked", required=False, help_text="Orders that go there wait until it is."
    )
    transit_days = forms.IntegerField(
        label="Days on the way",
        required=False,
        min_value=0,
        max_value=365,
        help_text="Empty: as the customer's terms say.",
    )
    is_residential = forms.BooleanField(label="A home", required=False, help_text="Carriers charge more for homes.")

    def to_request(self, party_id: int) -> SaveAddress:
        """The command's request."""
        return SaveAddress(party_id=party_id, **self.cleaned_data)
