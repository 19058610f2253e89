"""Tables of the floor: where walks begin and end, aisles, and places that were measured one by one."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.walks.types import Heading, OneWay

FARTHEST = 10_000_000  # 10 km


def _near(column: str) -> Q:
    return Q(**{f"{column}__gte": -FARTHEST, f"{column}__lte": FARTHEST})


class Floor(models.Model):
    """The floor of a site that somebody measured: where walks begin and end. Its version grows with every change."""

    site = models.OneToOneField("locations.Site", on_delete=models.PROTECT, related_name="+")
    start_x_mm = models.IntegerField()
    start_y_mm = models.IntegerField()
    end_x_mm = models.IntegerField()
    end_y_mm = models.IntegerField()
    version = models.IntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="floor_ends_near",
                condition=_near("start_x_mm") & _near("start_y_mm") & _near("end_x_mm") & _near("end_y_mm"),
            ),
        ]


class Aisle(models.Model):
    """A straight way of a floor, between racks or across them."""

    floor = models.ForeignKey(Floor, on_delete=models.CASCADE, related_name="aisles")
    zone = models.ForeignKey("locations.Zone", on_delete=models.PROTECT, related_name="+", null=True)
    code = models.CharField(max_length=10)
    is_cross = models.BooleanField(default=False, db_default=False)
    x_mm = models.IntegerField()
    y_mm = models.IntegerField()
    heading = models.CharField(max_length=5)
    length_mm = models.IntegerField()
    width_mm = models.IntegerField(default=3_000, db_default=3_000)
    bay_mm = models.IntegerField(default=0, db_default=0)
    first_bay_mm = models.IntegerField(default=0, db_default=0)
    one_way = models.CharField(max_length=8, default=OneWay.BOTH, db_default=OneWay.BOTH)
    most_people = models.IntegerField(default=0, db_default=0, help_text="0 = no limit")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="aisle_once_per_floor", fields=["floor", "zone", "code"], nulls_distinct=False
            ),
            models.CheckConstraint(name="aisle_heading_known", condition=Q(heading__in=list(Heading))),
            models.CheckConstraint(name="aisle_one_way_known", condition=Q(one_way__in=list(OneWay))),
            models.CheckConstraint(
                name="aisle_cross_has_no_zone",
                condition=Q(is_cross=True, zone=None, bay_mm=0) | Q(is_cross=False, zone__isnull=False, bay_mm__gt=0),
            ),
            models.CheckConstraint(
                name="aisle_measures_fit",
                condition=_near("x_mm") & _near("y_mm") & Q(length_mm__gt=0, length_mm__lte=FARTHEST, width_mm__gt=0)
                & Q(first_bay_mm__gte=0, first_bay_mm__lte=FARTHEST, bay_mm__lte=FARTHEST, most_people__gte=0),
            ),
        ]  # fmt: skip


class MeasuredPlace(models.Model):
    """The point of a place that lies in no aisle: a door, a staging place, a floor place."""

    floor = models.ForeignKey(Floor, on_delete=models.CASCADE, related_name="places")
    location = models.OneToOneField("locations.Location", on_delete=models.PROTECT, related_name="+")
    x_mm = models.IntegerField()
    y_mm = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="measured_place_near", condition=_near("x_mm") & _near("y_mm")),
        ]
