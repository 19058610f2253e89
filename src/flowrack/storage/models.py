"""Tables of storage."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField, named
from flowrack.storage.models_custody import CustodyRates
from flowrack.storage.models_putaway import (
    BinCensus,
    BinShape,
    BinState,
    KeptApartRow,
    PutawayClassZone,
    PutawayRuleSet,
    PutawaySimulation,
    PutawayZone,
    SimulatedPutaway,
)
from flowrack.storage.models_transfers import Transfer, TransferClaim, TransferLine
from flowrack.storage.states import PlanState
from flowrack.storage.types import PlanKind

__all__ = [
    "BinCensus",
    "BinShape",
    "BinState",
    "CustodyRates",
    "KeptApartRow",
    "OpeningLine",
    "PickFace",
    "PlannedMove",
    "PutawayClassZone",
    "PutawayRuleSet",
    "PutawaySimulation",
    "PutawayZone",
    "SimulatedPutaway",
    "Transfer",
    "TransferClaim",
    "TransferLine",
]


class PlannedMove(models.Model):
    """One carry that should happen: a putaway or a refill."""

    site = named("locations.Site")
    kind = models.CharField(max_length=8, choices=[(k, k) for k in PlanKind])
    state = models.CharField(max_length=10, choices=[(s, s) for s in PlanState], default=PlanState.OPEN)
    origin = models.CharField(max_length=80, help_text="the record that caused it")
    item = named("catalog.Item")
    lot = named("catalog.Lot")
    lpn = named("locations.Lpn")
    owner = named("parties.Party")
    quality = models.CharField(max_length=12)
    task_id = models.BigIntegerField(default=0, help_text="the work in the tasks kernel; an LPN's moves share one")
    units = UnitsField()
    done_units = UnitsField(db_default=0)
    from_location = named("locations.Location")
    to_location = named("locations.Location", null=True)
    planned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ended_in = named("locations.Location", null=True)
    reason = models.CharField(max_length=200, default="", help_text="why another bin, or why cancelled")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="planned_move_units_within_plan",
                condition=Q(units__gt=0, done_units__gte=0, done_units__lte=F("units")),
            ),
            models.CheckConstraint(
                name="planned_move_done_is_all",
                condition=~Q(state="done") | Q(done_units=F("units"), ended_in__isnull=False),
            ),
            models.CheckConstraint(
                name="planned_move_ended_says_who",
                condition=Q(state="open", ended_at=None)
                | (~Q(state="open") & Q(ended_at__isnull=False, ended_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="planned_move_goes_elsewhere",
                condition=Q(to_location=None) | ~Q(to_location=F("from_location")),
            ),
        ]
        indexes = [
            models.Index(name="planned_move_open", fields=["site", "kind", "id"], condition=Q(state="open")),
            models.Index(name="planned_move_to", fields=["to_location"], condition=Q(state="open")),
            models.Index(name="planned_move_from", fields=["from_location"], condition=Q(state="open")),
            models.Index(name="planned_move_lpn", fields=["lpn"], condition=Q(state="open") & ~Q(lpn_id=0)),
            models.Index(name="planned_move_origin", fields=["origin"]),
            models.Index(name="planned_move_put_away", fields=["ended_at"], condition=Q(kind="putaway", state="done")),
            models.Index(name="planned_move_item", fields=["item"], condition=Q(state="open")),
            models.Index(name="planned_move_task", fields=["task_id"], condition=Q(state="open")),
        ]


class PickFace(models.Model):
    """A bin that always holds one item, filled up when it falls under its minimum."""

    location = models.OneToOneField("locations.Location", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    min_units = UnitsField()
    max_units = UnitsField()
    trigger = models.CharField(
        max_length=8, default="run_out", db_default="run_out", help_text="what asks for a refill"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="pick_face_trigger_known", condition=Q(trigger__in=["run_out", "min_max", "by_hand"])
            ),
            models.CheckConstraint(
                name="pick_face_levels_ordered", condition=Q(min_units__gt=0, max_units__gte=F("min_units"))
            ),
        ]


class OpeningLine(models.Model):
    """Stock that lay in the house on the day of the start: one line for each place and kind of stock, loaded once."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    lot_code = models.CharField(max_length=60, default="", db_default="")
    lpn_code = models.CharField(max_length=40, default="", db_default="")
    quality = models.CharField(max_length=12)
    units = UnitsField()
    unit_cost = UnitCostField(null=True, help_text="empty: at the item's standard cost")
    expires_on = models.DateField(null=True)
    file_row = models.IntegerField(help_text="the row of the file, as a spreadsheet counts")
    value = MoneyField(default=0, db_default=0)
    move_id = models.BigIntegerField(default=0, db_default=0, help_text="the ledger's move; 0 only while it is posted")
    command_id = models.BigIntegerField(default=0, db_default=0, help_text="the import, as the audit trail has it")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="opening_line_once", fields=["location", "item", "lot_code", "lpn_code", "quality"]
            ),
            models.CheckConstraint(name="opening_line_has_units", condition=Q(units__gt=0)),
        ]
        indexes = [models.Index(name="opening_line_unposted", fields=["id"], condition=Q(move_id=0))]
