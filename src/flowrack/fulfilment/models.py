"""Waves, picks and cartons."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from flowrack.fulfilment.models_cartons import CartonType, PlannedCarton, PlannedCartonLine
from flowrack.fulfilment.models_lists import Cart, PickList, PickListTote, PickListWalk, PickPolicy
from flowrack.fulfilment.models_packing import CartonWeighing, PackRule
from flowrack.fulfilment.models_short import PutBack, ShortPick, ShortRest
from flowrack.fulfilment.states import Checked, PickState
from flowrack.platform.fields import UnitsField, named

__all__ = [
    "Cart",
    "Carton",
    "CartonLine",
    "CartonType",
    "CartonWeighing",
    "PackRule",
    "PickLine",
    "PickList",
    "PickListTote",
    "PickListWalk",
    "PickPolicy",
    "PlannedCarton",
    "PlannedCartonLine",
    "PutBack",
    "ShortPick",
    "ShortRest",
    "Wave",
]


class Wave(models.Model):
    """Picks that were given to the floor together."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    staging = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", db_index=False)
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )


class PickLine(models.Model):
    """Units to take from one cell for one order line. Done in one go; what is left of it becomes a new row."""

    wave = models.ForeignKey(Wave, on_delete=models.PROTECT, related_name="picks", db_index=False, db_constraint=False)
    sequence = models.IntegerField(help_text="walking order within the wave")
    pick_list = named(PickList)
    place = models.IntegerField(help_text="walking order within the list")
    order = named("sales.Order", db_index=True)
    order_line = named("sales.OrderLine")
    item = named("catalog.Item")
    lot = named("catalog.Lot")
    cell_id = models.BigIntegerField(help_text="the ledger's cell that is reserved for it")
    location = named("locations.Location")
    lpn = named("locations.Lpn")
    units = UnitsField()
    state = models.CharField(max_length=10, default="open")
    tote = named("locations.Lpn", null=True)
    posting_id = models.BigIntegerField(null=True)
    done_by = named(settings.AUTH_USER_MODEL, null=True)
    done_at = models.DateTimeField(null=True)
    short_units = models.BigIntegerField(null=True, help_text="units that were not found")
    short_reason = models.CharField(max_length=20, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="pick_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="pick_state_known", condition=Q(state__in=[str(one) for one in PickState])),
            models.CheckConstraint(
                name="pick_done_has_posting",
                condition=~Q(state__in=["picked", "going_back"]) | Q(posting_id__isnull=False, tote__isnull=False),
            ),
            models.CheckConstraint(
                name="pick_short_says_why",
                condition=~Q(state="short") | (Q(short_units__gt=0, short_units__lte=F("units")) & ~Q(short_reason="")),
            ),
        ]
        indexes = [
            models.Index(name="pick_of_wave", fields=["wave", "sequence"]),
            models.Index(name="pick_of_list", fields=["pick_list", "place"]),
            models.Index(name="pick_short_at", fields=["location", "item"], condition=Q(short_units__gt=0)),
            models.Index(name="pick_of_cell", fields=["cell_id"]),
            models.Index(name="pick_going_back", fields=["tote"], condition=Q(state="going_back")),
        ]


class Carton(models.Model):
    """A packed LPN of one order, with its SSCC."""

    lpn = models.OneToOneField("locations.Lpn", on_delete=models.PROTECT, related_name="+")
    sscc = models.CharField(max_length=18, unique=True)
    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, default="packed")
    weight_g = models.IntegerField(default=0)
    carton_type = models.ForeignKey(
        CartonType, on_delete=models.PROTECT, related_name="+", null=True, db_index=False, help_text="empty = not said"
    )
    planned_type = models.ForeignKey(
        CartonType, on_delete=models.PROTECT, related_name="+", null=True, db_index=False, help_text="what was planned"
    )
    packed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    packed_at = models.DateTimeField()
    posting_id = models.BigIntegerField()
    checked = models.CharField(
        max_length=8, default="", db_default="", blank=True, help_text="how its content was checked; empty = not at all"
    )
    filled = models.IntegerField(null=True, help_text="permille of its room; empty = not known")
    changed_at = models.DateTimeField(db_default=Now(), help_text="when what is in it was last changed")

    class Meta:
        constraints = [
            models.CheckConstraint(name="carton_state_known", condition=Q(state__in=["packed", "shipped", "unpacked"])),
            models.CheckConstraint(
                name="carton_checked_known", condition=Q(checked__in=["", *[str(one) for one in Checked]])
            ),
        ]


class CartonLine(models.Model):
    """What was verified into a carton."""

    carton = models.ForeignKey(Carton, on_delete=models.PROTECT, related_name="lines", db_constraint=False)
    order_line = named("sales.OrderLine")
    item = named("catalog.Item")
    lot = named("catalog.Lot")
    units = UnitsField()

    class Meta:
        constraints = [models.CheckConstraint(name="carton_line_units_positive", condition=Q(units__gt=0))]
