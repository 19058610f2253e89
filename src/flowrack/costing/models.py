"""Costing's documents: revaluations and late costs. Values themselves live in the ledger."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.costing.types import RevaluationState
from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField


class Revaluation(models.Model):
    """New standard costs: proposed, and posted once enough people agreed."""

    number = models.CharField(max_length=20, unique=True)
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=[(s, s) for s in RevaluationState])
    value = MoneyField(help_text="change of the value of stock")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    posting_id = models.BigIntegerField(null=True)
    posted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="revaluation_approver_is_another",
                condition=Q(approved_by=None) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="revaluation_posted_has_a_date", condition=Q(state="posted") ^ Q(posted_at=None)
            ),
        ]


class RevaluationLine(models.Model):
    """One item's new standard cost."""

    revaluation = models.ForeignKey(Revaluation, on_delete=models.PROTECT, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    old_cost = UnitCostField(null=True)
    new_cost = UnitCostField()
    units = UnitsField(help_text="in stock when it was proposed or posted")
    value = MoneyField(help_text="change of value")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="revaluation_item_once", fields=["revaluation", "item"]),
            models.CheckConstraint(name="revaluation_cost_not_negative", condition=Q(new_cost__gte=0)),
        ]


class LateCost(models.Model):
    """A cost that came after its goods, and how it was split."""

    number = models.CharField(max_length=20, unique=True)
    reason = models.TextField()
    amount = MoneyField()
    stock_value = MoneyField(help_text="added to what is still in stock")
    sold_value = MoneyField(help_text="added to the cost of what was sold")
    split_by = models.CharField(max_length=8)
    posting_id = models.BigIntegerField()
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="late_cost_parts_add_up", condition=Q(amount=F("stock_value") + F("sold_value"))
            ),
        ]


class LateCostShare(models.Model):
    """One receipt's share of a late cost."""

    late_cost = models.ForeignKey(LateCost, on_delete=models.PROTECT, related_name="shares", db_index=False)
    receipt_move_id = models.BigIntegerField()
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    stock_value = MoneyField()
    sold_value = MoneyField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="late_cost_receipt_once", fields=["late_cost", "receipt_move_id"]),
        ]
