"""Returns: what was announced, what arrived and what became of it. The database keeps the sums."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import MoneyField, UnitsField
from flowrack.returns.states import RmaState
from flowrack.returns.types import Condition, Verdict
from flowrack.shared.quantity import Units


class Rma(models.Model):
    """Leave for a customer to send goods back."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=30)
    note = models.TextField(default="")
    is_blind = models.BooleanField(default=False, help_text="goods came without an announcement")
    state = models.CharField(max_length=12)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="rma_state_known", condition=Q(state__in=list(RmaState))),
        ]
        indexes = [
            models.Index(
                name="rma_open", fields=["site", "created_at"], condition=Q(state__in=["announced", "receiving"])
            )
        ]


class RmaLine(models.Model):
    """Units of one item on an RMA: announced, received and disposed of."""

    rma = models.ForeignKey(Rma, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line_no = models.IntegerField()
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    order_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, null=True, related_name="+")
    units = UnitsField(help_text="announced")
    received_units = UnitsField(default=Units(0))
    disposed_units = UnitsField(default=Units(0))

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rma_line_no_once", fields=["rma", "line_no"]),
            models.CheckConstraint(name="rma_line_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(
                name="rma_line_received_within_announced",
                condition=Q(received_units__gte=0, received_units__lte=F("units")),
            ),
            models.CheckConstraint(
                name="rma_line_disposed_within_received",
                condition=Q(disposed_units__gte=0, disposed_units__lte=F("received_units")),
            ),
        ]


class ReturnedLot(models.Model):
    """Units of one RMA line as they arrived, lying in return review until they are disposed of."""

    line = models.ForeignKey(RmaLine, on_delete=models.PROTECT, related_name="returned_lots")
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False)
    lpn = models.ForeignKey("locations.Lpn", on_delete=models.PROTECT, related_name="+", db_index=False)
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    units = UnitsField()
    left_units = UnitsField(help_text="not yet disposed of")
    value = MoneyField(help_text="what all of them came back with")
    condition = models.CharField(max_length=1, choices=[(c, c) for c in Condition])
    proposal = models.CharField(max_length=10, choices=[(v, v) for v in Verdict])
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="returned_lot_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(
                name="returned_lot_left_within_units", condition=Q(left_units__gte=0, left_units__lte=F("units"))
            ),
        ]
        indexes = [models.Index(name="returned_lot_waiting", fields=["received_at"], condition=Q(left_units__gt=0))]


class Disposition(models.Model):
    """The verdict on some units of a returned lot. Written once."""

    returned_lot = models.ForeignKey(ReturnedLot, on_delete=models.PROTECT, related_name="dispositions")
    verdict = models.CharField(max_length=10, choices=[(v, v) for v in Verdict])
    units = UnitsField()
    value = MoneyField(help_text="what left our stock with them; 0 while they stay ours")
    reason = models.TextField(default="", help_text="why the proposal was overruled")
    posting_id = models.BigIntegerField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="disposition_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="disposition_verdict_known", condition=Q(verdict__in=list(Verdict))),
        ]
        indexes = [models.Index(fields=["decided_at"])]
