"""What suppliers confirmed, how far it may differ by itself, and which version went to them. Records: only what a buyer
decides about a line is added to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField
from flowrack.purchasing.types_confirmations import Confirmed, Means


class Confirmation(models.Model):
    """A supplier's answer to a PO."""

    po = models.ForeignKey("purchasing.Po", on_delete=models.PROTECT, related_name="confirmations")
    reference = models.CharField(max_length=80, default="", blank=True, help_text="the supplier's own")
    note = models.CharField(max_length=400, default="", blank=True)
    recorded_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()


class ConfirmationLine(models.Model):
    """What was confirmed of a PO line, against what was asked, and what became of it."""

    confirmation = models.ForeignKey(Confirmation, on_delete=models.PROTECT, related_name="lines")
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    confirmed_on = models.DateField()
    unit_cost = UnitCostField()
    reference = models.CharField(max_length=80, default="", blank=True)
    asked_units = UnitsField()
    asked_on = models.DateField()
    asked_cost = UnitCostField()
    days_late = models.IntegerField(help_text="against the day asked for; negative is early")
    units_cut = UnitsField(help_text="negative is more than asked for")
    price_up_pct = models.DecimalField(max_digits=9, decimal_places=1, null=True)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=400, help_text="why it was accepted by itself, or waits")
    decided_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=200, default="")
    version = models.ForeignKey(
        "purchasing.PoVersion", on_delete=models.PROTECT, related_name="+", null=True, help_text="that it made"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="confirmation_line_once", fields=["confirmation", "po_line"]),
            models.CheckConstraint(name="confirmation_line_state_known", condition=Q(state__in=list(Confirmed))),
            models.CheckConstraint(name="confirmation_line_sensible", condition=Q(units__gte=0, unit_cost__gte=0)),
            models.CheckConstraint(
                name="confirmation_line_decided_says_who",
                condition=Q(decided_by=None, decided_at=None) | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="confirmation_line_open", fields=["po_line"], condition=Q(state=Confirmed.OPEN)),
        ]


class ConfirmationToleranceRow(models.Model):
    """What is accepted by itself; the newest row of a supplier counts, else the newest of the house."""

    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    late_days = models.IntegerField()
    early_days = models.IntegerField()
    cut_pct = models.DecimalField(max_digits=5, decimal_places=2)
    price_up_pct = models.DecimalField(max_digits=5, decimal_places=2)
    price_up_amount = MoneyField()
    confirm_within_days = models.IntegerField()
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="confirmation_tolerance_sensible",
                condition=Q(
                    late_days__gte=0,
                    early_days__gte=0,
                    cut_pct__gte=0,
                    cut_pct__lte=100,
                    price_up_pct__gte=0,
                    price_up_amount__gte=0,
                    confirm_within_days__gte=0,
                ),
            ),
        ]
        indexes = [models.Index(name="confirmation_tolerance_newest", fields=["supplier", "-id"])]


class PoSent(models.Model):
    """A version of a PO that went to its supplier."""

    version = models.ForeignKey("purchasing.PoVersion", on_delete=models.PROTECT, related_name="sent")
    means = models.CharField(max_length=10)
    sent_to = models.CharField(max_length=200, default="", blank=True)
    sent_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="po_sent_means_known", condition=Q(means__in=list(Means)))]
