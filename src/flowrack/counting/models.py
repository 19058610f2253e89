"""Counting: bins to count, blind counts, what they found and how differences were settled."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.counting.states import TaskState
from flowrack.counting.types import Cause, Decision
from flowrack.platform.fields import MoneyField, UnitsField


class CountPolicy(models.Model):
    """How items of one velocity class are counted and approved."""

    velocity = models.CharField(max_length=1, unique=True)
    every_days = models.IntegerField()
    tolerance_percent = models.DecimalField(max_digits=6, decimal_places=3)
    tolerance_value = MoneyField()
    first_limit = MoneyField(help_text="up to here one approver is enough")
    second_limit = MoneyField(help_text="above, the last approver is one without limit")
    is_auto = models.BooleanField(help_text="small differences are posted without asking")
    needs_recount = models.BooleanField(default=True, help_text="larger ones need a count by a second person")

    class Meta:
        constraints = [
            models.CheckConstraint(name="count_policy_velocity_known", condition=Q(velocity__in=["A", "B", "C"])),
            models.CheckConstraint(
                name="count_policy_limits_in_order",
                condition=Q(every_days__gt=0, tolerance_percent__gte=0, tolerance_value__gte=0)
                & Q(first_limit__gte=F("tolerance_value"), second_limit__gte=F("first_limit")),
            ),
        ]


class CountTask(models.Model):
    """One bin to be counted."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=12, choices=[(c, c) for c in Cause])
    note = models.TextField(default="")
    state = models.CharField(max_length=12)
    due_on = models.DateField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    leased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    device = models.CharField(max_length=80, default="", db_default="", help_text="the device that took it along")
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="count_task_lease_is_whole",
                condition=Q(leased_by=None, lease_until=None, device="")
                | (Q(leased_by__isnull=False, lease_until__isnull=False) & ~Q(device="")),
            ),
            models.CheckConstraint(name="count_task_state_known", condition=Q(state__in=list(TaskState))),
            models.UniqueConstraint(
                name="count_task_one_open_per_bin",
                fields=["location"],
                condition=Q(state__in=["due", "counting", "review", "recount"]),
            ),
        ]
        indexes = [
            models.Index(
                name="count_task_open",
                fields=["site", "due_on"],
                condition=Q(state__in=["due", "counting", "review", "recount"]),
            ),
            models.Index(name="count_task_finished", fields=["site", "finished_at"], condition=Q(state="posted")),
        ]


class Count(models.Model):
    """One person's blind count of the bin of a task."""

    task = models.ForeignKey(CountTask, on_delete=models.PROTECT, related_name="counts", db_index=False)
    round_no = models.SmallIntegerField()
    counter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    opened_move_id = models.BigIntegerField(help_text="the ledger's last move when the count was opened")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="count_one_per_round", fields=["task", "round_no"]),
            models.UniqueConstraint(name="count_another_person_each_time", fields=["task", "counter"]),
        ]


class CountLine(models.Model):
    """What one count says of one kind of stock in the bin, beside the books. `counted_units` NULL is a blank."""

    count = models.ForeignKey(Count, on_delete=models.PROTECT, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False)
    lpn = models.ForeignKey("locations.Lpn", on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    quality = models.CharField(max_length=12)
    opened_units = UnitsField(help_text="in the books when the count was opened")
    expected_units = UnitsField(help_text="the balance of the books that the count is compared with")
    counted_units = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="count_line_once_per_kind", fields=["count", "item", "lot", "lpn", "owner", "quality"]
            ),
            models.CheckConstraint(
                name="count_line_not_negative", condition=Q(counted_units=None) | Q(counted_units__gte=0)
            ),
        ]


class Variance(models.Model):
    """One difference between a finished count and the books, and how it was settled."""

    task = models.ForeignKey(CountTask, on_delete=models.PROTECT, related_name="variances")
    line = models.OneToOneField(CountLine, on_delete=models.PROTECT, related_name="variance")
    units = UnitsField(help_text="counted minus expected; a blank counts as nothing seen once approved")
    value = MoneyField(help_text="at the item's present unit cost; the ledger's value once posted")
    is_blank = models.BooleanField(default=False)
    decision = models.CharField(max_length=12, choices=[(d, d) for d in Decision])
    reason = models.CharField(max_length=20, default="")
    first_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    second_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    posting_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="variance_two_different_approvers",
                condition=Q(second_approver=None) | ~Q(second_approver=F("first_approver")),
            ),
            models.CheckConstraint(
                name="variance_approved_by_somebody",
                condition=~Q(decision="approved") | Q(first_approver__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="variance_open", fields=["task"], condition=Q(decision="open")),
            models.Index(name="variance_decided", fields=["decided_at"]),
        ]
