"""Carton types of the house, and the cartons that a wave was planned to fill."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField, named


class CartonType(models.Model):
    """A carton that packers take: its inner sides, what it bears, what it weighs and costs. Named by its code."""

    code = models.CharField(max_length=20, unique=True, help_text="as printed on the rack and on its barcode")
    name = models.CharField(max_length=80, blank=True, default="", db_default="")
    length_mm = models.IntegerField(help_text="inside")
    width_mm = models.IntegerField(help_text="inside")
    height_mm = models.IntegerField(help_text="inside")
    max_weight_g = models.IntegerField(help_text="of the goods")
    tare_g = models.IntegerField(default=0, db_default=0, help_text="of the empty carton")
    cost = UnitCostField(default=0, db_default=0)
    is_active = models.BooleanField(default=True, db_default=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="carton_type_has_room",
                condition=Q(length_mm__gt=0, width_mm__gt=0, height_mm__gt=0, max_weight_g__gt=0),
            ),
            models.CheckConstraint(name="carton_type_not_negative", condition=Q(tare_g__gte=0, cost__gte=0)),
            models.CheckConstraint(name="carton_type_code_upper", condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9._-]*$")),
        ]


class PlannedCarton(models.Model):
    """A carton as it was planned when a wave was released. No type: the goods travel in their own box."""

    wave = models.ForeignKey("fulfilment.Wave", on_delete=models.PROTECT, related_name="+", db_constraint=False)
    order = named("sales.Order", db_index=True)
    number = models.IntegerField(help_text="1 is packed first")
    carton_type = models.ForeignKey(
        CartonType, on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    weight_g = models.IntegerField(help_text="goods and carton")
    filled = models.IntegerField(help_text="permille of the carton's room")
    freight = MoneyField(null=True, help_text="to send it alone, as it was known at the release; empty = not known")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="planned_carton_once", fields=["wave", "order", "number"]),
            models.CheckConstraint(
                name="planned_carton_filled", condition=Q(filled__gte=0, filled__lte=1000, number__gt=0)
            ),
        ]


class PlannedCartonLine(models.Model):
    """Units of an item that are to go into a planned carton."""

    carton = models.ForeignKey(PlannedCarton, on_delete=models.CASCADE, related_name="lines")
    item = named("catalog.Item")
    units = UnitsField()

    class Meta:
        constraints = [models.CheckConstraint(name="planned_carton_line_units_positive", condition=Q(units__gt=0))]
