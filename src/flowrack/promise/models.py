"""Tables of promise: what a site can do, how late suppliers are, quotes, and the promises of order lines."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import UnitsField, named
from flowrack.promise.states import QuoteState
from flowrack.promise.types import TIERS


class SitePolicy(models.Model):
    """How a site promises. A site without a row has the house's defaults (rules_house.Policy)."""

    site = models.OneToOneField("locations.Site", on_delete=models.CASCADE, related_name="+")
    counts_at_percent = models.SmallIntegerField(help_text="a PO counts once this share of deliveries would be there")
    unknown_days = models.SmallIntegerField(help_text="added where no delivery is on record")
    shelf_days = models.SmallIntegerField(help_text="from the dock to the shelf")
    inspection_days = models.SmallIntegerField()
    line_seconds = models.IntegerField()
    hundred_seconds = models.IntegerField(help_text="for every hundred units")
    prepare_minutes = models.IntegerField()
    refill_minutes = models.IntegerField()
    transit_days = models.SmallIntegerField(help_text="without a service of its own")
    kinds = ArrayField(models.CharField(max_length=20), help_text="of tasks that stand before an order")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="promise_policy_sensible",
                condition=Q(
                    counts_at_percent__gte=1, counts_at_percent__lte=100, unknown_days__gte=0, shelf_days__gte=0,
                    inspection_days__gte=0, line_seconds__gte=0, hundred_seconds__gte=0, prepare_minutes__gte=0,
                    refill_minutes__gte=0, transit_days__gte=0,
                ),
            ),
        ]  # fmt: skip


class SiteHours(models.Model):
    """When a site works on a weekday, by its own clock."""

    site = models.ForeignKey("locations.Site", on_delete=models.CASCADE, related_name="+")
    weekday = models.SmallIntegerField(help_text="1 = Monday ... 7 = Sunday")
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="promise_hours_once", fields=["site", "weekday", "opens_at"]),
            models.CheckConstraint(name="promise_hours_weekday", condition=Q(weekday__gte=1, weekday__lte=7)),
            models.CheckConstraint(name="promise_opens_before_it_closes", condition=Q(opens_at__lt=F("closes_at"))),
        ]


class ClosedDay(models.Model):
    """A day on which a site does not work."""

    site = models.ForeignKey("locations.Site", on_delete=models.CASCADE, related_name="+", db_index=False)
    on = models.DateField()
    reason = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="promise_closed_once", fields=["site", "on"]),
            models.CheckConstraint(name="promise_closed_says_why", condition=~Q(reason="")),
        ]


class OpenDay(models.Model):
    """A public holiday on which a site works all the same, as a person decided: it is not proposed again."""

    site = models.ForeignKey("locations.Site", on_delete=models.CASCADE, related_name="+", db_index=False)
    on = models.DateField()
    name = models.CharField(max_length=80)
    decided_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="promise_open_day_once", fields=["site", "on"])]


class CutOffRow(models.Model):
    """The last minute for a service (none = any) to a region ("" = any) on a weekday."""

    site = models.ForeignKey("locations.Site", on_delete=models.CASCADE, related_name="+")
    service = models.ForeignKey("parties.CarrierService", on_delete=models.CASCADE, related_name="+", null=True)
    region = models.CharField(max_length=120, default="", db_default="")
    weekday = models.SmallIntegerField(help_text="1 = Monday ... 7 = Sunday")
    at = models.TimeField()
    transit_days = models.SmallIntegerField(null=True, help_text="empty = the service's")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="promise_cut_off_once", fields=["site", "service", "region", "weekday"], nulls_distinct=False
            ),
            models.CheckConstraint(name="promise_cut_off_weekday", condition=Q(weekday__gte=1, weekday__lte=7)),
            models.CheckConstraint(
                name="promise_cut_off_transit", condition=Q(transit_days=None) | Q(transit_days__gte=0)
            ),
        ]


class SafetyStock(models.Model):
    """Units of an item that are kept back at a site."""

    site = models.ForeignKey("locations.Site", on_delete=models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="+", db_index=False)
    units = UnitsField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="promise_safety_once", fields=["item", "site"]),
            models.CheckConstraint(name="promise_safety_positive", condition=Q(units__gt=0)),
        ]


class SafetyChange(models.Model):
    """That the safety stock of an item at a site became another: from how many units to how many, by whom."""

    site = named("locations.Site")
    item = named("catalog.Item")
    before = UnitsField(help_text="0 = none")
    after = UnitsField(help_text="0 = none")
    reason = models.CharField(max_length=200, default="", db_default="")
    changed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="promise_safety_change_differs", condition=Q(before__gte=0, after__gte=0) & ~Q(before=F("after"))
            ),
        ]
        indexes = [models.Index(name="promise_safety_changes", fields=["item", "site", "-id"])]


class QuoteLimits(models.Model):
    """What customers of a tier may hold at a time. A tier without a row has the house's defaults."""

    tier = models.CharField(max_length=1, unique=True)
    minutes = models.IntegerField()
    most_quotes = models.IntegerField()
    most_units = models.BigIntegerField()
    extensions = models.IntegerField(default=1, db_default=1, help_text="how often a quote may last so long once more")

    class Meta:
        constraints = [
            models.CheckConstraint(name="promise_limit_extensions", condition=Q(extensions__gte=0)),
            models.CheckConstraint(name="promise_limit_tier_known", condition=Q(tier__in=TIERS)),
            models.CheckConstraint(
                name="promise_limit_sensible", condition=Q(minutes__gte=1, most_quotes__gte=0, most_units__gte=0)
            ),
        ]


class Lateness(models.Model):
    """Deliveries on record of a supplier (0 = all) with an item (0 = any): days late, and how many of each."""

    supplier_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    days = ArrayField(models.IntegerField())
    lines = ArrayField(models.IntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(name="promise_lateness_once", fields=["supplier_id", "item_id"])]


class DayLoad(models.Model):
    """Seconds of work promised at a site for a day, as of a row of LinePromise; later rows are added when read."""

    site = named("locations.Site")
    on = models.DateField()
    seconds = models.BigIntegerField()
    upto = models.BigIntegerField(help_text="the last change that is in it")

    class Meta:
        constraints = [models.UniqueConstraint(name="promise_load_once", fields=["site", "on"])]


class LinePromise(models.Model):
    """When an order line is to leave and arrive: as first told, and as told last. `change` grows with each writing."""

    line_id = models.BigIntegerField(primary_key=True)
    site = named("locations.Site")
    first_ships_on = models.DateField()
    ships_on = models.DateField()
    arrives_on = models.DateField()
    seconds = models.IntegerField(help_text="the work that it asks of the house")
    promised_at = models.DateTimeField()
    change = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(name="promise_line_changes", fields=["site", "change"]),
            models.Index(name="promise_line_first", fields=["first_ships_on"]),
            models.Index(name="promise_line_latest", fields=["ships_on"]),
        ]


class PlannerQuestion(models.Model):
    """What somebody asked the planner of a promise that does not do, the answer that stood there, and what he said."""

    number = models.CharField(max_length=20, unique=True)
    site = named("locations.Site")
    customer = named("parties.Party", null=True)
    item = named("catalog.Item")
    units = UnitsField()
    wanted_on = models.DateField(null=True)
    note = models.CharField(max_length=500, default="", db_default="")
    told = models.TextField(help_text="the answer that was there, an option in each line")
    state = models.CharField(max_length=10)
    asked_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=1000, default="", db_default="")
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="promise_question_units", condition=Q(units__gt=0)),
            models.CheckConstraint(
                name="promise_question_ends_once",
                condition=Q(state="open", ended_at=None, ended_by=None, answer="")
                | (Q(state="answered", ended_at__isnull=False, ended_by__isnull=False) & ~Q(answer=""))
                | Q(state="withdrawn", ended_at__isnull=False, ended_by__isnull=False, answer=""),
            ),
        ]
        indexes = [
            models.Index(name="promise_question_open", fields=["site"], condition=Q(state="open")),
            models.Index(name="promise_question_of", fields=["asked_by", "-id"]),
        ]


class Quote(models.Model):
    """Units held for a customer until a time."""

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    units = UnitsField(help_text="of the item that was asked for")
    wanted_on = models.DateField(null=True)
    option = models.CharField(max_length=10)
    ships_on = models.DateField()
    arrives_on = models.DateField()
    state = models.CharField(max_length=10, default=QuoteState.OPEN)
    placed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    extended = models.IntegerField(default=0, db_default=0, help_text="how often it was held longer")
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, default="", db_default="")
    line = named("sales.OrderLine", null=True)
    doubt = models.CharField(max_length=400, default="", db_default="", help_text="why it cannot be kept any more")
    can_ship_on = models.DateField(null=True, help_text="when all of it can leave then")
    doubted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="quote_doubt_says_when",
                condition=Q(doubt="", doubted_at=None, can_ship_on=None) | (~Q(doubt="") & Q(doubted_at__isnull=False)),
            ),
            models.CheckConstraint(name="quote_state_known", condition=Q(state__in=list(QuoteState))),
            models.CheckConstraint(name="quote_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="quote_lasts", condition=Q(expires_at__gt=F("placed_at"))),
            models.CheckConstraint(
                name="quote_ended_says_who",
                condition=Q(state="open", ended_at=None, ended_by=None)
                | (~Q(state="open") & Q(ended_at__isnull=False, ended_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="quote_taken_has_line",
                condition=Q(state="taken", line__isnull=False) | (~Q(state="taken") & Q(line=None)),
            ),
        ]
        indexes = [
            models.Index(name="quote_open", fields=["expires_at"], condition=Q(state="open")),
            models.Index(name="quote_of_customer", fields=["customer"], condition=Q(state="open")),
            models.Index(name="quote_newest", fields=["-id"]),
        ]


class QuotePart(models.Model):
    """What a quote holds at a site: units committed of a pool, or (pool of none) a claim on goods that are to come."""

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="parts")
    site = named("locations.Site")
    item = named("catalog.Item")
    lot = named("catalog.Lot")
    is_committed = models.BooleanField()
    units = UnitsField()
    ships_on = models.DateField()
    is_open = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [models.CheckConstraint(name="quote_part_positive", condition=Q(units__gt=0))]
        indexes = [
            models.Index(
                name="quote_part_claims", fields=["item", "site"], condition=Q(is_open=True, is_committed=False)
            ),
        ]
