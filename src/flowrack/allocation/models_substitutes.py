"""What customers say of substitutes, and what waits for somebody's consent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.allocation.states_displacement import PriorityState
from flowrack.platform.fields import MoneyField, UnitsField


class SubstituteConsent(models.Model):
    """A customer takes, or never takes, one item instead of another. Rows are ended, never changed."""

    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    replaces_with = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    takes = models.BooleanField()
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="consent_one_in_force", fields=["customer", "item", "replaces_with"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(name="consent_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(name="consent_is_of_another_item", condition=~Q(item=F("replaces_with"))),
        ]


class SubstituteRequest(models.Model):
    """Substitutes for a line that somebody must agree to."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    order_line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    margin_delta = MoneyField(null=True, help_text="against the same units of the ordered item; empty = not known")
    outcome = models.CharField(max_length=300, default="", db_default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="substitute_one_waits_per_line", fields=["order_line"], condition=Q(state=PriorityState.WAITING)
            ),
            models.CheckConstraint(name="substitute_state_known", condition=Q(state__in=list(PriorityState))),
            models.CheckConstraint(
                name="substitute_ended_says_when",
                condition=Q(state=PriorityState.WAITING, ended_at=None)
                | (~Q(state=PriorityState.WAITING) & Q(ended_at__isnull=False)),
            ),
        ]


class SubstitutePortion(models.Model):
    """Units of one substitute that a request asks for."""

    request = models.ForeignKey(SubstituteRequest, on_delete=models.PROTECT, related_name="portions")
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    units = UnitsField()
    replaces = UnitsField(help_text="units of the ordered item")
    asks = models.CharField(max_length=100, help_text="what somebody must agree to")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="portion_once", fields=["request", "item"]),
            models.CheckConstraint(name="portion_positive", condition=Q(units__gt=0, replaces__gt=0)),
        ]
