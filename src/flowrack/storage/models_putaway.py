"""Tables of directed putaway: rule sets, what is known of a site's bins, and simulations."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import UnitsField
from flowrack.storage.states import RuleState
from flowrack.storage.types_putaway import KEPT_APART, MOST, NEVER_WITHIN, NUMBERS, VELOCITIES

TO: dict[str, Any] = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}
# Counted anew at any time, 100,000 rows at once: checking each key would cost more than the counting.
HINT: dict[str, Any] = {"on_delete": models.CASCADE, "related_name": "+", "db_constraint": False}


class PutawayRuleSet(models.Model):
    """One version of the rules by which a site chooses bins; written by one person, activated by another."""

    site = models.ForeignKey("locations.Site", **TO)
    version = models.IntegerField()
    state = models.CharField(max_length=8, choices=[(s, s) for s in RuleState], default=RuleState.DRAFT)
    name = models.CharField(max_length=80)
    note = models.CharField(max_length=200, default="")
    carry_percent = models.IntegerField()
    face_percent = models.IntegerField()
    picks_percent = models.IntegerField()
    consolidation_mm = models.IntegerField()
    congestion_mm = models.IntegerField()
    zone_mm = models.IntegerField()
    forward_mm = models.IntegerField()
    picks_a = models.IntegerField()
    picks_b = models.IntegerField()
    picks_c = models.IntegerField()
    bay_mm = models.IntegerField()
    mixes_lots = models.BooleanField()
    mixes_owners = models.BooleanField()
    never_within = models.CharField(max_length=5)
    separated_bays = models.IntegerField()
    volume_percent = models.IntegerField()
    weight_percent = models.IntegerField()
    written_by = models.ForeignKey("platform.User", **TO)
    written_at = models.DateTimeField()
    activated_by = models.ForeignKey("platform.User", null=True, **TO)
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="putaway_rules_version_once", fields=["site", "version"]),
            models.UniqueConstraint(name="putaway_rules_one_active", fields=["site"], condition=Q(state="active")),
            models.CheckConstraint(
                name="putaway_rules_numbers_in_range",
                condition=Q(**{f"{n}__gte": 0 for n in NUMBERS}, **{f"{n}__lte": MOST for n in NUMBERS}, bay_mm__gt=0)
                & Q(volume_percent__lte=100, weight_percent__lte=100),
            ),
            models.CheckConstraint(name="putaway_rules_never_within_known", condition=Q(never_within__in=NEVER_WITHIN)),
            models.CheckConstraint(
                name="putaway_rules_activated_by_another",
                condition=Q(state__in=["draft", "dropped"], activated_by=None, activated_at=None)
                | (
                    Q(state__in=["active", "retired"], activated_by__isnull=False, activated_at__isnull=False)
                    & ~Q(activated_by=F("written_by"))
                ),
            ),
        ]


class PutawayZone(models.Model):
    """How much a rule set likes a zone for items of a velocity class; rank 0 best."""

    rule_set = models.ForeignKey(PutawayRuleSet, on_delete=models.CASCADE, related_name="zones")
    velocity = models.CharField(max_length=1)
    zone = models.ForeignKey("locations.Zone", **TO)
    rank = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="putaway_zone_once", fields=["rule_set", "velocity", "zone"]),
            models.CheckConstraint(
                name="putaway_zone_known", condition=Q(velocity__in=VELOCITIES, rank__gte=0, rank__lt=100)
            ),
        ]


class KeptApartRow(models.Model):
    """A cell of the site's storage matrix, which adds to the regulation's table."""

    rule_set = models.ForeignKey(PutawayRuleSet, on_delete=models.CASCADE, related_name="apart")
    one = models.CharField(max_length=4)
    other = models.CharField(max_length=4)
    cell = models.CharField(max_length=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="kept_apart_once", fields=["rule_set", "one", "other"]),
            models.CheckConstraint(name="kept_apart_known", condition=Q(cell__in=KEPT_APART, one__lte=F("other"))),
        ]


class PutawayClassZone(models.Model):
    """Goods of a storage class go only to the zones that are named for it."""

    rule_set = models.ForeignKey(PutawayRuleSet, on_delete=models.CASCADE, related_name="classes")
    storage_class = models.CharField(max_length=16)
    zone = models.ForeignKey("locations.Zone", **TO)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="putaway_class_zone_once", fields=["rule_set", "storage_class", "zone"])
        ]


class BinCensus(models.Model):
    """How far what is known of a site's bins follows the ledger and the layout of the site."""

    site = models.OneToOneField("locations.Site", on_delete=models.CASCADE, primary_key=True, related_name="+")
    layout_version = models.BigIntegerField()
    move_id = models.BigIntegerField(help_text="the ledger's move up to which it follows")
    counted_at = models.DateTimeField(help_text="when all bins were last counted")
    stamp = models.UUIDField(db_default=RandomUUID(), help_text="another one whenever counts of shapes may be others")


class BinShape(models.Model):
    """Bins of a site that are alike, and how many of them are empty, filled, and pick faces."""

    site = models.ForeignKey("locations.Site", **HINT, db_index=True)
    zone = models.ForeignKey("locations.Zone", **HINT, db_index=False)
    role = models.CharField(max_length=16)
    temperature = models.CharField(max_length=8)
    hazard_classes = ArrayField(models.CharField(max_length=1))
    storage_classes = ArrayField(models.CharField(max_length=16))
    max_volume_ml = models.BigIntegerField(null=True)
    max_weight_g = models.BigIntegerField(null=True)
    max_lpns = models.IntegerField(null=True)
    max_height_mm = models.IntegerField(null=True)
    max_beam_weight_g = models.BigIntegerField(null=True)
    is_blocked = models.BooleanField()
    first_location = models.ForeignKey("locations.Location", **HINT, db_index=False)
    empty = models.IntegerField()
    filled = models.IntegerField()
    faces = models.IntegerField()


class BinState(models.Model):
    """A bin among its like: 0 empty, 1 filled, 2 a pick face. A hint, since the chosen bin is read from the ledger.

    `is_coming` says of an empty one that a planned move goes there; of others it is false.
    """

    location = models.OneToOneField("locations.Location", primary_key=True, **HINT)
    shape = models.ForeignKey(BinShape, **HINT, db_index=False)
    filling = models.SmallIntegerField()
    is_coming = models.BooleanField(db_default=False)
    walk = models.BigIntegerField()
    stop = models.IntegerField(help_text="bays from the start of the walk")

    class Meta:
        indexes = [models.Index(name="bin_state_walk", fields=["shape", "filling", "is_coming", "walk", "location"])]


class PutawaySimulation(models.Model):
    """What a version would have done with the putaways of past days."""

    rule_set = models.ForeignKey(PutawayRuleSet, on_delete=models.CASCADE, related_name="simulations")
    from_on = models.DateField()
    to_on = models.DateField()
    receipts = models.IntegerField()
    placed = models.IntegerField()
    refused = models.IntegerField()
    metres = models.BigIntegerField(help_text="of the carries that ended in a bin and would have found one")
    metres_then = models.BigIntegerField(help_text="of the same carries as they were made")
    ran_by = models.ForeignKey("platform.User", **TO)
    ran_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="putaway_simulation_adds_up",
                condition=Q(receipts=F("placed") + F("refused"), from_on__lte=F("to_on")),
            )
        ]


class SimulatedPutaway(models.Model):
    """One past putaway: where it went, where the version would have sent it, or what refused it."""

    simulation = models.ForeignKey(PutawaySimulation, on_delete=models.CASCADE, related_name="lines")
    planned_move_id = models.BigIntegerField()
    item = models.ForeignKey("catalog.Item", **TO)
    units = UnitsField()
    went_to = models.ForeignKey("locations.Location", null=True, **TO)
    would_go_to = models.ForeignKey("locations.Location", null=True, **TO)
    metres_then = models.IntegerField()
    metres = models.IntegerField()
    rule = models.CharField(max_length=20, default="", help_text="the rule that refused it")
    sentence = models.CharField(max_length=300, default="")
