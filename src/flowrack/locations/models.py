"""Tables of places: sites, zones, locations and the license plates that move between them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.locations.types import ACCOUNTS, CLIMATES, HAZARD_CLASSES, STORAGE_CLASSES, Kind, LpnKind, Role

CODE = r"^[A-Za-z0-9][A-Za-z0-9._/-]*$"


class Site(models.Model):
    """A building or yard with stock; its virtual locations are made with it."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=160)
    timezone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    country = models.CharField(max_length=2, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)
    version = models.IntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField(db_default=Now())
    layout_version = models.BigIntegerField(
        default=0, db_default=0, help_text="grows whenever a place of the site is made or changed"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="site_code_plain", condition=Q(code__regex=CODE)),
            models.CheckConstraint(
                name="site_country_is_iso", condition=Q(country="") | Q(country__regex="^[A-Z]{2}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Zone(models.Model):
    """A part of a site with one purpose: its role is the state of the stock that lies there."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="zones")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=160)
    role = models.CharField(max_length=16)
    is_active = models.BooleanField(default=True, db_default=True)
    version = models.IntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="zone_code_once_per_site", fields=["site", "code"]),
            models.UniqueConstraint(name="zone_key_for_locations", fields=["id", "site", "role"]),
            models.CheckConstraint(name="zone_role_known", condition=Q(role__in=list(Role))),
            models.CheckConstraint(name="zone_code_plain", condition=Q(code__regex=CODE)),
        ]

    def __str__(self) -> str:
        return self.code


class Location(models.Model):
    """A place where stock can be: a bin, a door, a staging place, or a virtual place such as SUPPLIER.

    Site and role are copied from the zone so that the ledger needs no join; a foreign key over (zone, site, role)
    keeps the copy true.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="locations")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, null=True, blank=True, related_name="locations")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, default=Kind.BIN, db_default=Kind.BIN)
    role = models.CharField(max_length=16, blank=True, default="", db_default="")
    account = models.CharField(max_length=12, default="inventory", db_default="inventory")
    is_virtual = models.BooleanField(default=False, db_default=False)
    pick_sequence = models.BigIntegerField(default=0, db_default=0)
    aisle = models.CharField(max_length=10, blank=True, default="", db_default="")
    bay = models.CharField(max_length=10, blank=True, default="", db_default="")
    level = models.CharField(max_length=10, blank=True, default="", db_default="")
    slot = models.CharField(max_length=10, blank=True, default="", db_default="")
    max_volume_ml = models.BigIntegerField(null=True, blank=True)
    max_weight_g = models.BigIntegerField(null=True, blank=True)
    max_lpns = models.IntegerField(null=True, blank=True)
    temperature = models.CharField(max_length=8, default="ambient", db_default="ambient")
    hazard_classes = ArrayField(
        models.CharField(max_length=1), default=list, db_default=[], blank=True, help_text="UN classes allowed here"
    )
    max_height_mm = models.IntegerField(null=True, blank=True)
    max_beam_weight_g = models.BigIntegerField(
        null=True, blank=True, help_text="what the beam carries: all places of this level of the bay together"
    )
    storage_classes = ArrayField(
        models.CharField(max_length=16), default=list, db_default=[], blank=True, help_text="empty = all"
    )
    is_active = models.BooleanField(default=True, db_default=True)
    blocked_reason = models.CharField(max_length=160, blank=True, default="", db_default="")
    version = models.IntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="location_code_once_per_site", fields=["site", "code"]),
            models.CheckConstraint(name="location_code_plain", condition=Q(code__regex=CODE)),
            models.CheckConstraint(name="location_kind_known", condition=Q(kind__in=list(Kind))),
            models.CheckConstraint(name="location_role_known", condition=Q(role__in=["", *Role])),
            models.CheckConstraint(name="location_account_known", condition=Q(account__in=ACCOUNTS)),
            models.CheckConstraint(
                name="location_virtual_has_no_zone",
                condition=Q(kind="virtual", zone=None) | (~Q(kind="virtual") & Q(zone__isnull=False)),
            ),
            models.CheckConstraint(
                name="location_physical_has_role",
                condition=Q(is_virtual=True, kind="virtual", role="") | (Q(is_virtual=False) & ~Q(role="")),
            ),
            models.CheckConstraint(
                name="location_goods_are_inventory",
                condition=Q(kind="virtual") | Q(account="inventory"),
            ),
            models.CheckConstraint(
                name="location_limits_positive",
                condition=(Q(max_volume_ml=None) | Q(max_volume_ml__gt=0))
                & (Q(max_weight_g=None) | Q(max_weight_g__gt=0))
                & (Q(max_lpns=None) | Q(max_lpns__gt=0))
                & (Q(max_height_mm=None) | Q(max_height_mm__gt=0))
                & (Q(max_beam_weight_g=None) | Q(max_beam_weight_g__gt=0)),
            ),
            models.CheckConstraint(
                name="location_storage_classes_known",
                condition=Q(storage_classes__contained_by=list(STORAGE_CLASSES)),
            ),
            models.CheckConstraint(name="location_temperature_known", condition=Q(temperature__in=CLIMATES)),
            models.CheckConstraint(
                name="location_hazard_classes_known", condition=Q(hazard_classes__contained_by=list(HAZARD_CLASSES))
            ),
        ]
        indexes = [
            models.Index(name="location_walk", fields=["site", "role", "pick_sequence", "id"]),
            models.Index(name="location_zone", fields=["zone", "pick_sequence"]),
            models.Index(
                name="location_beam",
                fields=["zone", "aisle", "bay", "level"],
                condition=Q(max_beam_weight_g__isnull=False) & ~Q(bay=""),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Lpn(models.Model):
    """A license plate: a pallet, carton or tote that is moved as one. Row 0 means "loose" and has no site."""

    code = models.CharField(max_length=40, unique=True, help_text="SSCC of 18 digits, or a code of the house")
    kind = models.CharField(max_length=8, default=LpnKind.PALLET, db_default=LpnKind.PALLET)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, related_name="lpns")
    created_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="lpn_kind_known", condition=Q(kind__in=list(LpnKind))),
            models.CheckConstraint(
                name="lpn_zero_has_no_site",
                condition=Q(id=0, site=None, code="") | Q(id__gt=0, site__isnull=False, code__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SsccRange(models.Model):
    """Our GS1 company prefix, from which SSCCs are numbered; one is in use.

    A new installation starts with 952, which GS1 keeps for demonstrations, until the company enters its own.
    """

    prefix = models.CharField(max_length=12, unique=True)
    extension = models.SmallIntegerField(default=0, db_default=0)
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sscc_range_one_active", fields=["is_active"], condition=Q(is_active=True)),
            models.CheckConstraint(name="sscc_prefix_digits", condition=Q(prefix__regex=r"^\d{4,12}$")),
            models.CheckConstraint(name="sscc_extension_digit", condition=Q(extension__gte=0, extension__lte=9)),
        ]
