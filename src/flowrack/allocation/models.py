"""Tables of allocation: what is cross-docked at a site, and the cross-docks. Promises are the ledger's commitments."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from flowrack.allocation.models_best import OptimumGap, RunAim, RunPlan
from flowrack.allocation.models_displacement import CustomerNotice, Displacement, PriorityRequest
from flowrack.allocation.models_exceptions import PromiseException
from flowrack.allocation.models_modes import AllocationMode, SuggestedLine, Suggestion
from flowrack.allocation.models_overrides import Override, OverrideLine
from flowrack.allocation.models_rules import Certificate, RuleSetVersion, RuleSites, Run
from flowrack.allocation.models_substitutes import SubstituteConsent, SubstitutePortion, SubstituteRequest
from flowrack.allocation.models_trials import RuleTrial, RuleTrialFigure, RuleTrialLine
from flowrack.allocation.states import CrossDockState
from flowrack.allocation.types_cross_docks import TIERS
from flowrack.platform.fields import UnitsField

__all__ = [
    "AllocationMode",
    "Certificate",
    "CrossDock",
    "CrossDockPolicy",
    "CustomerNotice",
    "Displacement",
    "OptimumGap",
    "Override",
    "OverrideLine",
    "PriorityRequest",
    "PromiseException",
    "RuleSetVersion",
    "RuleSites",
    "RuleTrial",
    "RuleTrialFigure",
    "RuleTrialLine",
    "Run",
    "RunAim",
    "RunPlan",
    "SubstituteConsent",
    "SubstitutePortion",
    "SubstituteRequest",
    "SuggestedLine",
    "Suggestion",
]


class CrossDockPolicy(models.Model):
    """One version of what is cross-docked at a site, and to where. Only ever ended."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    is_on = models.BooleanField()
    family_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[], help_text="empty = every family")
    min_tier = models.CharField(max_length=1, default="C", help_text="orders of this tier and better")
    staging = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", null=True)
    door = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="cross_dock_policy_version_once", fields=["site", "version"]),
            models.UniqueConstraint(
                name="cross_dock_policy_one_in_force", fields=["site"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="cross_dock_policy_names_the_place", condition=Q(is_on=False) | Q(staging__isnull=False)
            ),
            models.CheckConstraint(name="cross_dock_policy_tier_known", condition=Q(min_tier__in=TIERS)),
            models.CheckConstraint(name="cross_dock_policy_has_reason", condition=~Q(reason="")),
        ]


class CrossDock(models.Model):
    """Units of a receipt line that go from the dock straight to an order, by the door it leaves through."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    policy = models.ForeignKey(CrossDockPolicy, on_delete=models.PROTECT, related_name="+", db_index=False)
    receipt_line = models.ForeignKey("inbound.ReceiptLine", on_delete=models.PROTECT, related_name="+")
    order_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False)
    lpn = models.ForeignKey("locations.Lpn", on_delete=models.PROTECT, related_name="+")
    staged_lpn = models.ForeignKey(
        "locations.Lpn", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    units = UnitsField()
    from_location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    staging = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    door = models.ForeignKey(
        "locations.Location", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    state = models.CharField(max_length=10, default=CrossDockState.PLANNED)
    task_id = models.BigIntegerField()
    planned_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    planned_at = models.DateTimeField()
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, default="", db_default="")
    posting_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="cross_dock_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="cross_dock_state_known", condition=Q(state__in=list(CrossDockState))),
            models.CheckConstraint(
                name="cross_dock_staged_has_posting",
                condition=Q(state="staged", posting_id__isnull=False, staged_lpn__isnull=False)
                | (~Q(state="staged") & Q(posting_id=None, staged_lpn=None)),
            ),
            models.CheckConstraint(
                name="cross_dock_ended_says_who",
                condition=Q(state="planned", ended_at=None, ended_by=None)
                | (~Q(state="planned") & Q(ended_at__isnull=False, ended_by__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="cross_dock_planned", fields=["site", "order_line"], condition=Q(state="planned")),
            models.Index(name="cross_dock_by_site", fields=["site", "-id"]),
        ]
