"""Tables of full runs by the best total value, and of how far rules are from the best."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from flowrack.allocation.models_rules import TO, Run
from flowrack.platform.fields import UnitsField


class RunPlan(models.Model):
    """What the solver found for a part of a full run at a site, before it was decided: the worth by rank, and with
    lines that stand back."""

    run = models.ForeignKey(Run, **TO)
    part = models.IntegerField()
    site = models.ForeignKey("locations.Site", **TO)
    lines = models.IntegerField()
    programs = models.IntegerField()
    unsolved = models.IntegerField(help_text="for which the time did not suffice: there the rank decides")
    worth_by_rank = models.BigIntegerField(help_text="cents; tier B twice, tier A four times")
    worth = models.BigIntegerField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allocation_run_plan_once", fields=["run", "part", "site"]),
            models.CheckConstraint(name="allocation_run_plan_no_worse", condition=Q(worth__gte=F("worth_by_rank"))),
        ]


class RunAim(models.Model):
    """A line that stands back in a full run: so many units until all others were served."""

    run = models.ForeignKey(Run, **TO)
    line_id = models.BigIntegerField()
    units = UnitsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allocation_run_aim_once", fields=["run", "line_id"]),
            models.CheckConstraint(name="allocation_run_aim_units", condition=Q(units__gte=0)),
        ]


class OptimumGap(models.Model):
    """How much worth a run, or rules on the open orders of a site, missed of the best; found by a job."""

    run = models.ForeignKey(Run, null=True, **TO)
    rule_set_id = models.BigIntegerField(default=0, db_default=0, help_text="the version looked at, 0 = shipped")
    site = models.ForeignKey("locations.Site", null=True, help_text="empty = all that it is about", **TO)
    job_id = models.BigIntegerField(default=0, db_default=0)
    asked_by = models.ForeignKey("platform.User", **TO)
    asked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    lines = models.IntegerField(default=0, db_default=0)
    reached = models.BigIntegerField(default=0, db_default=0, help_text="cents; tier B twice, tier A four times")
    best = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(name="allocation_gap_of_run", fields=["run", "-id"], condition=Q(run__isnull=False)),
            models.Index(name="allocation_gap_of_rules", fields=["rule_set_id", "-id"], condition=Q(run=None)),
        ]
