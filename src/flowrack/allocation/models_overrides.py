"""What people decided against the rules in force: never changed but by its end and its review."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from flowrack.allocation.types_overrides import OverrideKind, Verdict
from flowrack.platform.fields import MoneyField, UnitsField

TO: dict[str, Any] = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}


class Override(models.Model):
    """One decision of a person against the rules."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", **TO)
    kind = models.CharField(max_length=10)
    rule = models.CharField(max_length=40, help_text="the rules in force, with their version")
    rule_set_id = models.BigIntegerField(default=0, db_default=0, help_text="their version row; 0 = shipped")
    broken = models.CharField(max_length=300, help_text="what these rules would have done, in words")
    value = MoneyField(help_text="price of the units of those who would have had them")
    reason = models.CharField(max_length=200)
    made_by = models.ForeignKey("platform.User", **TO)
    made_at = models.DateTimeField()
    command_id = models.BigIntegerField()
    stands_until = models.DateTimeField(null=True, help_text="empty = over at once, and the rules decide anew")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("platform.User", null=True, **TO)
    ended_reason = models.CharField(max_length=200, default="", db_default="")
    review_due_on = models.DateField()
    verdict = models.CharField(max_length=10, default="open", db_default="open")
    reviewed_by = models.ForeignKey("platform.User", null=True, **TO)
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="override_kind_known", condition=Q(kind__in=[str(k) for k in OverrideKind])),
            models.CheckConstraint(name="override_verdict_known", condition=Q(verdict__in=[str(v) for v in Verdict])),
            models.CheckConstraint(name="override_says_why", condition=~Q(reason="") & ~Q(broken="")),
            models.CheckConstraint(
                name="override_reviewed_by_another",
                condition=Q(verdict="open", reviewed_by=None, reviewed_at=None)
                | (~Q(verdict="open") & Q(reviewed_at__isnull=False) & ~Q(reviewed_by=F("made_by"))),
            ),
            models.CheckConstraint(
                name="override_objection_says_why", condition=~Q(verdict="objected") | ~Q(review_note="")
            ),
            models.CheckConstraint(
                name="override_end_says_who",
                condition=Q(ended_at=None, ended_by=None, ended_reason="", stands_until__isnull=False)
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_reason="")),
            ),
        ]
        indexes = [
            models.Index(name="override_standing", fields=["site"], condition=Q(ended_at=None)),
            models.Index(name="override_to_review", fields=["review_due_on"], condition=Q(verdict="open")),
        ]


class OverrideLine(models.Model):
    """What one order line got by an override, or (less than nothing) lost by it."""

    override = models.ForeignKey(Override, on_delete=models.PROTECT, related_name="lines")
    order_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", **TO)
    lot_id = models.BigIntegerField(default=0, db_default=0, help_text="of which lot; 0 = of none, or not looked at")
    units = UnitsField(help_text="more than nothing: it got them; less: it would have had them")
    due_on = models.DateField(help_text="the day on which they were to leave, as it was then")
    value = MoneyField(help_text="price of the units")

    class Meta:
        constraints = [
            models.CheckConstraint(name="override_line_moves_units", condition=~Q(units=0)),
            models.UniqueConstraint(name="override_line_once", fields=["override", "order_line", "lot_id"]),
        ]
