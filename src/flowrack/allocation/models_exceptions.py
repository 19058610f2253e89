"""Promises that cannot hold."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flowrack.platform.fields import UnitsField


class PromiseException(models.Model):
    """A customer order line whose cover slipped beyond its promise, or on whose promised day nothing leaves any more,
    until somebody closes it or it is over."""

    order_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+")
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.PROTECT, related_name="+", null=True)
    promised_on = models.DateField()
    covered_before = models.DateField(null=True, help_text="by when all its waiting units were covered; empty = not")
    covered_on = models.DateField(null=True, help_text="by when they are covered now; empty = not all of them")
    arrives_on = models.DateField(null=True, help_text="when they arrive then; empty = nobody said")
    days_late = models.IntegerField(null=True, help_text="of the arrival; empty = by the day on which they leave")
    units = UnitsField(help_text="that come after the promise, or not at all")
    reason = models.CharField(max_length=300)
    by_calendar = models.BooleanField(
        default=False, db_default=False, help_text="nothing leaves on the promised day; else the goods come too late"
    )
    raised_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=200, default="", help_text="what was done, or why it is over")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="promise_exception_one_open", fields=["order_line"], condition=Q(closed_at=None)
            ),
            models.CheckConstraint(name="promise_exception_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(
                name="promise_exception_closed_says_who",
                condition=Q(closed_at=None, closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(closing="")),
            ),
        ]
