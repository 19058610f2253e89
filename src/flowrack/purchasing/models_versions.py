"""Versions of a PO: what was approved, and what was asked for and came to nothing. Never rewritten."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flowrack.platform.fields import UnitCostField, UnitsField
from flowrack.purchasing.types_versions import Origin, VersionState


class PoVersion(models.Model):
    """The whole content of a PO at one time, by whom and why. The newest approved one is the PO."""

    po = models.ForeignKey("purchasing.Po", on_delete=models.PROTECT, related_name="versions", db_index=False)
    version_no = models.IntegerField()
    origin = models.CharField(max_length=12)
    state = models.CharField(max_length=10)
    due_on = models.DateField()
    supplier_reference = models.CharField(max_length=80, default="", blank=True)
    note = models.TextField(default="", blank=True)
    override_reason = models.CharField(max_length=200, default="", blank=True)
    reason = models.CharField(max_length=200, default="", help_text="why it was changed")
    content_hash = models.CharField(max_length=64)
    written_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="po_version_once_per_number", fields=["po", "version_no"]),
            models.UniqueConstraint(
                name="po_version_one_waits", fields=["po"], condition=Q(state=VersionState.WAITING)
            ),
            models.CheckConstraint(name="po_version_state_known", condition=Q(state__in=list(VersionState))),
            models.CheckConstraint(name="po_version_origin_known", condition=Q(origin__in=list(Origin))),
            models.CheckConstraint(
                name="po_version_decided_says_who",
                condition=Q(state=VersionState.WAITING, decided_by=None, decided_at=None)
                | (~Q(state=VersionState.WAITING) & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="po_version_change_has_reason", condition=Q(origin=Origin.ORDER) | ~Q(reason="")
            ),
        ]


class PoVersionLine(models.Model):
    """A line as a version has it; none of a dropped line is left, but its number is."""

    version = models.ForeignKey(PoVersion, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line_no = models.IntegerField()
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    units = UnitsField()
    unit_cost = UnitCostField()
    over_units = UnitsField()
    under_units = UnitsField()
    due_on = models.DateField(help_text="asked for")
    expected_on = models.DateField(help_text="as the supplier confirmed it, else as asked for")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="po_version_line_once", fields=["version", "line_no"]),
            models.CheckConstraint(
                name="po_version_line_sensible",
                condition=Q(units__gte=0, unit_cost__gte=0, over_units__gte=0, under_units__gte=0),
            ),
        ]
