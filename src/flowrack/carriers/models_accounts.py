"""Tables of carriers' own systems: how they are reached, what was asked, what they answered. No secret stands here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from flowrack.carriers.rules_live import Outcome
from flowrack.platform.fields import MoneyField, named

TO: dict[str, Any] = {"on_delete": models.PROTECT, "related_name": "+"}
NAMED = r"^FLOWRACK_CARRIER_[A-Z0-9_]+$"  # a name, never a secret
STATES = ("booked", "on_the_way", "delivered", "returned", "lost")
PURPOSES = ("rates", "test", "book", "cancel", "track")


class CarrierHost(models.Model):
    """A host that the administrator lets accounts name."""

    host = models.CharField(max_length=253)
    port = models.IntegerField()
    is_inside = models.BooleanField(help_text="in the house's own network: plain http and private addresses")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="carrier_host_once", fields=["host", "port"]),
            models.CheckConstraint(name="carrier_host_port", condition=Q(port__gte=1, port__lte=65_535)),
        ]


class CarrierAccount(models.Model):
    """How a carrier's own system is reached, and whether it is asked."""

    carrier = models.OneToOneField("parties.Party", **TO)
    is_on = models.BooleanField(default=False)
    address = models.CharField(max_length=300)
    account_no = models.CharField(max_length=40, default="", db_default="")
    secret_env = models.CharField(max_length=60, help_text="the variable in which the secret is")
    ca_env = models.CharField(
        max_length=60, default="", db_default="", help_text="variable with the path of its authority's certificate"
    )
    currency = models.CharField(max_length=3)
    timeout_ms = models.IntegerField()
    tries = models.IntegerField()
    break_after = models.IntegerField(help_text="failures in a row after which it is left alone")
    break_seconds = models.IntegerField()
    answer_minutes = models.IntegerField(help_text="for which an answer counts")
    failures = models.IntegerField(default=0, db_default=0)
    open_until = models.DateTimeField(null=True, help_text="left alone until then")
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, **TO)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="carrier_account_sensible",
                condition=Q(
                    timeout_ms__gte=200, timeout_ms__lte=10_000, tries__gte=1, tries__lte=3, break_after__gte=1,
                    break_seconds__gte=5, answer_minutes__gte=1, failures__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="carrier_account_secret_elsewhere",
                condition=Q(secret_env__regex=NAMED) & (Q(ca_env="") | Q(ca_env__regex=NAMED)),
            ),
        ]  # fmt: skip


class LiveCall(models.Model):
    """A call of a carrier's system and how it ended."""

    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="calls", db_index=False)
    purpose = models.CharField(max_length=6)
    at = models.DateTimeField()
    took_ms = models.IntegerField()
    outcome = models.CharField(max_length=12)
    status = models.IntegerField(help_text="of HTTP; 0 = there was none")
    words = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="live_call_known", condition=Q(purpose__in=PURPOSES, outcome__in=[str(one) for one in Outcome])
            ),
        ]
        indexes = [models.Index(name="live_call_of_account", fields=["account", "-id"])]


class LiveRate(models.Model):
    """What a service costs for some goods by the carrier's own system, or why it gave no price."""

    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="rates", db_index=False)
    digest = models.CharField(max_length=64, help_text="of goods, place and day")
    service = named("parties.CarrierService")
    outcome = models.CharField(max_length=12)
    total = MoneyField(null=True)
    days = models.IntegerField(null=True)
    words = models.CharField(max_length=200, default="", db_default="")
    asked_at = models.DateTimeField()
    good_until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="live_rate_once", fields=["digest", "service"]),
            models.CheckConstraint(name="live_rate_sensible", condition=Q(total=None) | Q(total__gte=0, outcome="ok")),
        ]
        indexes = [models.Index(name="live_rate_old", fields=["good_until"])]


class Booking(models.Model):
    """Goods that a carrier's own system has booked under our reference, with their label and where they are."""

    account = models.ForeignKey(CarrierAccount, on_delete=models.PROTECT, related_name="bookings", db_index=False)
    reference = models.CharField(max_length=40, help_text="our number of the shipment")
    service = named("parties.CarrierService")
    booking = models.CharField(max_length=80)
    tracking = models.CharField(max_length=80)
    total = MoneyField(null=True)
    label = models.CharField(max_length=64, default="", db_default="", help_text="digest of the file; empty = none")
    label_kind = models.CharField(max_length=20, default="", db_default="")
    is_live = models.BooleanField(default=True, db_default=True, help_text="not called off")
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, **TO)
    booked_at = models.DateTimeField()
    state = models.CharField(max_length=12, default="booked", db_default="booked", help_text="as the carrier says")
    state_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=120, default="", db_default="")
    signed_by = models.CharField(max_length=120, default="", db_default="")
    asked_at = models.DateTimeField(null=True, help_text="when the carrier was last asked where they are")
    expected = MoneyField(null=True, help_text="freight by which it was chosen; empty = nothing was chosen")
    price_words = models.CharField(
        max_length=160, default="", db_default="", help_text="why the price is not the expected one"
    )
    ends = models.CharField(max_length=8, default="", db_default="", help_text="how far its end is; empty = it is live")
    end_why = models.CharField(max_length=200, default="", db_default="")
    end_said = models.CharField(max_length=200, default="", db_default="", help_text="what came of the last call")
    end_tries = models.IntegerField(default=0, db_default=0)
    end_at = models.DateTimeField(null=True, help_text="when it ended, or the carrier is told (again)")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="carrier_booking_once", fields=["reference"], condition=Q(is_live=True)),
            models.CheckConstraint(name="carrier_booking_state", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="carrier_booking_ends",
                condition=Q(is_live=True, ends="", end_at=None)
                | Q(is_live=False, ends__in=["waiting", "refused"], end_at__isnull=False)
                | Q(is_live=False, ends="ended"),
            ),
        ]
        indexes = [models.Index(name="carrier_booking_to_end", fields=["end_at"], condition=Q(ends="waiting"))]
