"""Tables of the dock: ASNs with packs and lines, doors, appointments and their terms."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from flowrack.dock.states import LIVE, AppointmentState, AsnState
from flowrack.dock.types import PackKind
from flowrack.dock.types_appointments import CAPABILITIES, NEEDS
from flowrack.platform.fields import MoneyField, UnitsField


class Asn(models.Model):
    """A supplier's notice of one delivery to one site."""

    number = models.CharField(max_length=20, unique=True)
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80)
    carrier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True)
    expected_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, default=AsnState.EXPECTED)
    created_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="asn_reference_once_per_supplier",
                fields=["supplier", "reference"],
                condition=~Q(state="cancelled"),
            ),
            models.CheckConstraint(name="asn_reference_not_blank", condition=Q(reference__regex=r"^\S(.*\S)?$")),
            models.CheckConstraint(name="asn_state_known", condition=Q(state__in=list(AsnState))),
            models.CheckConstraint(
                name="asn_ended_says_when",
                condition=Q(state__in=["closed", "cancelled"], ended_at__isnull=False)
                | (~Q(state__in=["closed", "cancelled"]) & Q(ended_at=None)),
            ),
        ]
        indexes = [
            models.Index(name="asn_open_at_site", fields=["site", "expected_at"], condition=Q(ended_at=None)),
        ]


class AsnPack(models.Model):
    """A pallet or carton of an ASN. Its SSCC is taken from the notice until the ASN ends unreceived, or a year on."""

    asn = models.ForeignKey(Asn, on_delete=models.CASCADE, related_name="packs")
    sscc = models.CharField(max_length=18)
    kind = models.CharField(max_length=6, default=PackKind.PALLET)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, related_name="children", null=True)
    taken = DateTimeRangeField(help_text="when the SSCC is this pack's; empty once the ASN ended unreceived")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="asn_pack_sscc_one_at_a_time",
                expressions=[(F("sscc"), RangeOperators.EQUAL), (F("taken"), RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="asn_pack_sscc_digits", condition=Q(sscc__regex=r"^\d{18}$")),
            models.CheckConstraint(name="asn_pack_kind_known", condition=Q(kind__in=list(PackKind))),
            models.CheckConstraint(name="asn_pack_not_on_itself", condition=Q(parent=None) | ~Q(parent=F("id"))),
        ]


class AsnLine(models.Model):
    """Units of one item in one pack (or loose), and the PO line that they fill."""

    asn = models.ForeignKey(Asn, on_delete=models.CASCADE, related_name="lines", db_index=False)
    line_no = models.IntegerField()
    pack = models.ForeignKey(AsnPack, on_delete=models.CASCADE, related_name="lines", null=True)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    case_units = UnitsField(db_default=1, help_text="units of one handled case")
    received_units = UnitsField(db_default=0)
    lot_code = models.CharField(max_length=60, default="", db_default="")
    produced_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    po_number = models.CharField(max_length=20, default="", db_default="", help_text="as the supplier named it")
    po_line_no = models.IntegerField(default=0, db_default=0)
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.PROTECT, related_name="+", null=True)
    match_reason = models.CharField(max_length=200, default="", db_default="")
    flags = ArrayField(models.CharField(max_length=24), default=list, db_default=[])

    class Meta:
        constraints = [
            models.UniqueConstraint(name="asn_line_once_per_number", fields=["asn", "line_no"]),
            models.CheckConstraint(name="asn_line_units_positive", condition=Q(units__gt=0, case_units__gt=0)),
            models.CheckConstraint(name="asn_line_received_not_negative", condition=Q(received_units__gte=0)),
            models.CheckConstraint(
                name="asn_line_made_before_expiry",
                condition=Q(produced_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("produced_on")),
            ),
        ]


class Door(models.Model):
    """What a dock door can take. A door without a row takes any dry truck, live or drop, at all hours."""

    location = models.OneToOneField("locations.Location", on_delete=models.PROTECT, related_name="+")
    capabilities = ArrayField(models.CharField(max_length=8), default=list, db_default=[])
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="door_capabilities_known", condition=Q(capabilities__contained_by=list(CAPABILITIES))
            ),
        ]


class DoorHours(models.Model):
    """When a door is open on a weekday, by the site's clock. A door with no hours at all is always open."""

    door = models.ForeignKey(Door, on_delete=models.CASCADE, related_name="hours")
    weekday = models.SmallIntegerField(help_text="1 = Monday ... 7 = Sunday")
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="door_hours_once_per_weekday", fields=["door", "weekday"]),
            models.CheckConstraint(name="door_hours_weekday", condition=Q(weekday__gte=1, weekday__lte=7)),
            models.CheckConstraint(name="door_opens_before_it_closes", condition=Q(opens_at__lt=F("closes_at"))),
        ]


class DockPolicy(models.Model):
    """How long things take at a site's doors. A site without a row has the house's defaults (types_appointments)."""

    site = models.OneToOneField("locations.Site", on_delete=models.CASCADE, related_name="+")
    slot_minutes = models.SmallIntegerField()
    setup_seconds = models.IntegerField()
    seconds_per_pallet = models.IntegerField()
    seconds_per_case = models.IntegerField()
    seconds_per_lot = models.IntegerField()
    inspected_pct = models.SmallIntegerField()
    seconds_per_inspection = models.IntegerField()
    people_per_door = models.SmallIntegerField()
    no_show_minutes = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="dock_policy_sensible",
                condition=Q(
                    slot_minutes__in=[5, 10, 15, 20, 30, 60],
                    setup_seconds__gte=0,
                    seconds_per_pallet__gte=0,
                    seconds_per_case__gte=0,
                    seconds_per_lot__gte=0,
                    inspected_pct__gte=0,
                    inspected_pct__lte=100,
                    seconds_per_inspection__gte=0,
                    people_per_door__gte=1,
                    no_show_minutes__gte=1,
                ),
            ),
        ]


class DetentionTerms(models.Model):
    """What a carrier asks for a truck that waits: free minutes, then money for each started interval."""

    carrier = models.OneToOneField("parties.Party", on_delete=models.CASCADE, related_name="+")
    free_minutes = models.IntegerField()
    interval_minutes = models.IntegerField()
    amount = MoneyField(help_text="for each started interval")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="detention_terms_sensible",
                condition=Q(free_minutes__gte=0, interval_minutes__gte=1, amount__gte=0),
            ),
        ]


class Appointment(models.Model):
    """A truck at a door for a time slot. Without a door it waits in the yard."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    door = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", null=True)
    carrier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True)
    reference = models.CharField(max_length=80, default="", db_default="", help_text="of the carrier: load, trailer")
    slot = DateTimeRangeField()
    state = models.CharField(max_length=10, default=AppointmentState.SCHEDULED)
    is_drop = models.BooleanField(default=False, db_default=False)
    is_walk_in = models.BooleanField(default=False, db_default=False)
    needs = ArrayField(models.CharField(max_length=8), default=list, db_default=[])
    labour_minutes = models.IntegerField(db_default=0)
    created_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    version = models.IntegerField(default=1, db_default=1)
    checked_in_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True, help_text="when its slot began as the truck came; the slot may move later")
    door_at = models.DateTimeField(null=True)
    out_at = models.DateTimeField(null=True)
    detention_minutes = models.IntegerField(default=0, db_default=0, help_text="beyond the free time, at check-out")
    detention_amount = MoneyField(default=0, db_default=0)
    end_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="appointment_no_overlap_at_door",
                expressions=[(F("door"), RangeOperators.EQUAL), (F("slot"), RangeOperators.OVERLAPS)],
                condition=Q(state__in=list(LIVE)),
            ),
            models.UniqueConstraint(
                name="appointment_one_truck_at_a_door", fields=["door"], condition=Q(state="at_door")
            ),
            models.CheckConstraint(name="appointment_state_known", condition=Q(state__in=list(AppointmentState))),
            models.CheckConstraint(
                name="appointment_at_a_door_has_one",
                condition=~Q(state__in=["scheduled", "at_door", "done"]) | Q(door__isnull=False),
            ),
            models.CheckConstraint(name="appointment_slot_not_empty", condition=Q(slot__isempty=False)),
            models.CheckConstraint(name="appointment_needs_known", condition=Q(needs__contained_by=list(NEEDS))),
            models.CheckConstraint(
                name="appointment_times_in_order",
                condition=(Q(door_at=None) | Q(checked_in_at__lte=F("door_at")))
                & (Q(out_at=None) | Q(checked_in_at__lte=F("out_at"))),
            ),
        ]
        indexes = [
            models.Index(Coalesce("due_at", F("slot__startswith")), name="appointment_by_due"),
            models.Index(name="appointment_live", fields=["site", "state"], condition=Q(state__in=list(LIVE))),
        ]


class AppointmentAsn(models.Model):
    """An ASN that comes with a truck; a notice has one live appointment."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="asns")
    asn = models.ForeignKey(Asn, on_delete=models.PROTECT, related_name="appointments")
    is_live = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="asn_in_one_live_appointment", fields=["asn"], condition=Q(is_live=True)),
            models.UniqueConstraint(name="asn_once_per_appointment", fields=["appointment", "asn"]),
        ]
