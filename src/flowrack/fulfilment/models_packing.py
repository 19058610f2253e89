"""How packing is proved: rules of weight and checking, and every weighing of a carton."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class PackRule(models.Model):
    """How packing is proved at a site for a customer; empty is all."""

    site = models.ForeignKey("locations.Site", on_delete=models.CASCADE, related_name="+", null=True, db_index=False)
    customer = models.ForeignKey("parties.Party", on_delete=models.CASCADE, related_name="+", null=True, db_index=False)
    tolerance_permille = models.IntegerField(default=20)
    least_g = models.IntegerField(default=10)
    must_weigh = models.BooleanField(default=False)
    must_check = models.BooleanField(default=True, db_default=True)
    unchecked_reason = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="why cartons are closed without a check"
    )
    prints_slip = models.BooleanField(
        default=False, db_default=False, help_text="the packing slip, with the label of the last carton"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pack_rule_once", fields=["site", "customer"], nulls_distinct=False),
            models.CheckConstraint(
                name="pack_rule_tolerance",
                condition=Q(tolerance_permille__gte=0, tolerance_permille__lte=500, least_g__gte=0),
            ),
            models.CheckConstraint(
                name="pack_rule_unchecked_says_why", condition=Q(must_check=True) ^ ~Q(unchecked_reason="")
            ),
        ]


class CartonWeighing(models.Model):
    """One weighing of a carton beside what its content should weigh; also that a person let it go. Written once."""

    carton = models.ForeignKey("fulfilment.Carton", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    expected_g = models.IntegerField(null=True, help_text="empty = something in it was never weighed")
    weight_g = models.IntegerField()
    tolerance_g = models.IntegerField(default=0)
    state = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    photo = models.CharField(max_length=64, blank=True, default="", db_default="")
    weighed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    weighed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="carton_weighing_state_known", condition=Q(state__in=["ok", "off", "accepted", "unknown"])
            ),
            models.CheckConstraint(name="carton_weighing_positive", condition=Q(weight_g__gt=0)),
            models.CheckConstraint(
                name="carton_weighing_accepted_says_why", condition=~Q(state="accepted") | ~Q(reason="")
            ),
        ]
