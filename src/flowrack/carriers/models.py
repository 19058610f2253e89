"""Tables of carriers: rate cards by version, routing guides, and (in models_choices) what was chosen."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from flowrack.carriers.models_accounts import Booking, CarrierAccount, CarrierHost, LiveCall, LiveRate
from flowrack.carriers.models_choices import Choice, ChoiceCharge, ChoiceOption, ChoiceOrder, ChoiceParcel
from flowrack.carriers.rules_choice import GuideRule
from flowrack.carriers.rules_rates import Basis, Extra, Mode
from flowrack.carriers.states import CardState
from flowrack.platform.fields import MoneyField

__all__ = [
    "Booking",
    "CardFuel",
    "CardHazard",
    "CardLane",
    "CardRate",
    "CardRemote",
    "CardService",
    "CardSurcharge",
    "CardTransit",
    "CarrierAccount",
    "CarrierHost",
    "Choice",
    "ChoiceCharge",
    "ChoiceOption",
    "ChoiceOrder",
    "ChoiceParcel",
    "GuideLine",
    "LateCost",
    "LiveCall",
    "LiveRate",
    "RateCard",
]  # fmt: skip

TO: dict[str, Any] = {"on_delete": models.PROTECT, "related_name": "+"}
TEXT: dict[str, Any] = {"blank": True, "default": "", "db_default": ""}
WEEK = [1, 2, 3, 4, 5, 6, 7]
COUNTRY = r"^([A-Z]{2})?$"


class RateCard(models.Model):
    """One version of a carrier's rate card; written by one person, approved by another, never edited after that."""

    carrier = models.ForeignKey("parties.Party", **TO)
    version = models.IntegerField()
    state = models.CharField(max_length=9, choices=[(s, s) for s in CardState], default=CardState.DRAFT)
    name = models.CharField(max_length=80, **TEXT)
    valid_from = models.DateField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, **TO)
    written_at = models.DateTimeField()
    writers = ArrayField(models.BigIntegerField(), default=list, db_default=[], help_text="all who wrote at the draft")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **TO)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, **TEXT)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rate_card_version_once", fields=["carrier", "version"]),
            models.UniqueConstraint(name="rate_card_one_draft", fields=["carrier"], condition=Q(state="draft")),
            models.CheckConstraint(
                name="rate_card_approved_by_another",
                condition=Q(state__in=["draft", "dropped"], approved_by=None, approved_at=None)
                | (
                    Q(state__in=["approved", "withdrawn"], approved_by__isnull=False, approved_at__isnull=False)
                    & ~Q(approved_by=models.F("written_by"))
                ),
            ),
        ]


class CardService(models.Model):
    """A service in a version of a rate card: what it takes, when it goes, how it is charged. 0 = no limit."""

    card = models.ForeignKey(RateCard, on_delete=models.CASCADE, related_name="services")
    service = models.ForeignKey("parties.CarrierService", **TO)
    code = models.CharField(max_length=40, help_text="of the service, as imports name it")
    mode = models.CharField(max_length=6)
    basis = models.CharField(max_length=8)
    divisor = models.IntegerField(help_text="cm3 that count as a kg; 0 = weight alone")
    step_g = models.IntegerField(help_text="billable weight is rounded up to it")
    minimum = MoneyField()
    max_parcel_g = models.BigIntegerField()
    max_length_mm = models.IntegerField()
    max_girth_mm = models.IntegerField(help_text="longest side and once round the others")
    min_pallets = models.IntegerField()
    dock_minutes = models.IntegerField(help_text="before the cut-off, to load and to sign")
    goes_on = ArrayField(models.SmallIntegerField(), help_text="1 = Monday ... 7 = Sunday")
    delivers_on = ArrayField(models.SmallIntegerField())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="card_service_once", fields=["card", "service"]),
            models.CheckConstraint(
                name="card_service_known", condition=Q(mode__in=list(Mode), basis__in=list(Basis), step_g__gte=1)
            ),
            models.CheckConstraint(
                name="card_service_not_negative",
                condition=Q(
                    divisor__gte=0, minimum__gte=0, max_parcel_g__gte=0, max_length_mm__gte=0, max_girth_mm__gte=0,
                    min_pallets__gte=0, dock_minutes__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="card_service_weekdays",
                condition=Q(goes_on__contained_by=WEEK, delivers_on__contained_by=WEEK)
                & ~Q(goes_on=[])
                & ~Q(delivers_on=[]),
            ),
        ]  # fmt: skip


class CardHazard(models.Model):
    """A class or division that a service takes."""

    card_service = models.ForeignKey(CardService, on_delete=models.CASCADE, related_name="hazards")
    hazard = models.CharField(max_length=4)
    limited_only = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="card_hazard_once", fields=["card_service", "hazard"]),
            models.CheckConstraint(name="card_hazard_known", condition=Q(hazard__regex=r"^[1-9](\.[1-6])?$")),
        ]


class CardTransit(models.Model):
    """Days of delivery on the way to a zone."""

    card_service = models.ForeignKey(CardService, on_delete=models.CASCADE, related_name="transits")
    zone = models.CharField(max_length=20)
    days = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="card_transit_once", fields=["card_service", "zone"]),
            models.CheckConstraint(name="card_transit_days", condition=Q(days__gte=0, days__lte=90)),
        ]


class CardRate(models.Model):
    """A weight break of a zone."""

    card_service = models.ForeignKey(CardService, on_delete=models.CASCADE, related_name="rates")
    zone = models.CharField(max_length=20)
    upto_g = models.BigIntegerField()
    price = MoneyField()
    per_kg = MoneyField(default=0, db_default=0)
    over_g = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="card_rate_once", fields=["card_service", "zone", "upto_g"]),
            models.CheckConstraint(
                name="card_rate_sensible",
                condition=Q(upto_g__gt=0, price__gte=0, per_kg__gte=0, over_g__gte=0) & ~Q(zone=""),
            ),
        ]


class CardSurcharge(models.Model):
    """An amount that is due when its cause is there."""

    card_service = models.ForeignKey(CardService, on_delete=models.CASCADE, related_name="surcharges")
    line_no = models.SmallIntegerField()
    cause = models.CharField(max_length=12)
    amount = MoneyField()
    is_per_parcel = models.BooleanField()
    has_fuel = models.BooleanField()
    over_length_mm = models.IntegerField()
    over_girth_mm = models.IntegerField()
    over_weight_g = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="card_surcharge_known", condition=Q(cause__in=list(Extra), amount__gte=0)),
        ]


class CardLane(models.Model):
    """Places that belong to a zone of the card."""

    card = models.ForeignKey(RateCard, on_delete=models.CASCADE, related_name="lanes")
    zone = models.CharField(max_length=20)
    origin_site = models.ForeignKey("locations.Site", null=True, **TO)
    origin_country = models.CharField(max_length=2, **TEXT)
    country = models.CharField(max_length=2, **TEXT)
    region = models.CharField(max_length=120, **TEXT)
    postcode_from = models.CharField(max_length=20, **TEXT)
    postcode_to = models.CharField(max_length=20, **TEXT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="card_lane_sensible",
                condition=~Q(zone="") & Q(origin_country__regex=COUNTRY, country__regex=COUNTRY),
            ),
            models.UniqueConstraint(
                name="card_lane_once",
                fields=["card", "origin_site", "origin_country", "country", "region", "postcode_from", "postcode_to"],
                nulls_distinct=False,
            ),
        ]


class CardFuel(models.Model):
    """The fuel percentage from a day on."""

    card = models.ForeignKey(RateCard, on_delete=models.CASCADE, related_name="fuels")
    from_on = models.DateField()
    percent = models.DecimalField(max_digits=6, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="card_fuel_once", fields=["card", "from_on"]),
            models.CheckConstraint(name="card_fuel_percent", condition=Q(percent__gte=0, percent__lte=200)),
        ]


class CardRemote(models.Model):
    """Postcodes that are far off."""

    card = models.ForeignKey(RateCard, on_delete=models.CASCADE, related_name="remotes")
    country = models.CharField(max_length=2, **TEXT)
    postcode_from = models.CharField(max_length=20)
    postcode_to = models.CharField(max_length=20)


class GuideLine(models.Model):
    """What a customer's routing guide says of a service."""

    customer = models.ForeignKey("parties.Party", **TO)
    service = models.ForeignKey("parties.CarrierService", **TO)
    rule = models.CharField(max_length=8)
    account = models.CharField(max_length=40, **TEXT)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="guide_line_once", fields=["customer", "service"]),
            models.CheckConstraint(name="guide_line_known", condition=Q(rule__in=list(GuideRule))),
            models.CheckConstraint(name="guide_line_barred_alone", condition=~Q(rule="barred") | Q(account="")),
        ]


class LateCost(models.Model):
    """What a day of lateness counts in the choice, by tier. A tier without a row counts nothing."""

    tier = models.CharField(max_length=1, unique=True)
    amount = MoneyField()

    class Meta:
        constraints = [models.CheckConstraint(name="late_cost_sensible", condition=Q(amount__gte=0))]
