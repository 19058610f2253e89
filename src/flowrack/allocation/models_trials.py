"""Tables of trials: a version of the allocation rules tried on today's orders or on history, with what came of it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from flowrack.allocation.models_rules import TO, RuleSetVersion
from flowrack.allocation.types_trials import HISTORY, KINDS, SIDES
from flowrack.platform.fields import MoneyField, UnitsField


class RuleTrial(models.Model):
    """One trial of a version as it was then, against what was in force then."""

    rule_set = models.ForeignKey(RuleSetVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=7)
    digest = models.CharField(max_length=64, help_text="of the rules as they were tried")
    instead_of = models.BigIntegerField(help_text="the version in force then, 0 = none")
    site_ids = ArrayField(models.BigIntegerField())
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    started_by = models.ForeignKey("platform.User", **TO)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    job_id = models.BigIntegerField(default=0, db_default=0)
    lines = models.IntegerField(default=0, db_default=0)
    open_lines = models.IntegerField(default=0, db_default=0)
    lines_gain = models.IntegerField(default=0, db_default=0)
    lines_lose = models.IntegerField(default=0, db_default=0)
    units_moved = UnitsField(default=0, db_default=0)
    warnings = ArrayField(models.TextField(), default=list, db_default=[])
    unknown = ArrayField(models.TextField(), default=list, db_default=[])

    class Meta:
        constraints = [
            models.CheckConstraint(name="allocation_trial_kind_known", condition=Q(kind__in=KINDS)),
            models.CheckConstraint(
                name="allocation_trial_of_days",
                condition=~Q(kind=HISTORY)
                | Q(first_on__isnull=False, last_on__isnull=False, first_on__lte=F("last_on")),
            ),
        ]
        indexes = [models.Index(name="allocation_trial_of_rules", fields=["rule_set", "id"])]


class RuleTrialFigure(models.Model):
    """What one side of a trial gives to a tier, in a week or in all."""

    trial = models.ForeignKey(RuleTrial, on_delete=models.PROTECT, related_name="+", db_index=False)
    side = models.CharField(max_length=8)
    tier = models.CharField(max_length=1, help_text="empty = all")
    week = models.DateField(null=True, help_text="its Monday; empty = the whole time")
    lines = models.IntegerField()
    lines_on_time = models.IntegerField()
    lines_whole = models.IntegerField()
    units = UnitsField()
    units_on_time = UnitsField()
    units_left = UnitsField()
    late_days = models.IntegerField()
    splits = models.IntegerField()
    promised = models.IntegerField()
    broken = models.IntegerField()
    value = MoneyField()
    margin = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="allocation_trial_figure_once",
                fields=["trial", "side", "tier", "week"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="allocation_trial_side_known", condition=Q(side__in=SIDES)),
        ]


class RuleTrialLine(models.Model):
    """An order line that gains or loses by a version."""

    trial = models.ForeignKey(RuleTrial, on_delete=models.PROTECT, related_name="+", db_index=False)
    line_id = models.BigIntegerField()
    held = UnitsField()
    before = UnitsField()
    after = UnitsField()
    value = MoneyField()

    class Meta:
        constraints = [models.UniqueConstraint(name="allocation_trial_line_once", fields=["trial", "line_id"])]
