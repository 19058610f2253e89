"""Tables of the allocation rules: versions of rule sets, full runs, and the certificates of what was decided."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from flowrack.allocation.states_rules import RuleSetState
from flowrack.allocation.types_rules import (
    FACTORS,
    FULL,
    FULL_RUNS,
    LIFE_ORDERS,
    MOST_SECONDS,
    MOST_WEIGHT,
    PROMISES,
    QUOTA_KINDS,
    SEMANTICS,
    SITE_ORDERS,
)
from flowrack.platform.fields import MoneyField

TO: dict[str, Any] = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}


class RuleSetVersion(models.Model):
    """One version of the rules by which a site, or (no site) the company, promises stock."""

    site = models.ForeignKey("locations.Site", null=True, **TO)
    version = models.IntegerField()
    state = models.CharField(max_length=8, default=RuleSetState.DRAFT)
    name = models.CharField(max_length=80)
    note = models.CharField(max_length=200, default="", db_default="")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the rules: two versions that say the same share it")
    fairness_percent = models.IntegerField()
    horizon_days = models.IntegerField(null=True)
    date_days = models.IntegerField()
    promises = models.CharField(
        max_length=4, default="keep", db_default="keep", help_text="keep = promised days are kept where they can be"
    )
    full_runs = models.CharField(
        max_length=4, default="rank", db_default="rank", help_text="best = by the best total value a solver finds"
    )
    solver_seconds = models.IntegerField(default=30, db_default=30, help_text="for each part of a full run")
    supply_order = models.CharField(max_length=4)
    full_packs = models.BooleanField()
    one_lot = models.BooleanField()
    pick_face_only = models.BooleanField()
    min_life_days = models.IntegerField()
    site_order = models.CharField(max_length=8, default="nearest", db_default="nearest")
    split_cost = MoneyField(default=0, db_default=0, help_text="of each site more that sends goods of an order")
    late_days = models.IntegerField(default=0, db_default=0, help_text="as late a line may be from the first site")
    late_percent = models.IntegerField(default=1, db_default=1, help_text="of the price, for each day that it is late")
    written_by = models.ForeignKey("platform.User", **TO)
    written_at = models.DateTimeField()
    instead_of = models.BigIntegerField(
        null=True, help_text="the version in force when this one was asked for, 0 = none"
    )
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="allocation_rules_version_once", fields=["site", "version"], nulls_distinct=False
            ),
            models.UniqueConstraint(
                name="allocation_rules_one_active", fields=["site"], condition=Q(state="active"), nulls_distinct=False
            ),
            models.CheckConstraint(
                name="allocation_rules_state_known", condition=Q(state__in=[str(s) for s in RuleSetState])
            ),
            models.CheckConstraint(
                name="allocation_rules_numbers_in_range",
                condition=Q(fairness_percent__gt=0, fairness_percent__lte=FULL, date_days__gt=0, min_life_days__gte=0)
                & (Q(horizon_days=None) | Q(horizon_days__gte=0))
                & Q(supply_order__in=LIFE_ORDERS),
            ),
            models.CheckConstraint(name="allocation_rules_promises_known", condition=Q(promises__in=PROMISES)),
            models.CheckConstraint(
                name="allocation_rules_full_runs_known",
                condition=Q(full_runs__in=FULL_RUNS, solver_seconds__gte=1, solver_seconds__lte=MOST_SECONDS),
            ),
            models.CheckConstraint(
                name="allocation_rules_sites_make_sense",
                condition=Q(site_order__in=SITE_ORDERS, split_cost__gte=0, late_days__gte=0)
                & Q(late_percent__gte=0, late_percent__lte=FULL),
            ),
            models.CheckConstraint(
                name="allocation_rules_asked_says_of_what",
                condition=Q(state__in=["draft", "dropped"]) | Q(instead_of__isnull=False),
            ),
            models.CheckConstraint(
                name="allocation_rules_times_fit",
                condition=Q(state__in=["draft", "asked"], activated_at=None, ended_at=None)
                | Q(state="active", activated_at__isnull=False, ended_at=None)
                | Q(state__in=["ended", "dropped"], ended_at__isnull=False),
            ),
        ]


class RuleClass(models.Model):
    """A class of a rule set, in the order in which they are served."""

    rule_set = models.ForeignKey(RuleSetVersion, on_delete=models.CASCADE, related_name="classes", db_index=False)
    place = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    semantics = models.CharField(max_length=9)
    tiers = ArrayField(models.CharField(max_length=1))
    customer_ids = ArrayField(models.BigIntegerField())
    family_ids = ArrayField(models.BigIntegerField())
    channels = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    order_types = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    contracts = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    wanted_from = models.IntegerField(null=True, help_text="days from today")
    wanted_to = models.IntegerField(null=True)
    margin_from = models.IntegerField(null=True, help_text="percent of the price")
    margin_to = models.IntegerField(null=True)
    age_from = models.IntegerField(null=True, help_text="days since it was ordered")
    weight_tier = models.IntegerField()
    weight_date = models.IntegerField()
    weight_margin = models.IntegerField()
    weight_age = models.IntegerField()
    weight_consolidation = models.IntegerField()
    weight_whole = models.IntegerField(default=0, db_default=0)
    horizon_days = models.IntegerField(null=True, help_text="empty = as the rule set says")
    life_days = models.IntegerField(null=True, help_text="remaining life that its goods have at least")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allocation_class_place_once", fields=["rule_set", "place"]),
            models.UniqueConstraint(name="allocation_class_name_once", fields=["rule_set", "name"]),
            models.CheckConstraint(name="allocation_class_semantics_known", condition=Q(semantics__in=SEMANTICS)),
            models.CheckConstraint(
                name="allocation_class_weights_in_range",
                condition=Q(**{f"weight_{name}__gte": 0 for name in FACTORS})
                & Q(**{f"weight_{name}__lte": MOST_WEIGHT for name in FACTORS}),
            ),
        ]


class RuleQuota(models.Model):
    """A quota of a rule set."""

    rule_set = models.ForeignKey(RuleSetVersion, on_delete=models.CASCADE, related_name="quotas", db_index=False)
    place = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=7)
    percent = models.IntegerField()
    tiers = ArrayField(models.CharField(max_length=1))
    customer_ids = ArrayField(models.BigIntegerField())
    family_ids = ArrayField(models.BigIntegerField())
    channels = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    order_types = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    contracts = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allocation_quota_place_once", fields=["rule_set", "place"]),
            models.UniqueConstraint(name="allocation_quota_name_once", fields=["rule_set", "name"]),
            models.CheckConstraint(
                name="allocation_quota_makes_sense",
                condition=Q(kind__in=QUOTA_KINDS, percent__gte=0, percent__lte=FULL)
                & (Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lt=F("ends_on"))),
            ),
        ]


class RuleSites(models.Model):
    """From which sites a rule set ships orders of some customers, or to some regions."""

    rule_set = models.ForeignKey(RuleSetVersion, on_delete=models.CASCADE, related_name="preferences", db_index=False)
    place = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    site_ids = ArrayField(models.BigIntegerField())
    customer_ids = ArrayField(models.BigIntegerField())
    regions = ArrayField(models.CharField(max_length=120))
    is_only = models.BooleanField(help_text="from no other site")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allocation_sites_place_once", fields=["rule_set", "place"]),
            models.UniqueConstraint(name="allocation_sites_name_once", fields=["rule_set", "name"]),
            models.CheckConstraint(name="allocation_sites_named", condition=Q(site_ids__len__gt=0)),
        ]


class Run(models.Model):
    """A full run in parts, as a background job. What its parts did counts, whether it comes to its end or not."""

    site = models.ForeignKey("locations.Site", null=True, **TO)
    job_id = models.BigIntegerField(default=0, db_default=0)
    started_by = models.ForeignKey("platform.User", **TO)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)


class Certificate(models.Model):
    """What one command looked at when it promised stock at a site, and what came of it, packed: a row for all lines."""

    command_id = models.BigIntegerField(help_text="the command record; decisions name it")
    site_id = models.BigIntegerField()
    rule_set_id = models.BigIntegerField(help_text="the version that decided; 0 = the shipped rules")
    run_id = models.BigIntegerField(help_text="the full run of which it was a part; 0 = none")
    lines = models.IntegerField()
    decided_at = models.DateTimeField()
    inputs = models.BinaryField(help_text="see rules_certificates")
    inputs_hash = models.BinaryField(max_length=32)
    result = models.BinaryField()
    result_hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="allocation_certificate_once", fields=["command_id", "site_id"]),
            models.CheckConstraint(name="allocation_certificate_has_lines", condition=Q(lines__gt=0)),
        ]
        indexes = [models.Index(name="allocation_certificate_of_run", fields=["run_id"], condition=Q(run_id__gt=0))]
