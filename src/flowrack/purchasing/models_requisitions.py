"""Tables of requisitions, and of buying in spite of cover."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from flowrack.platform.fields import UnitCostField, UnitsField
from flowrack.purchasing.states_requisitions import RequisitionState

UNAPPROVED = [RequisitionState.REQUESTED, RequisitionState.REJECTED, RequisitionState.CANCELLED]
ENDED = [RequisitionState.CLOSED, RequisitionState.CANCELLED]


class Requisition(models.Model):
    """What somebody asks to be bought for a site, and why."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=[(s, s) for s in RequisitionState])
    reason = models.CharField(max_length=200)
    version = models.IntegerField(db_default=1)
    requested_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    requested_at = models.DateTimeField()
    changed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    writer_ids = ArrayField(models.BigIntegerField(), default=list, help_text="all who wrote it, kept by a trigger")
    approved_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="requisition_state_known", condition=Q(state__in=list(RequisitionState))),
            models.CheckConstraint(name="requisition_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="requisition_approved_says_when",
                condition=Q(state__in=UNAPPROVED) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="requisition_ended_says_who_and_why",
                condition=~Q(state__in=ENDED) | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason="")),
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"])]


class RequisitionLine(models.Model):
    """Units of one item that are asked for, and the day on which they are wanted."""

    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line_no = models.IntegerField()
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    wanted_on = models.DateField()
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    unit_cost = UnitCostField(null=True, help_text="what a unit is expected to cost; none known = empty")
    announced_units = UnitsField(db_default=0, help_text="under way without an order when this was asked for")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="requisition_line_once_per_number", fields=["requisition", "line_no"]),
            models.CheckConstraint(name="requisition_line_units_positive", condition=Q(units__gt=0)),
        ]


class RequisitionOrder(models.Model):
    """The PO line that orders units of a requisition line."""

    requisition_line = models.ForeignKey(RequisitionLine, on_delete=models.PROTECT, related_name="orders")
    po_line = models.OneToOneField("purchasing.PoLine", on_delete=models.CASCADE, related_name="+")


class SupplyKey(models.Model):
    """An item at a site: the row that everybody who buys the one for the other locks first."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="supply_key_once", fields=["site", "item"])]


class CoverOverride(models.Model):
    """Units that were bought or asked for although they were coming already, with the documents and the reason."""

    po = models.ForeignKey("purchasing.Po", on_delete=models.CASCADE, related_name="+", null=True)
    requisition = models.ForeignKey(Requisition, on_delete=models.CASCADE, related_name="+", null=True)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    need_units = UnitsField()
    covered_units = UnitsField()
    documents = models.TextField()
    reason = models.CharField(max_length=200)
    by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cover_override_of_one_document",
                condition=Q(po__isnull=False, requisition=None) | Q(po=None, requisition__isnull=False),
            ),
            models.CheckConstraint(name="cover_override_says_why", condition=~Q(reason="")),
            models.CheckConstraint(name="cover_override_units", condition=Q(covered_units__gt=0)),
        ]
