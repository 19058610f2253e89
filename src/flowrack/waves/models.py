"""Tables of waves: templates, penalties, changes of people, plans, and by when a wave on the floor must be done."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import UnitsField, named
from flowrack.waves.states import PlanState, PlanWaveState
from flowrack.waves.types import METHODS, HazardSplit, Mode, WaitsBy


def words() -> ArrayField:  # type: ignore[type-arg]
    """A condition: any of some words; none = every order."""
    return ArrayField(models.CharField(max_length=120), default=list, blank=True)


class Template(models.Model):
    """Which orders go to the floor together, in their order of match, and how."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    position = models.IntegerField(help_text="the first that takes an order wins")
    services = words()
    regions = words()
    zones = words()
    temperatures = words()
    hazards = words()
    label_needs = words()
    order_types = words()
    channels = words()
    tiers = words()
    min_lines = models.IntegerField(default=0)
    max_lines = models.IntegerField(default=0, help_text="0 = no limit")
    min_units = models.BigIntegerField(default=0)
    max_units = models.BigIntegerField(default=0)
    split_temperature = models.BooleanField(default=False)
    split_hazard = models.CharField(max_length=14, default=HazardSplit.INCOMPATIBLE)
    split_labels = models.BooleanField(default=False)
    limit_lines = models.IntegerField(default=0)
    limit_orders = models.IntegerField(default=0)
    limit_volume_ml = models.BigIntegerField(default=0)
    limit_weight_g = models.BigIntegerField(default=0)
    mode = models.CharField(max_length=12, default=Mode.CUT_OFF)
    wip_lines = models.IntegerField(default=0, help_text="open lines in a zone above which nothing more goes")
    is_automatic = models.BooleanField(default=False, help_text="a worker releases the next orders")
    staging_minutes = models.IntegerField(default=20)
    loading_minutes = models.IntegerField(default=15)
    method = models.CharField(max_length=10, default="")
    weekdays = ArrayField(models.SmallIntegerField(), help_text="1 = Monday ... 7 = Sunday")
    is_active = models.BooleanField(default=True)
    changed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="wave_template_name_once", fields=["site", "name"], condition=Q(is_active=True)
            ),
            models.CheckConstraint(
                name="wave_template_words_known",
                condition=Q(mode__in=list(Mode), split_hazard__in=list(HazardSplit), method__in=METHODS),
            ),
            models.CheckConstraint(
                name="wave_template_sizes",
                condition=Q(
                    min_lines__gte=0, max_lines__gte=0, min_units__gte=0, max_units__gte=0, limit_lines__gte=0,
                    limit_orders__gte=0, limit_volume_ml__gte=0, limit_weight_g__gte=0, wip_lines__gte=0,
                    staging_minutes__gte=0, loading_minutes__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="wave_template_weekdays",
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]) & ~Q(weekdays=[]),
            ),
            models.CheckConstraint(
                name="wave_template_continuous_has_limit", condition=~Q(mode="continuous") | Q(wip_lines__gt=0)
            ),
        ]  # fmt: skip


class PenaltyPolicy(models.Model):
    """What it costs, in points, that goods wait: a version of a site's rule; the newest counts."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.IntegerField()
    waits_by = models.CharField(max_length=6, default=WaitsBy.ORDER)
    tier_a = models.IntegerField()
    tier_b = models.IntegerField()
    tier_c = models.IntegerField()
    late_day = models.IntegerField()
    value_100 = models.IntegerField()
    age_day = models.IntegerField()
    set_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="wave_penalty_version_once", fields=["site", "version"]),
            models.CheckConstraint(name="wave_penalty_waits_by", condition=Q(waits_by__in=list(WaitsBy))),
            models.CheckConstraint(
                name="wave_penalty_not_negative",
                condition=Q(
                    tier_a__gte=0, tier_b__gte=0, tier_c__gte=0, late_day__gte=0, value_100__gte=0, age_day__gte=0
                ),
            ),
        ]


class HandsChange(models.Model):
    """More or fewer people than the shifts say, from one time to another."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    zone = models.ForeignKey("locations.Zone", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    people = models.IntegerField(help_text="-1 = one fewer")
    reason = models.CharField(max_length=200)
    changed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="wave_hands_change_is_one", condition=Q(from_at__lt=F("until_at")) & ~Q(people=0) & ~Q(reason="")
            ),
        ]
        indexes = [models.Index(name="wave_hands_of_site", fields=["site", "until_at"])]


class Plan(models.Model):
    """What goes to which wave and what waits, as it was planned at a time."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, default=PlanState.DRAFT)
    policy_version = models.IntegerField()
    ahead_days = models.IntegerField(default=0)
    method = models.CharField(max_length=10, help_text="greedy or solver")
    points = models.BigIntegerField(help_text="the penalty of what waits")
    bound = models.BigIntegerField(help_text="no plan has less")
    knows_hands = models.BooleanField()
    made_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="wave_plan_state_known", condition=Q(state__in=list(PlanState))),
        ]


class PlanWindow(models.Model):
    """Work that must be picked by a time, against the hands up to then. Seconds of one person."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="windows", db_index=False)
    place = models.IntegerField()
    cut_off_at = models.DateTimeField()
    pick_until = models.DateTimeField()
    hands = models.BigIntegerField(help_text="of all people until then")
    floor = models.BigIntegerField(help_text="for what was on the floor already")

    class Meta:
        constraints = [models.UniqueConstraint(name="wave_plan_window_once", fields=["plan", "place"])]


class PlanWave(models.Model):
    """A wave of a plan: what leaves together."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="waves", db_index=False)
    place = models.IntegerField()
    template_id = models.BigIntegerField(help_text="0 = the standard")
    template = models.CharField(max_length=60)
    method = models.CharField(max_length=10, default="")
    service_id = models.BigIntegerField(default=0)
    service = models.CharField(max_length=160, default="")
    label = models.CharField(max_length=200, default="")
    cut_off_at = models.DateTimeField()
    pick_until = models.DateTimeField()
    state = models.CharField(max_length=10, default=PlanWaveState.PLANNED)
    wave_id = models.BigIntegerField(null=True, help_text="on the floor")
    why = models.CharField(
        max_length=300, default="", db_default="", help_text="why it has another cut-off than it was planned for"
    )
    moved_from = models.DateTimeField(null=True, help_text="its cut-off by the plan, where the planner moved it")
    moved_because = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="wave_plan_wave_once", fields=["plan", "place"]),
            models.CheckConstraint(
                name="wave_plan_wave_state_known",
                condition=Q(state__in=["planned", "dropped"], wave_id=None)
                | Q(state="released", wave_id__isnull=False),
            ),
        ]


class PlanLine(models.Model):
    """What a plan does with a line, and why. No wave: it waits, or it is out."""

    plan = named(Plan)
    order = named("sales.Order")
    line = named("sales.OrderLine")
    item = named("catalog.Item")
    wave_place = models.IntegerField(help_text="of its wave; -1 = none")
    fate = models.CharField(max_length=6)
    units = UnitsField()
    seconds = models.IntegerField()
    points = models.IntegerField(help_text="the penalty of waiting")
    why = models.CharField(max_length=400)
    pick_until = models.DateTimeField(null=True)
    because = models.CharField(max_length=200, default="", db_default="", help_text="a person decided so; empty = no")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="wave_plan_line_once", fields=["plan", "line"]),
            models.CheckConstraint(
                name="wave_plan_line_fate",
                condition=Q(fate="goes", wave_place__gte=0) | Q(fate__in=["waits", "out"], wave_place=-1),
            ),
        ]
        indexes = [models.Index(name="wave_plan_line_of_line", fields=["line"])]


class Run(models.Model):
    """By when a wave on the floor must be picked, and for which cut-off; and that it slipped."""

    wave = models.OneToOneField("fulfilment.Wave", on_delete=models.PROTECT, related_name="+", primary_key=True)
    plan_wave = models.ForeignKey(PlanWave, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    template_id = models.BigIntegerField(default=0)
    template = models.CharField(max_length=60)
    method = models.CharField(max_length=10, default="")
    service_id = models.BigIntegerField(default=0)
    service = models.CharField(max_length=160, default="")
    label = models.CharField(max_length=200, default="")
    cut_off_at = models.DateTimeField()
    pick_until = models.DateTimeField()
    why = models.CharField(max_length=300)
    slipped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(name="wave_run_not_slipped", fields=["pick_until"], condition=Q(slipped_at=None))]
