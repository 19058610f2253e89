"""Tables of inspection: plans with their checklists, severities, inspections with results and photos, holds."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from flowrack.inspection.states import InspectionState, ReleaseState
from flowrack.inspection.types import CheckKind, DefectClass, Mode, Severity
from flowrack.inspection.types_holds import Cause
from flowrack.platform.fields import UnitsField

USER = settings.AUTH_USER_MODEL


class Plan(models.Model):
    """How goods of a scope are inspected, from a day on until a newer version counts."""

    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, null=True, related_name="+")
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, null=True, related_name="+")
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, null=True, related_name="+")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, null=True, related_name="+")
    version = models.IntegerField()
    level = models.CharField(max_length=3)
    aql = models.DecimalField(max_digits=7, decimal_places=3)
    aql_minor = models.DecimalField(max_digits=7, decimal_places=3, null=True)
    tighten_after = models.SmallIntegerField()
    skip_after = models.SmallIntegerField()
    skip_one_in = models.SmallIntegerField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="the first day on which it does not count any more")
    set_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="plan_version_once_per_scope",
                fields=["item", "family", "supplier", "site", "version"],
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="plan_one_open_ended_per_scope",
                fields=["item", "family", "supplier", "site"],
                condition=Q(valid_until=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="plan_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="plan_numbers_make_sense",
                condition=Q(tighten_after__range=(1, 5), skip_after__gte=0, skip_one_in__range=(0, 10), aql__gt=0),
            ),
        ]


class Check(models.Model):
    """A line of a plan's checklist."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="checks")
    line_no = models.SmallIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=[(k, k) for k in CheckKind])
    defect_class = models.CharField(max_length=8, choices=[(c, c) for c in DefectClass])
    unit = models.CharField(max_length=12, default="")
    low = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    high = models.DecimalField(max_digits=14, decimal_places=4, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="check_line_once", fields=["plan", "line_no"]),
            models.CheckConstraint(
                name="check_limits_in_order", condition=Q(low=None) | Q(high=None) | Q(high__gte=F("low"))
            ),
            models.CheckConstraint(
                name="check_measure_has_limits",
                condition=~Q(kind="measure") | Q(low__isnull=False) | Q(high__isnull=False),
            ),
        ]


class SupplierSeverity(models.Model):
    """How strictly lots of one supplier and item are sampled, and what led there."""

    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    severity = models.CharField(max_length=12, choices=[(s, s) for s in Severity], db_default=Severity.NORMAL)
    recent = models.CharField(max_length=5, db_default="")
    score = models.SmallIntegerField(db_default=0)
    accepted_run = models.IntegerField(db_default=0)
    tightened_rejects = models.SmallIntegerField(db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="severity_one_per_supplier_and_item", fields=["supplier", "item"])]


class SeverityChange(models.Model):
    """One change of a severity with its reason."""

    of = models.ForeignKey(SupplierSeverity, on_delete=models.PROTECT, related_name="changes")
    from_severity = models.CharField(max_length=12)
    to_severity = models.CharField(max_length=12)
    reason = models.CharField(max_length=200)
    inspection = models.ForeignKey("inspection.Inspection", on_delete=models.PROTECT, null=True, related_name="+")
    changed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField()


class Inspection(models.Model):
    """One lot under inspection: its sample, the numbers by which it is judged, and the verdict."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    receipt = models.ForeignKey("inbound.Receipt", on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    quality = models.CharField(max_length=12, help_text="in which the goods stand until the verdict")
    state = models.CharField(max_length=10, choices=[(s, s) for s in InspectionState])
    mode = models.CharField(max_length=6, choices=[(m, m) for m in Mode])
    severity = models.CharField(max_length=12, choices=[(s, s) for s in Severity])
    letter = models.CharField(max_length=1, default="")
    lot_units = UnitsField()
    sample_units = UnitsField()
    accept = models.IntegerField()
    reject = models.IntegerField()
    accept_minor = models.IntegerField(null=True)
    reject_minor = models.IntegerField(null=True)
    tested_units = UnitsField(db_default=0)
    sorted_units = UnitsField(db_default=0)
    sample_result = models.CharField(max_length=8, db_default="", help_text="passes or fails, once judged")
    opened_at = models.DateTimeField()
    started_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    started_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=8, db_default="")
    reason = models.CharField(max_length=200, db_default="")
    released_units = UnitsField(db_default=0)
    held_units = UnitsField(db_default=0)
    damaged_units = UnitsField(db_default=0)
    decided_by = models.ForeignKey(USER, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decided_at = models.DateTimeField(null=True)
    posting_id = models.BigIntegerField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="inspection_one_open_per_lot",
                fields=["receipt", "item", "lot", "quality"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(
                name="inspection_sample_fits_lot",
                condition=Q(sample_units__gte=0, sample_units__lte=F("lot_units")),
            ),
            models.CheckConstraint(
                name="inspection_parts_make_the_lot",
                condition=~Q(state__in=["decided", "skipped"])
                | Q(lot_units=F("released_units") + F("held_units") + F("damaged_units")),
            ),
            models.CheckConstraint(
                name="inspection_decided_says_who",
                condition=~Q(state="decided") | Q(decided_by__isnull=False, decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                name="inspection_waiting",
                fields=["site", "opened_at"],
                condition=Q(state__in=["open", "started", "sorting"]),
            ),
            models.Index(name="inspection_of_supplier", fields=["supplier", "item", "-id"]),
            models.Index(name="inspection_of_stock", fields=["item", "lot"]),
        ]


class InspectionLine(models.Model):
    """A receipt line that is part of an inspected lot, and where it was counted."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="lines")
    receipt_line = models.OneToOneField("inbound.ReceiptLine", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    lpn = models.ForeignKey("locations.Lpn", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    is_dropped = models.BooleanField(db_default=False, help_text="the count was taken back")


class Result(models.Model):
    """One answer to a check, of one unit or as a tally over those that were tested."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="results", db_index=False)
    is_sorting = models.BooleanField(help_text="found while every unit was sorted, not in the sample")
    check_line = models.ForeignKey(Check, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    unit_no = models.IntegerField()
    defect_class = models.CharField(max_length=8, choices=[(c, c) for c in DefectClass])
    measured = models.DecimalField(max_digits=14, decimal_places=4, null=True)
    defective_units = models.IntegerField()
    note = models.CharField(max_length=200, default="")
    recorded_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="result_once_per_check_and_unit",
                fields=["inspection", "is_sorting", "check_line", "unit_no", "defect_class"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="result_not_negative", condition=Q(defective_units__gte=0, unit_no__gte=0)),
        ]


class Photo(models.Model):
    """A picture of what was found, by the digest under which the platform keeps it."""

    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, related_name="photos")
    digest = models.CharField(max_length=64)
    filename = models.CharField(max_length=120, default="")
    note = models.CharField(max_length=200, default="")
    taken_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="photo_once_per_inspection", fields=["inspection", "digest"])]


class Hold(models.Model):
    """Units that nobody may promise or pick, with whose it is to settle them and until when."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False)
    lpn = models.ForeignKey("locations.Lpn", on_delete=models.PROTECT, related_name="+", db_index=False)
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    quality = models.CharField(max_length=12)
    units = UnitsField()
    left_units = UnitsField(help_text="not released yet")
    reason = models.CharField(max_length=200)
    cause = models.CharField(
        max_length=8, choices=[(c, c) for c in Cause], default=Cause.QUALITY, db_default=Cause.QUALITY
    )
    owner = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    due_at = models.DateTimeField(null=True)
    inspection = models.ForeignKey(Inspection, on_delete=models.PROTECT, null=True, related_name="holds")
    placed_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="hold_cause_known", condition=Q(cause__in=list(Cause))),
            models.CheckConstraint(
                name="hold_left_within_units", condition=Q(units__gt=0, left_units__gte=0, left_units__lte=F("units"))
            ),
            models.CheckConstraint(
                name="hold_open_while_units_are_left",
                condition=Q(left_units__gt=0, closed_at=None) | Q(left_units=0, closed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="hold_open", fields=["site", "item", "lot"], condition=Q(closed_at=None)),
        ]


class HoldPlace(models.Model):
    """Where so many units of a hold stand now: it goes along when its stock is moved."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="places")
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    lpn = models.ForeignKey("locations.Lpn", on_delete=models.PROTECT, related_name="+", db_index=False)
    units = UnitsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="hold_place_once", fields=["hold", "location", "lpn"]),
            models.CheckConstraint(name="hold_place_units_positive", condition=Q(units__gt=0)),
        ]


class HoldRelease(models.Model):
    """Units of a hold that came free."""

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="releases")
    units = UnitsField()
    reason = models.CharField(max_length=200)
    released_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    released_at = models.DateTimeField()
    posting_id = models.BigIntegerField()


class Release(models.Model):
    """Held units that somebody wants to make available: by a hold, or by the places where they stand."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, null=True, related_name="+")
    hold_ids = ArrayField(models.BigIntegerField(), help_text="the holds that it settles")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=[(s, s) for s in ReleaseState], default=ReleaseState.WAITING)
    asked_by = models.ForeignKey(USER, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="release_state_known", condition=Q(state__in=list(ReleaseState))),
            models.CheckConstraint(
                name="release_ended_says_when",
                condition=Q(state="waiting", ended_at=None) | (~Q(state="waiting") & Q(ended_at__isnull=False)),
            ),
            models.UniqueConstraint(
                name="release_one_waits_per_hold", fields=["hold"], condition=Q(state="waiting", hold__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="release_waiting", fields=["site"], condition=Q(state="waiting")),
            GinIndex(name="release_waiting_holds", fields=["hold_ids"], condition=Q(state="waiting")),
        ]


class ReleaseLine(models.Model):
    """Units of a release at one place, in the quality in which they are held."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="lines")
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    lpn = models.ForeignKey("locations.Lpn", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    quality = models.CharField(max_length=12)
    units = UnitsField()

    class Meta:
        constraints = [models.CheckConstraint(name="release_line_units_positive", condition=Q(units__gt=0))]
