"""Pick lists: what one person picks in one walk, the rules by which they are made, carts and the totes on them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from flowrack.fulfilment.states import AtShort, ListState, Method, UnitKind
from flowrack.platform.fields import named


class PickPolicy(models.Model):
    """How a site, or a zone of it, is picked. A zone with a policy of its own is picked apart."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    zone = models.ForeignKey(
        "locations.Zone",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        help_text="empty = site",
    )
    method = models.CharField(max_length=8, default=Method.CLUSTER, db_default=Method.CLUSTER)
    positions = models.IntegerField(default=8, db_default=8, help_text="orders on a cart, each with its tote")
    max_lines = models.IntegerField(default=60, db_default=60)
    max_volume_ml = models.BigIntegerField(null=True, help_text="empty = no limit")
    max_weight_g = models.BigIntegerField(null=True, help_text="empty = no limit")
    scan_bin = models.BooleanField(default=False, db_default=False)
    scan_item = models.BooleanField(default=True, db_default=True)
    scan_lot = models.BooleanField(default=False, db_default=False)
    scan_qty = models.BooleanField(default=False, db_default=False, help_text="each scan counts one unit or one pack")
    scan_tote = models.BooleanField(default=True, db_default=True)
    aisle_limit = models.IntegerField(default=0, db_default=0, help_text="people in one aisle; 0 = any number")
    lease_minutes = models.IntegerField(default=60, db_default=60)
    consolidation = models.ForeignKey(
        "locations.Location", on_delete=models.PROTECT, related_name="+", null=True, db_index=False,
        help_text="where the parts of an order that several zones pick come together",
    )  # fmt: skip

    at_short = models.CharField(
        max_length=12,
        default=AtShort.BINS,
        db_default=AtShort.BINS,
        help_text="where the rest of a short pick is from",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="pick_policy_at_short_known", condition=Q(at_short__in=list(AtShort))),
            models.UniqueConstraint(name="pick_policy_once", fields=["site", "zone"], nulls_distinct=False),
            models.CheckConstraint(name="pick_policy_method_known", condition=Q(method__in=list(Method))),
            models.CheckConstraint(
                name="pick_policy_positive",
                condition=Q(positions__gte=1, positions__lte=26, max_lines__gte=1, aisle_limit__gte=0)
                & Q(lease_minutes__gte=1, lease_minutes__lte=1440)
                & (Q(max_volume_ml=None) | Q(max_volume_ml__gt=0))
                & (Q(max_weight_g=None) | Q(max_weight_g__gt=0)),
            ),
        ]


class Cart(models.Model):
    """A cart of the house, with room for so many totes. Named by the code on it."""

    code = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    positions = models.IntegerField()
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="cart_has_positions", condition=Q(positions__gte=1, positions__lte=26)),
            models.CheckConstraint(name="cart_code_upper", condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9._-]*$")),
        ]


class PickList(models.Model):
    """Picks that one person makes in one walk."""

    number = models.CharField(max_length=20, unique=True)
    wave = models.ForeignKey(
        "fulfilment.Wave", on_delete=models.PROTECT, related_name="lists", db_constraint=False, db_index=False
    )
    site = named("locations.Site")
    zone = models.ForeignKey("locations.Zone", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    method = models.CharField(max_length=8)
    unit_kind = models.CharField(max_length=6)
    place = named("locations.Location", help_text="where what is picked is brought")
    state = models.CharField(max_length=9, default=ListState.OPEN, db_default=ListState.OPEN)
    why = models.CharField(max_length=200, help_text="why these picks are one list")
    due_on = models.DateField(help_text="the first day on which one of its orders has to leave")
    due_at = models.DateTimeField(null=True, help_text="when its carrier is to be loaded, where that is known")
    first_sequence = models.BigIntegerField(default=0, help_text="place of its first bin in the walk")
    lines = models.IntegerField(help_text="picks when it was made")
    weight_g = models.BigIntegerField(default=0, help_text="of what was measured")
    volume_ml = models.BigIntegerField(default=0, help_text="of what was measured")
    walk_method = models.CharField(max_length=16, default="", help_text="how the walk was found; empty = bin order")
    walk_mm = models.BigIntegerField(null=True, help_text="length of the walk; empty = not measured")
    cart = models.ForeignKey(Cart, on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    taken_by = named(settings.AUTH_USER_MODEL, null=True)
    device = models.CharField(max_length=80, default="", db_default="")
    taken_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True, help_text="when it was first taken")
    last_pick_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="pick_list_state_known", condition=Q(state__in=list(ListState))),
            models.CheckConstraint(name="pick_list_method_known", condition=Q(method__in=list(Method))),
            models.CheckConstraint(name="pick_list_kind_known", condition=Q(unit_kind__in=list(UnitKind))),
            models.CheckConstraint(
                name="pick_list_taken_by_somebody",
                condition=~Q(state="taken") | Q(taken_by__isnull=False, lease_until__isnull=False),
            ),
            models.CheckConstraint(
                name="pick_list_done_when", condition=~Q(state="done") | Q(finished_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(name="pick_list_of_wave", fields=["wave", "id"]),
            models.Index(
                name="pick_list_to_do",
                fields=["site", "due_on", "first_sequence"],
                condition=Q(state__in=["open", "taken", "parked"]),
            ),
            models.Index(name="pick_list_taken_by", fields=["taken_by", "taken_at"]),
            models.Index(name="pick_list_finished", fields=["finished_at"], condition=Q(state="done")),
        ]


class PickListWalk(models.Model):
    """The length of a list's walk by one way of finding it."""

    pick_list = models.ForeignKey(PickList, on_delete=models.CASCADE, related_name="walks", db_constraint=False)
    method = models.CharField(max_length=16)
    mm = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pick_list_walk_once", fields=["pick_list", "method"]),
            models.CheckConstraint(name="pick_list_walk_positive", condition=Q(mm__gte=0)),
        ]


class PickListTote(models.Model):
    """A place on a list's cart: whose goods go there, into which tote. A full tote is followed by another one."""

    pick_list = models.ForeignKey(PickList, on_delete=models.CASCADE, related_name="totes", db_constraint=False)
    position = models.IntegerField(help_text="1 is A")
    order = named("sales.Order", null=True, help_text="empty = goods of all orders of the list")
    tote = named("locations.Lpn", null=True, help_text="empty = no tote stands there yet")
    is_bound = models.BooleanField(default=False, db_default=False, help_text="the tote stands on a cart at work")
    is_full = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tote_position_once", fields=["pick_list", "position"], condition=Q(is_full=False)
            ),
            models.UniqueConstraint(name="tote_on_one_cart", fields=["tote"], condition=Q(is_bound=True)),
            models.CheckConstraint(name="tote_bound_is_one", condition=Q(is_bound=False) | Q(tote__isnull=False)),
            models.CheckConstraint(name="tote_position_positive", condition=Q(position__gte=1, position__lte=26)),
        ]
