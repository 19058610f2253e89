"""Tables of what carriers bill. Lines of an invoice for one shipment are one charge."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.freight.rules import Cause
from flowrack.freight.states import ChargeState, InvoiceState
from flowrack.platform.fields import MoneyField, named

TO: dict[str, Any] = {"on_delete": models.PROTECT, "related_name": "+"}
TEXT: dict[str, Any] = {"default": "", "db_default": ""}


class Invoice(models.Model):
    """What a carrier asks for, under his own number."""

    carrier = models.ForeignKey("parties.Party", **TO)
    number = models.CharField(max_length=60)
    invoiced_on = models.DateField()
    state = models.CharField(max_length=8, default=InvoiceState.OPEN)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, **TO)
    entered_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, **TO)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, **TEXT)
    released = MoneyField(null=True, help_text="for payment, by whoever approved it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="freight_invoice_once", fields=["carrier", "number"], condition=~Q(state="dropped")
            ),
            models.CheckConstraint(
                name="freight_invoice_ended",
                condition=Q(state="open", ended_by=None, ended_at=None)
                | (
                    Q(state="waiting")
                    & (Q(ended_by=None, ended_at=None) | Q(ended_by__isnull=False, ended_at__isnull=False))
                )
                | Q(state="dropped", ended_by__isnull=False, ended_at__isnull=False)
                | (Q(state="approved", ended_by__isnull=False, ended_at__isnull=False) & ~Q(ended_by=F("entered_by"))),
            ),
            models.CheckConstraint(
                name="freight_invoice_released",
                condition=Q(state="approved", released__gte=0)
                | (Q(state="waiting") & (Q(ended_at=None, released=None) | Q(ended_at__isnull=False, released__gte=0)))
                | (~Q(state__in=["approved", "waiting"]) & Q(released=None)),
            ),
        ]


class Charge(models.Model):
    """What an invoice asks for one shipment, and what was expected."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="charges")
    line_no = models.IntegerField(help_text="of its first line")
    lines = models.IntegerField()
    reference = models.CharField(max_length=80, help_text="of its first line, as the carrier wrote it")
    shipment = named("shipping.Shipment", null=True, db_index=True)
    billed = MoneyField()
    billed_weight_g = models.BigIntegerField(help_text="0 = not said")
    billed_zone = models.CharField(max_length=20, **TEXT)
    billed_surcharges = MoneyField(null=True)
    expected = MoneyField()
    expected_weight_g = models.BigIntegerField()
    expected_zone = models.CharField(max_length=20, **TEXT)
    expected_surcharges = MoneyField()
    cause = models.CharField(max_length=10)
    words = models.CharField(max_length=200)
    state = models.CharField(max_length=8)
    note = models.CharField(max_length=200, **TEXT)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, db_index=False, **TO)
    decided_at = models.DateTimeField(null=True)
    is_high = models.BooleanField(default=False, db_default=False, help_text="by one whom the limit does not bind")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="freight_charge_once", fields=["invoice", "line_no"]),
            models.CheckConstraint(
                name="freight_charge_known",
                condition=Q(cause__in=[str(one) for one in Cause], state__in=[str(one) for one in ChargeState]),
            ),
            models.CheckConstraint(
                name="freight_charge_matched", condition=~Q(state="matched") | Q(cause="matched", decided_by=None)
            ),
            models.CheckConstraint(
                name="freight_charge_sensible", condition=Q(billed__gte=0, expected__gte=0, billed_weight_g__gte=0)
            ),
            models.CheckConstraint(
                name="freight_charge_decided",
                condition=Q(state__in=["matched", "open"]) ^ Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="freight_charge_open", fields=["id"], condition=Q(state__in=["open", "disputed"]))]


class Terms(models.Model):
    """The terms of the house: one row, the defaults where there is none."""

    is_only = models.BooleanField(default=True, unique=True)
    tolerance_pct = models.DecimalField(max_digits=6, decimal_places=2)
    tolerance_amount = MoneyField()
    limit_amount = MoneyField()
    days_back = models.IntegerField(default=300, db_default=300, help_text="that the date of an invoice may lie back")
    days_ahead = models.IntegerField(default=31, db_default=31)
    currency = models.CharField(max_length=3, **TEXT)

    class Meta:
        constraints = [
            models.CheckConstraint(name="freight_terms_one", condition=Q(is_only=True)),
            models.CheckConstraint(
                name="freight_terms_sensible",
                condition=Q(
                    tolerance_pct__gte=0,
                    tolerance_amount__gte=0,
                    limit_amount__gte=0,
                    days_back__gte=1,
                    days_ahead__gte=0,
                )
                & (Q(currency="") | Q(currency__regex="^[A-Z]{3}$")),
            ),
        ]
