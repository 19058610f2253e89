"""Tables of the catalogue: families, items, pack levels, barcodes, lots and substitutes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from flowrack.catalog.types import (
    HAZARD_CLASSES,
    Costing,
    Level,
    StorageClass,
    Temperature,
    Tracking,
    Velocity,
)
from flowrack.platform.fields import UnitCostField, UnitsField

TEXT: dict[str, Any] = {"blank": True, "default": "", "db_default": ""}


class Family(models.Model):
    """A group of items that people plan and report by."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)

    class Meta:
        verbose_name_plural = "families"

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """A thing that is stocked, with the rules by which it is kept, traced and valued."""

    sku = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=240)
    description = models.TextField(**TEXT)
    family = models.ForeignKey(Family, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    base_uom = models.CharField(max_length=20, default="each", db_default="each", help_text="name of one base unit")
    tracking = models.CharField(max_length=8, default=Tracking.NONE, db_default=Tracking.NONE)
    has_expiry = models.BooleanField(default=False, db_default=False)
    shelf_life_days = models.IntegerField(null=True, blank=True, help_text="from making to expiry")
    best_before_days = models.IntegerField(null=True, blank=True, help_text="days before expiry")
    removal_days = models.IntegerField(
        null=True, blank=True, help_text="days before expiry when it leaves the pick face"
    )
    alert_days = models.IntegerField(null=True, blank=True, help_text="days before expiry when people are told")
    costing = models.CharField(max_length=12, default=Costing.FIFO, db_default=Costing.FIFO)
    standard_cost = UnitCostField(null=True, blank=True)
    list_price = UnitCostField(null=True, blank=True)
    storage_class = models.CharField(max_length=16, default=StorageClass.GENERAL, db_default=StorageClass.GENERAL)
    hazard_class = models.CharField(max_length=1, help_text="UN class 1-9", **TEXT)
    hazard_division = models.CharField(max_length=4, help_text="UN division, e.g. 2.1", **TEXT)
    is_limited_quantity = models.BooleanField(
        default=False, db_default=False, help_text="packed as limited quantity of its hazard class"
    )
    temperature = models.CharField(max_length=8, default=Temperature.AMBIENT, db_default=Temperature.AMBIENT)
    velocity = models.CharField(max_length=1, default=Velocity.C, db_default=Velocity.C)
    origin_country = models.CharField(max_length=2, help_text="ISO 3166 code", **TEXT)
    hs_code = models.CharField(max_length=12, help_text="customs tariff number, digits only", **TEXT)
    keep_upright = models.BooleanField(default=False, db_default=False, help_text="packed only with its top up")
    bears_g = models.BigIntegerField(
        null=True, blank=True, help_text="weight that may stand on one unit in a carton, in g; empty = any"
    )
    steward = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reorder_point = UnitsField(null=True, blank=True)  # type: ignore[misc]
    order_up_to = UnitsField(null=True, blank=True)  # type: ignore[misc]
    is_active = models.BooleanField(default=True, db_default=True)
    version = models.IntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(name="item_sku_not_blank", condition=Q(sku__regex=r"^\S(.*\S)?$")),
            models.CheckConstraint(name="item_name_not_blank", condition=~Q(name="")),
            models.CheckConstraint(name="item_tracking_known", condition=Q(tracking__in=list(Tracking))),
            models.CheckConstraint(name="item_expiry_needs_lots", condition=Q(has_expiry=False) | ~Q(tracking="none")),
            models.CheckConstraint(
                name="item_shelf_life_positive", condition=Q(shelf_life_days=None) | Q(shelf_life_days__gt=0)
            ),
            models.CheckConstraint(
                name="item_expiry_days_not_negative",
                condition=(Q(best_before_days=None) | Q(best_before_days__gte=0))
                & (Q(removal_days=None) | Q(removal_days__gte=0))
                & (Q(alert_days=None) | Q(alert_days__gte=0)),
            ),
            models.CheckConstraint(name="item_costing_known", condition=Q(costing__in=list(Costing))),
            models.CheckConstraint(
                name="item_standard_needs_cost", condition=~Q(costing="standard") | Q(standard_cost__isnull=False)
            ),
            models.CheckConstraint(
                name="item_lot_actual_needs_lots", condition=~Q(costing="lot_actual") | ~Q(tracking="none")
            ),
            models.CheckConstraint(
                name="item_money_not_negative",
                condition=(Q(standard_cost=None) | Q(standard_cost__gte=0))
                & (Q(list_price=None) | Q(list_price__gte=0)),
            ),
            models.CheckConstraint(name="item_storage_class_known", condition=Q(storage_class__in=list(StorageClass))),
            models.CheckConstraint(name="item_hazard_class_known", condition=Q(hazard_class__in=["", *HAZARD_CLASSES])),
            models.CheckConstraint(
                name="item_hazard_division_of_class",
                condition=Q(hazard_division="") | Q(hazard_division__startswith=F("hazard_class"), hazard_class__gt=""),
            ),
            models.CheckConstraint(
                name="item_limited_quantity_of_hazard", condition=Q(is_limited_quantity=False) | Q(hazard_class__gt="")
            ),
            models.CheckConstraint(name="item_temperature_known", condition=Q(temperature__in=list(Temperature))),
            models.CheckConstraint(name="item_velocity_known", condition=Q(velocity__in=list(Velocity))),
            models.CheckConstraint(
                name="item_country_is_iso", condition=Q(origin_country="") | Q(origin_country__regex=r"^[A-Z]{2}$")
            ),
            models.CheckConstraint(name="item_bears_not_negative", condition=Q(bears_g=None) | Q(bears_g__gte=0)),
            models.CheckConstraint(
                name="item_hs_code_digits", condition=Q(hs_code="") | Q(hs_code__regex=r"^\d{6,12}$")
            ),
            models.CheckConstraint(
                name="item_reorder_levels_ordered",
                condition=(Q(reorder_point=None) | Q(reorder_point__gte=0))
                & (Q(order_up_to=None) | Q(order_up_to__gte=0))
                & (Q(reorder_point=None) | Q(order_up_to=None) | Q(order_up_to__gte=F("reorder_point"))),
            ),
        ]
        indexes = [GinIndex(name="item_name_part", fields=["name"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class PackLevel(models.Model):
    """One level of an item's packaging tree: how many base units it holds, its GTIN, size and weight."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="packs")
    level = models.CharField(max_length=6)
    name = models.CharField(max_length=40, help_text="what people call it; empty = the level's name", **TEXT)
    factor = UnitsField(help_text="base units in one pack")
    gtin = models.CharField(max_length=14, null=True, blank=True, unique=True, help_text="as 14 digits")
    length_mm = models.IntegerField(null=True, blank=True)
    width_mm = models.IntegerField(null=True, blank=True)
    height_mm = models.IntegerField(null=True, blank=True)
    weight_g = models.BigIntegerField(null=True, blank=True)
    tie = models.IntegerField(null=True, blank=True, help_text="cases in one layer")
    high = models.IntegerField(null=True, blank=True, help_text="layers on one pallet")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pack_level_once_per_item", fields=["item", "level"]),
            models.CheckConstraint(name="pack_level_known", condition=Q(level__in=list(Level))),
            models.CheckConstraint(name="pack_factor_positive", condition=Q(factor__gt=0)),
            models.CheckConstraint(name="pack_each_is_one", condition=~Q(level="each") | Q(factor=1)),
            models.CheckConstraint(
                name="pack_sizes_positive",
                condition=(Q(length_mm=None) | Q(length_mm__gt=0))
                & (Q(width_mm=None) | Q(width_mm__gt=0))
                & (Q(height_mm=None) | Q(height_mm__gt=0))
                & (Q(weight_g=None) | Q(weight_g__gt=0))
                & (Q(tie=None) | Q(tie__gt=0))
                & (Q(high=None) | Q(high__gt=0)),
            ),
        ]


class Barcode(models.Model):
    """Another code by which an item is known: a supplier's or customer's code, an old label."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="barcodes")
    code = models.CharField(max_length=80)
    factor = UnitsField(default=1, db_default=1, help_text="base units that one scan stands for")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="barcode_once_per_item", fields=["item", "code"]),
            models.CheckConstraint(name="barcode_not_blank", condition=Q(code__regex=r"^\S(.*\S)?$")),
            models.CheckConstraint(name="barcode_factor_positive", condition=Q(factor__gt=0)),
        ]
        indexes = [models.Index(name="barcode_code", fields=["code"])]


class Lot(models.Model):
    """A batch of one item, or one serial number of it. Row 0 means "no lot" and belongs to no item."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="lots")
    code = models.CharField(max_length=60)
    is_serial = models.BooleanField(default=False, db_default=False)
    made_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="lot_code_once_per_item", fields=["item", "code"]),
            models.CheckConstraint(
                name="lot_zero_has_no_item",
                condition=Q(id=0, item=None, code="", is_serial=False, expires_on=None)
                | Q(id__gt=0, item__isnull=False, code__gt=""),
            ),
            models.CheckConstraint(
                name="lot_made_before_expiry",
                condition=Q(made_on=None) | Q(expires_on=None) | Q(expires_on__gte=F("made_on")),
            ),
        ]
        indexes = [models.Index(name="lot_code", fields=["code"])]

    def __str__(self) -> str:
        return self.code


class Substitute(models.Model):
    """`replaces_with` may be sent instead of `item`: num units of it for den units; one direction only."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="substitutes")
    replaces_with = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    ratio_num = models.IntegerField(default=1, db_default=1)
    ratio_den = models.IntegerField(default=1, db_default=1)
    needs_consent = models.BooleanField(default=True, db_default=True)
    multiple = UnitsField(default=1, db_default=1, help_text="units of the substitute in a pack that is not opened")
    is_price_protected = models.BooleanField(default=False, db_default=False, help_text="billed at the item's price")
    excluded_tiers = ArrayField(
        models.CharField(max_length=1), default=list, db_default=[], blank=True, help_text="only with approval"
    )
    priority = models.IntegerField(default=100, db_default=100, help_text="the smallest is offered first")
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="substitute_multiple_positive", condition=Q(multiple__gt=0)),
            models.CheckConstraint(
                name="substitute_tiers_known", condition=Q(excluded_tiers__contained_by=["A", "B", "C"])
            ),
            models.CheckConstraint(
                name="substitute_days_in_order",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            ),
            models.UniqueConstraint(name="substitute_once_per_pair", fields=["item", "replaces_with"]),
            models.CheckConstraint(name="substitute_is_another_item", condition=~Q(item=F("replaces_with"))),
            models.CheckConstraint(name="substitute_ratio_positive", condition=Q(ratio_num__gt=0, ratio_den__gt=0)),
        ]
