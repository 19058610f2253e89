"""Tables of replenishment: what is expected to leave pick faces, who waits for stock, refills and their policy."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import UnitsField, named
from flowrack.replenishment.states import OPEN_REFILL, RefillState, SlotState

__all__ = ["Draw", "HandOver", "Refill", "RefillPolicy", "SlotSuggestion", "Wait"]


class RefillPolicy(models.Model):
    """How a site refills its pick faces."""

    site = models.OneToOneField("locations.Site", on_delete=models.PROTECT, related_name="+")
    task_seconds = models.IntegerField(help_text="what one refill takes")
    spare_seconds = models.IntegerField(help_text="to be on the safe side")
    people = models.IntegerField(help_text="who refill at a time, where no capacity says so")
    draws_until = models.TimeField(help_text="until when the orders of a day are picked, where no wave says so")
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    top_off_percent = models.IntegerField(help_text="in quiet hours faces that hold less are filled up; 0 = none")
    waits_for_refill = models.BooleanField(help_text="a release leaves what a refill brings to the face for later")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="refill_policy_possible",
                condition=Q(task_seconds__gte=1, spare_seconds__gte=0, people__gte=1, top_off_percent__gte=0)
                & Q(top_off_percent__lte=100),
            ),
            models.CheckConstraint(
                name="refill_policy_quiet_hours_whole",
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
            ),
        ]


class HandOver(models.Model):
    """Where goods from a zone are handed over: one machine brings them there, another takes them to the face."""

    zone = models.OneToOneField("locations.Zone", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)


class Draw(models.Model):
    """Units that will leave a face in a stretch of time, as somebody said: a wave, or a person."""

    site = named("locations.Site")
    location = named("locations.Location")
    item = named("catalog.Item")
    origin = models.CharField(max_length=80, help_text="who says so, e.g. waves.plan:7")
    units = UnitsField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    is_of_orders = models.BooleanField(help_text="its units are in the orders already: it only says when")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="draw_once_per_origin", fields=["origin", "location", "item", "from_at"]),
            models.CheckConstraint(name="draw_of_something", condition=Q(units__gt=0, until_at__gte=F("from_at"))),
        ]
        indexes = [models.Index(name="draw_of_face", fields=["location", "until_at"])]


class Wait(models.Model):
    """Units of an order line that wait until their face is refilled."""

    site = named("locations.Site")
    location = named("locations.Location")
    item = named("catalog.Item")
    order_line = named("sales.OrderLine")
    units = UnitsField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end = models.CharField(max_length=12, default="", help_text="picked, or over: nobody waits any more")

    class Meta:
        constraints = [
            models.CheckConstraint(name="wait_of_something", condition=Q(units__gt=0)),
            models.CheckConstraint(
                name="wait_ended_says_how",
                condition=Q(ended_at=None, end="") | (Q(ended_at__gte=F("since")) & ~Q(end="")),
            ),
            models.UniqueConstraint(
                name="wait_once_per_line", fields=["order_line", "location"], condition=Q(ended_at=None)
            ),
        ]
        indexes = [
            models.Index(name="wait_open", fields=["site", "location"], condition=Q(ended_at=None)),
            models.Index(name="wait_when", fields=["site", "since"]),
        ]


class Refill(models.Model):
    """Units that are to be carried to a pick face, with the time in which they may and must land."""

    site = named("locations.Site")
    location = named("locations.Location")
    item = named("catalog.Item")
    place = models.SmallIntegerField(help_text="which of the face's open refills it is, counted from 1")
    state = models.CharField(max_length=10, default=RefillState.PLANNED, db_default=RefillState.PLANNED)
    cause = models.CharField(max_length=8, help_text="why it was planned")
    units = UnitsField()
    landed_units = UnitsField(default=0, db_default=0)
    planned_move_id = models.BigIntegerField(help_text="the carry of storage: to the hand-over place, then to the face")
    hand_over = named("locations.Location", null=True)
    is_handed_over = models.BooleanField(default=False, db_default=False)
    planned_at = models.DateTimeField()
    not_before = models.DateTimeField(help_text="the face has room from then on")
    land_by = models.DateTimeField(null=True, help_text="the face runs out then")
    start_by = models.DateTimeField(null=True)
    missing_units = UnitsField(default=0, db_default=0, help_text="what the face cannot give without it")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = named("platform.User", null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = named("platform.User", null=True)
    reason = models.CharField(max_length=200, default="", db_default="", help_text="why it was cancelled or sent back")

    class Meta:
        constraints = [
            models.CheckConstraint(name="refill_state_known", condition=Q(state__in=list(RefillState))),
            models.CheckConstraint(
                name="refill_units_within_plan",
                condition=Q(units__gt=0, landed_units__gte=0, landed_units__lte=F("units")),
            ),
            models.CheckConstraint(
                name="refill_ended_says_when",
                condition=Q(state__in=list(OPEN_REFILL), ended_at=None)
                | (~Q(state__in=list(OPEN_REFILL)) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="refill_lifted_says_who",
                condition=~Q(state__in=["lifted", "going_back"]) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
            # Two plans at once must not bring the same refill twice, whatever the locks do.
            models.UniqueConstraint(
                name="refill_place_once", fields=["location", "place"], condition=Q(state__in=list(OPEN_REFILL))
            ),
            models.UniqueConstraint(name="refill_of_move", fields=["planned_move_id"]),
        ]
        indexes = [
            models.Index(name="refill_open", fields=["site", "land_by"], condition=Q(state__in=list(OPEN_REFILL))),
            models.Index(name="refill_ended", fields=["site", "ended_at"], condition=Q(ended_at__isnull=False)),
        ]


class SlotSuggestion(models.Model):
    """An item that belongs in another pick face, or in one at all: what the move costs and what it saves."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    from_location = models.ForeignKey(
        "locations.Location", on_delete=models.PROTECT, related_name="+", null=True, db_index=False,
        help_text="its face now; empty = it is picked from reserve",
    )  # fmt: skip
    to_location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    swaps_item = models.ForeignKey(
        "catalog.Item", on_delete=models.PROTECT, related_name="+", null=True, db_index=False,
        help_text="the item that gives up the face and takes the other's",
    )  # fmt: skip
    state = models.CharField(max_length=8, default=SlotState.OPEN, db_default=SlotState.OPEN)
    min_units = UnitsField()
    max_units = UnitsField()
    picks = models.IntegerField(help_text="order lines of the item in the days looked at")
    days = models.IntegerField()
    saved_seconds_a_day = models.IntegerField()
    move_seconds = models.IntegerField()
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = named("platform.User", null=True)
    reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="slot_state_known", condition=Q(state__in=list(SlotState))),
            models.CheckConstraint(
                name="slot_pays", condition=Q(saved_seconds_a_day__gt=0, move_seconds__gt=0, picks__gt=0)
            ),
            models.CheckConstraint(
                name="slot_levels_ordered", condition=Q(min_units__gt=0, max_units__gte=F("min_units"))
            ),
            models.CheckConstraint(
                name="slot_rejected_says_why",
                condition=~Q(state="rejected") | (Q(decided_at__isnull=False) & ~Q(reason="")),
            ),
            models.UniqueConstraint(name="slot_item_once", fields=["site", "item"], condition=Q(state="open")),
            models.UniqueConstraint(name="slot_place_once", fields=["to_location"], condition=Q(state="open")),
        ]
