"""Urgent orders: who asked, who gave way, and what the customers are told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from flowrack.allocation.states_displacement import NoticeState, PriorityState
from flowrack.platform.fields import MoneyField, UnitsField


class PriorityRequest(models.Model):
    """An order that somebody called urgent."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    value = MoneyField(help_text="price of the units that were to be allowed")
    outcome = models.CharField(max_length=300, default="", db_default="", help_text="what changed until the verdict")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="priority_one_waits_per_order", fields=["order"], condition=Q(state=PriorityState.WAITING)
            ),
            models.CheckConstraint(name="priority_state_known", condition=Q(state__in=list(PriorityState))),
            models.CheckConstraint(name="priority_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="priority_ended_says_when",
                condition=Q(state=PriorityState.WAITING, ended_at=None)
                | (~Q(state=PriorityState.WAITING) & Q(ended_at__isnull=False)),
            ),
        ]


class Displacement(models.Model):
    """Units that one line gave, or is asked to give, to an urgent one."""

    request = models.ForeignKey(PriorityRequest, on_delete=models.PROTECT, related_name="displacements")
    to_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+", db_index=False)
    from_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+")
    units = UnitsField(help_text="asked for")
    moved_units = UnitsField(help_text="that really moved")
    is_automatic = models.BooleanField(help_text="nobody was worse off by it")
    promised_on = models.DateField(help_text="the promise before")
    leaves_on = models.DateField(null=True, help_text="when the last of them can leave; empty = no cover")
    value = MoneyField(help_text="price of the units")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="displacement_once", fields=["request", "to_line", "from_line", "is_automatic"]
            ),
            models.CheckConstraint(name="displacement_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(
                name="displacement_moved_within", condition=Q(moved_units__gte=0, moved_units__lte=models.F("units"))
            ),
        ]


class CustomerNotice(models.Model):
    """A letter to a customer whose promise moved: drafted by Flowrack, sent by a person."""

    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="+")
    order_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+", db_index=False)
    request = models.ForeignKey(
        PriorityRequest,
        on_delete=models.PROTECT,
        related_name="notices",
        db_index=False,
        null=True,
        help_text="the urgent order that took the goods; none where a person moved the day",
    )
    text = models.TextField()
    state = models.CharField(max_length=10, default=NoticeState.DRAFT)
    drafted_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="notice_state_known", condition=Q(state__in=list(NoticeState))),
            models.CheckConstraint(
                name="notice_settled_says_who",
                condition=Q(state=NoticeState.DRAFT, settled_by=None, settled_at=None)
                | (~Q(state=NoticeState.DRAFT) & Q(settled_by__isnull=False, settled_at__isnull=False)),
            ),
        ]
