"""Tables of loads: the truck, its stops and orders, what is on it and what stayed behind."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import UnitsField, named
from flowrack.shipping.states import LoadState
from flowrack.shipping.types_along import HoldEnd
from flowrack.shipping.types_loads import CALLED_OFF, Behind, CarrierElse, PastCutOff, StopOrder

TEXT: dict[str, Any] = {"default": "", "db_default": ""}


class Load(models.Model):
    """What leaves on one truck from one door."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, default=LoadState.OPEN)
    door = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", null=True)
    carrier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    trailer = models.CharField(max_length=40, **TEXT)
    driver = models.CharField(max_length=80, **TEXT)
    cut_off_at = models.DateTimeField(null=True, help_text="when the carrier leaves without what is not on")
    max_weight_g = models.BigIntegerField(default=0, db_default=0, help_text="0 = not known")
    max_volume_ml = models.BigIntegerField(default=0, db_default=0, help_text="0 = not known")
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    left_at = models.DateTimeField(null=True)
    seal = models.CharField(max_length=40, **TEXT)
    signed_by = models.CharField(max_length=120, **TEXT)
    signature = models.CharField(max_length=64, help_text="digest of the picture", **TEXT)
    signed_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, **TEXT)
    carrier_reason = models.CharField(max_length=200, help_text="why it takes orders of another carrier", **TEXT)

    class Meta:
        constraints = [
            models.CheckConstraint(name="load_state_known", condition=Q(state__in=list(LoadState))),
            models.UniqueConstraint(name="load_one_at_a_door", fields=["door"], condition=Q(state="loading")),
            models.CheckConstraint(
                name="load_at_its_door", condition=~Q(state="loading") | Q(door__isnull=False, started_at__isnull=False)
            ),
            models.CheckConstraint(
                name="load_closed_says_when",
                condition=~Q(state__in=["closed", "left"]) | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(name="load_limits", condition=Q(max_weight_g__gte=0, max_volume_ml__gte=0)),
        ]
        indexes = [
            models.Index(name="load_live", fields=["site", "id"], condition=Q(state__in=["open", "loading", "closed"]))
        ]


class LoadStop(models.Model):
    """An address at which the truck is unloaded, or a site of ours; 1 is the first. Filled in the other direction."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="stops", db_index=False)
    stop_no = models.IntegerField()
    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ship_to = models.ForeignKey(
        "parties.Address", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    to_site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="load_stop_once", fields=["load", "stop_no"]),
            models.CheckConstraint(name="load_stop_counts_from_one", condition=Q(stop_no__gte=1)),
            models.CheckConstraint(
                name="load_stop_is_somewhere", condition=Q(customer__isnull=True) ^ Q(to_site__isnull=True)
            ),
        ]


class LoadOrder(models.Model):
    """An order on a load. It is on one live load at a time."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="orders", db_index=False)
    stop_no = models.IntegerField()
    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="+")
    is_live = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="load_order_once", fields=["load", "order"]),
            models.UniqueConstraint(name="load_order_on_one_truck", fields=["order"], condition=Q(is_live=True)),
        ]


class LoadTransfer(models.Model):
    """A transfer to another site of ours on a load. It is on one live load at a time."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="transfers", db_index=False)
    stop_no = models.IntegerField()
    transfer = models.ForeignKey("storage.Transfer", on_delete=models.PROTECT, related_name="+")
    is_live = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="load_transfer_once", fields=["load", "transfer"]),
            models.UniqueConstraint(name="load_transfer_on_one_truck", fields=["transfer"], condition=Q(is_live=True)),
        ]


class LoadedPlate(models.Model):
    """A pallet, carton or tote that was carried onto a truck, or the loose goods of an order or transfer (LPN 0)."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="plates", db_index=False)
    stop_no = models.IntegerField()
    lpn = named("locations.Lpn")
    order = named("sales.Order", null=True, help_text="only of loose goods")
    transfer = named("storage.Transfer", null=True, help_text="only of loose goods")
    units = UnitsField()
    weight_g = models.BigIntegerField()
    loaded_at = models.DateTimeField()
    loaded_by = named(settings.AUTH_USER_MODEL)
    state = models.CharField(max_length=4, default="on", help_text="on, off again, or gone with the truck")
    off_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, help_text="why it went on out of turn", **TEXT)
    separation = models.CharField(max_length=200, help_text="how it is kept apart", **TEXT)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="loaded_plate_once", fields=["lpn"], condition=Q(state="on") & ~Q(lpn=0)),
            models.UniqueConstraint(name="loaded_loose_once", fields=["load", "order"], condition=Q(state="on", lpn=0)),
            models.UniqueConstraint(
                name="loaded_loose_transfer_once", fields=["load", "transfer"], condition=Q(state="on", lpn=0)
            ),
            models.CheckConstraint(
                name="loaded_loose_names_whose",
                condition=~Q(lpn=0) | (Q(order__isnull=False) ^ Q(transfer__isnull=False)),
            ),
            models.CheckConstraint(name="loaded_plate_units", condition=Q(units__gt=0, weight_g__gte=0)),
            models.CheckConstraint(name="loaded_state_known", condition=Q(state__in=["on", "off", "gone"])),
            models.CheckConstraint(name="loaded_off_says_when", condition=Q(state="off") ^ Q(off_at__isnull=True)),
        ]
        indexes = [models.Index(name="loaded_plate_of_load", fields=["load", "id"])]


class StackedCarton(models.Model):
    """A carton that stands on a pallet of the house, so that one scan of the pallet carries it along."""

    pallet = named("locations.Lpn")
    carton = named("locations.Lpn")
    is_on = models.BooleanField(default=True, db_default=True)
    stacked_at = models.DateTimeField()
    stacked_by = named(settings.AUTH_USER_MODEL)
    load = models.ForeignKey(
        Load, on_delete=models.PROTECT, null=True, related_name="stacked", help_text="with which it left"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="stacked_carton_once", fields=["carton"], condition=Q(is_on=True)),
            models.CheckConstraint(name="stacked_not_on_itself", condition=~Q(pallet=F("carton"))),
        ]
        indexes = [models.Index(name="stacked_on_pallet", fields=["pallet"], condition=Q(is_on=True))]


class LoadAlong(models.Model):
    """A device has a truck along, so that it is loaded without network: from when, until when, how it ended."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="along", db_index=False)
    device = models.CharField(max_length=80)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    ending = models.CharField(max_length=10, **TEXT)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="load_along_once", fields=["load", "device"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(name="load_along_has_device", condition=~Q(device="")),
            models.CheckConstraint(
                name="load_along_ending_known", condition=Q(ending__in=["", *[str(one) for one in HoldEnd]])
            ),
            models.CheckConstraint(
                name="load_along_ended_says_how", condition=Q(ended_at__isnull=True) ^ ~Q(ending="")
            ),
        ]
        indexes = [
            models.Index(name="load_along_of_load", fields=["load", "device", "id"]),
            models.Index(name="load_along_on_device", fields=["device"], condition=Q(ended_at__isnull=True)),
        ]


class LoadBehind(models.Model):
    """Goods that were to go with a truck and did not, on a plate or not staged yet; and what follows for their day."""

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="behind", db_index=False)
    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="+", null=True)
    transfer = models.ForeignKey(
        "storage.Transfer", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    lpn = named("locations.Lpn")
    units = UnitsField()
    is_staged = models.BooleanField(default=True, db_default=True, help_text="else still to be picked, or on its way")
    reason = models.CharField(max_length=12)
    note = models.CharField(max_length=200, **TEXT)
    promised_on = models.DateField(null=True, help_text="the day on which the order was to leave; empty = no promise")
    next_on = models.DateField(null=True, help_text="when it leaves instead, as the truck closed; empty = nobody knows")
    arrives_on = models.DateField(null=True, help_text="when it arrives then")
    stayed_at = models.DateTimeField()
    stayed_by = named(settings.AUTH_USER_MODEL)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="load_behind_once", fields=["load", "order", "lpn", "is_staged"]),
            models.CheckConstraint(
                name="load_behind_not_staged_is_of_an_order",
                condition=Q(is_staged=True) | Q(order__isnull=False, lpn=0),
            ),
            models.UniqueConstraint(name="load_behind_transfer_once", fields=["load", "transfer", "lpn"]),
            models.CheckConstraint(
                name="load_behind_says_whose", condition=Q(order__isnull=True) ^ Q(transfer__isnull=True)
            ),
            models.CheckConstraint(
                name="load_behind_says_why", condition=Q(reason__in=[*map(str, Behind), CALLED_OFF])
            ),
            models.CheckConstraint(name="load_behind_units", condition=Q(units__gt=0)),
        ]
        indexes = [models.Index(name="load_behind_lately", fields=["stayed_at"])]


class LoadRules(models.Model):
    """How a site loads; one row a site, the house's own defaults where there is none."""

    site = models.OneToOneField("locations.Site", on_delete=models.CASCADE, related_name="+")
    stop_order = models.CharField(max_length=8)
    past_cut_off = models.CharField(max_length=8)
    needs_seal = models.BooleanField()
    needs_signature = models.BooleanField()
    answer_hours = models.IntegerField(help_text="in which a customer's system confirms the notice of a departure")
    proof_years = models.IntegerField(help_text="for which a proof of delivery is kept")
    takes_totes = models.BooleanField(default=False, db_default=False, help_text="picking totes leave without cartons")
    carrier_else = models.CharField(
        max_length=8, default="reason", db_default="reason", help_text="orders of another carrier"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="load_rules_known",
                condition=Q(stop_order__in=list(StopOrder), past_cut_off__in=list(PastCutOff)),
            ),
            models.CheckConstraint(
                name="load_rules_carrier_known", condition=Q(carrier_else__in=[str(one) for one in CarrierElse])
            ),
            models.CheckConstraint(
                name="load_rules_sensible",
                condition=Q(answer_hours__gte=1, answer_hours__lte=720, proof_years__gte=1, proof_years__lte=30),
            ),
        ]


__all__ = [
    "Load",
    "LoadAlong",
    "LoadBehind",
    "LoadOrder",
    "LoadRules",
    "LoadStop",
    "LoadTransfer",
    "LoadedPlate",
    "StackedCarton",
]
