"""Tables of what happens by itself when stock becomes free: the modes in force, and suggestions with their ends."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from flowrack.allocation.types_modes import MODES, VELOCITIES
from flowrack.platform.fields import UnitsField

TO: dict[str, Any] = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}
SUGGESTION_STATES = ("open", "agreed", "changed", "dropped", "replaced")


class AllocationMode(models.Model):
    """What happens at a site (none = in the company) for items of a velocity class ("" = all). Only ever ended."""

    site = models.ForeignKey("locations.Site", null=True, **TO)
    velocity = models.CharField(max_length=1, default="", db_default="")
    version = models.IntegerField()
    mode = models.CharField(max_length=9)
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey("platform.User", **TO)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="allocation_mode_one_in_force",
                fields=["site", "velocity"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="allocation_mode_version_once", fields=["site", "velocity", "version"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="allocation_mode_known", condition=Q(mode__in=MODES, velocity__in=VELOCITIES) & ~Q(reason="")
            ),
        ]


class Suggestion(models.Model):
    """Free units of an item that a run would promise: to whom, why it was looked at, and what people made of it."""

    site = models.ForeignKey("locations.Site", **TO)
    item = models.ForeignKey("catalog.Item", **TO)
    velocity = models.CharField(max_length=1)
    cause = models.CharField(max_length=80)
    units = UnitsField()
    state = models.CharField(max_length=8, default="open", db_default="open")
    made_at = models.DateTimeField()
    decided_by = models.ForeignKey("platform.User", null=True, **TO)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="allocation_suggestion_one_open", fields=["site", "item"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="allocation_suggestion_ends_say_when",
                condition=Q(state="open", decided_at=None)
                | (Q(state__in=SUGGESTION_STATES[1:], decided_at__isnull=False)),
            ),
            models.CheckConstraint(name="allocation_suggestion_gives", condition=Q(units__gt=0)),
        ]
        indexes = [models.Index(name="allocation_suggestion_decided", fields=["site", "velocity", "decided_at"])]


class SuggestedLine(models.Model):
    """Units that a suggestion gives to an order line."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="lines")
    order_line_id = models.BigIntegerField()
    units = UnitsField()
