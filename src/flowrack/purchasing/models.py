"""Tables of purchasing."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField
from flowrack.purchasing.models_agreements import Agreement, AgreementLine, AgreementPrice
from flowrack.purchasing.models_confirmations import Confirmation, ConfirmationLine, ConfirmationToleranceRow, PoSent
from flowrack.purchasing.models_requisitions import (
    CoverOverride,
    Requisition,
    RequisitionLine,
    RequisitionOrder,
    SupplyKey,
)
from flowrack.purchasing.models_versions import PoVersion, PoVersionLine
from flowrack.purchasing.states import OPEN, PoState
from flowrack.purchasing.types_agreements import PriceSource

__all__ = [
    "Agreement",
    "AgreementLine",
    "AgreementPrice",
    "Budget",
    "Confirmation",
    "ConfirmationLine",
    "ConfirmationToleranceRow",
    "CoverOverride",
    "Po",
    "PoLine",
    "PoSent",
    "PoVersion",
    "PoVersionLine",
    "Requisition",
    "RequisitionLine",
    "RequisitionOrder",
    "SupplyKey",
]

WITHOUT_APPROVER = [PoState.DRAFT, PoState.CANCELLED]


class Po(models.Model):
    """What we asked one supplier to deliver to one site."""

    number = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=[(s, s) for s in PoState], default=PoState.DRAFT)
    ordered_on = models.DateField(help_text="business day at the site")
    due_on = models.DateField()
    supplier_reference = models.CharField(max_length=80, default="", blank=True)
    note = models.TextField(default="", blank=True)
    override_reason = models.CharField(max_length=200, default="", blank=True)
    early_days = models.IntegerField(null=True, help_text="that the goods may come before the day, as agreed")
    late_days = models.IntegerField(null=True)
    version = models.IntegerField(default=1, help_text="counts the changes of a draft")
    created_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    writer_ids = ArrayField(models.BigIntegerField(), default=list, help_text="all who wrote it, kept by a trigger")
    approved_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True)
    approved_at = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=64, default="", help_text="of what was approved")
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="po_approver_is_not_writer",
                condition=Q(approved_by=None) | (~Q(approved_by=F("created_by")) & ~Q(approved_by=F("changed_by"))),
            ),
            models.CheckConstraint(
                name="po_binding_only_when_approved",
                condition=Q(state__in=WITHOUT_APPROVER) | (Q(approved_by__isnull=False) & ~Q(content_hash="")),
            ),
            models.CheckConstraint(name="po_state_known", condition=Q(state__in=list(PoState))),
        ]
        indexes = [
            models.Index(name="po_open_by_due", fields=["site", "due_on"], condition=Q(state__in=list(OPEN))),
            models.Index(fields=["supplier", "-id"]),
            models.Index(fields=["state", "-id"]),
            models.Index(name="po_of_month", fields=["site", "ordered_on"]),
        ]


class PoLine(models.Model):
    """Units of one item on a PO, and what has come of them."""

    po = models.ForeignKey(Po, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line_no = models.IntegerField()
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    unit_cost = UnitCostField()
    due_on = models.DateField(help_text="asked for: the order's date unless the line has its own")
    expected_on = models.DateField(help_text="as the supplier confirmed it, else as asked for")
    price_source = models.CharField(max_length=10, default="", db_default="", help_text="empty on old lines")
    agreed_cost = UnitCostField(null=True, help_text="by agreement or supplier's list, when the line was written")
    agreement_price = models.ForeignKey(
        AgreementPrice, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    over_units = UnitsField(db_default=0, help_text="tolerated on top, over all receipts")
    allowed_units = UnitsField(db_default=0, help_text="more than tolerated, allowed by approval")
    under_units = UnitsField(db_default=0, help_text="may be missing while the line counts as complete")
    received_units = UnitsField(db_default=0)
    short_units = UnitsField(db_default=0, help_text="given up: will not come")
    short_reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="po_line_once_per_number", fields=["po", "line_no"]),
            models.CheckConstraint(
                name="po_line_units_positive_unless_dropped",
                condition=Q(units__gt=0) | Q(units=0, over_units=0, under_units=0, received_units=0, short_units=0),
            ),
            models.CheckConstraint(name="po_line_cost_not_negative", condition=Q(unit_cost__gte=0)),
            models.CheckConstraint(
                name="po_line_received_within_tolerance",
                condition=Q(
                    received_units__gte=0,
                    received_units__lte=F("units") + F("over_units") + F("allowed_units") - F("short_units"),
                ),
            ),
            models.CheckConstraint(
                name="po_line_tolerances_not_negative",
                condition=Q(over_units__gte=0, allowed_units__gte=0, under_units__gte=0, short_units__gte=0)
                & (Q(under_units__lt=F("units")) | Q(units=0)),
            ),
            models.CheckConstraint(
                name="po_line_price_source_known", condition=Q(price_source__in=["", *map(str, PriceSource)])
            ),
            models.CheckConstraint(name="po_line_short_has_reason", condition=Q(short_units=0) | ~Q(short_reason="")),
        ]
        indexes = [
            models.Index(
                name="po_line_open",
                fields=["item"],
                condition=Q(received_units__lt=F("units") - F("short_units")),
            )
        ]


class Budget(models.Model):
    """What a site may order in a period, in all or of one item family. Of rows for the same the newest counts."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, related_name="+", null=True)
    month = models.DateField(help_text="first day of its first month")
    months = models.SmallIntegerField(default=1, db_default=1)
    amount = MoneyField()
    reason = models.CharField(max_length=200, default="", blank=True)
    set_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="budget_not_negative", condition=Q(amount__gte=0)),
            models.CheckConstraint(name="budget_of_a_month", condition=Q(month__day=1)),
            models.CheckConstraint(name="budget_months_known", condition=Q(months__in=[1, 3, 6, 12])),
        ]
        indexes = [models.Index(name="budget_newest", fields=["site", "month", "-id"])]
