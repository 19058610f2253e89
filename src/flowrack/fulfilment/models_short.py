"""Short picks: what was not found and where the rest comes from. Put-backs: what of an order goes back to its bins."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.fulfilment.models_lists import PickList
from flowrack.platform.fields import UnitsField, named


class ShortPick(models.Model):
    """Units of a pick that were not found. They are in doubt for that pick until the bin is counted."""

    pick = named("fulfilment.PickLine", help_text="for which the units are in doubt")
    rest = models.ForeignKey(
        "fulfilment.PickLine", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False,
        help_text="the pick that is short: the same, or what was split off when some were found",
    )  # fmt: skip
    pick_list = named(PickList, db_index=True)
    order_line = named("sales.OrderLine", db_index=True)
    units = UnitsField(help_text="that were not found")
    elsewhere_units = UnitsField(help_text="of the item, from another bin")
    replaced_units = UnitsField(help_text="for which another item is sent")
    policy = models.CharField(max_length=12, help_text="where the rest was to come from")
    why = models.CharField(max_length=300, default="", db_default="", help_text="why nothing is sent instead")
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    told_at = models.DateTimeField()
    found_by = named(settings.AUTH_USER_MODEL, null=True)
    found_at = models.DateTimeField(null=True, help_text="when the picker found it after all")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="short_pick_once", fields=["rest"], condition=Q(found_at=None)),
            models.CheckConstraint(
                name="short_pick_adds_up",
                condition=Q(units__gt=0, elsewhere_units__gte=0, replaced_units__gte=0)
                & Q(units__gte=F("elsewhere_units") + F("replaced_units")),
            ),
            models.CheckConstraint(
                name="short_pick_found_by_whom",
                condition=Q(found_at=None, found_by=None) | Q(found_at__isnull=False, found_by__isnull=False),
            ),
        ]


class ShortRest(models.Model):
    """A pick that was made of the rest of a short one; `replaces` units of the ordered item, 0 = it is that item."""

    short = models.ForeignKey(ShortPick, on_delete=models.CASCADE, related_name="rests")
    pick = named("fulfilment.PickLine", db_index=True)
    replaces = UnitsField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(name="short_rest_once", fields=["short", "pick"])]


class PutBack(models.Model):
    """Somebody asked for what is picked of an order; when the last of it is back, the order may be cancelled."""

    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="+")
    cancels = models.BooleanField(help_text="the order is cancelled when all is back")
    reason = models.CharField(max_length=200, default="", db_default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    back_at = models.DateTimeField(null=True, help_text="when the last of it was back")
    outcome = models.CharField(max_length=200, default="", db_default="", help_text="what became of the order then")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="put_back_one_on_the_way", fields=["order"], condition=Q(back_at=None)),
            models.CheckConstraint(name="put_back_cancel_says_why", condition=Q(cancels=False) | ~Q(reason="")),
        ]
