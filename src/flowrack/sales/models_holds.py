"""Order holds, the rules and credits that make them, and what was ordered of each item until now."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from flowrack.platform.fields import MoneyField, UnitsField
from flowrack.sales.types_holds import HoldKind


class Hold(models.Model):
    """An order, or a line of it, that waits for a person. Rows are never deleted: an ended one says who and why."""

    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="+", db_index=False, null=True)
    kind = models.CharField(max_length=8)
    sentence = models.CharField(max_length=300, help_text="why, as the person reads it")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    placed_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=10, default="", db_default="")
    reason = models.CharField(max_length=200, default="", db_default="", help_text="why it ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_hold_once",
                fields=["order", "line", "kind"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="sales_hold_kind_known", condition=Q(kind__in=list(HoldKind))),
            models.CheckConstraint(
                name="sales_hold_kind_fits",
                condition=Q(kind="quantity", line__isnull=False)
                | Q(kind__in=["credit", "address"], line=None)
                | Q(kind="manual"),
            ),
            models.CheckConstraint(
                name="sales_hold_ended_says_who",
                condition=Q(ended_at=None, ended_by=None, ending="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, ending__in=["released", "changed", "cancelled"]),
            ),
            models.CheckConstraint(name="sales_hold_says_why", condition=~Q(sentence="")),
        ]
        indexes = [models.Index(name="sales_hold_of_order", fields=["order"])]


class HoldRules(models.Model):
    """What makes a hold by itself, at a site or (no site) in the company. A version; a new one ends the one before."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    version = models.IntegerField()
    holds_quantity = models.BooleanField()
    least_lines = models.IntegerField(help_text="lines of history below which an item is not judged")
    factor = models.DecimalField(max_digits=5, decimal_places=2)
    least_spread = models.DecimalField(max_digits=5, decimal_places=3, help_text="of the logarithm of units")
    floor_units = UnitsField(help_text="never above what is in doubt")
    holds_credit = models.BooleanField()
    holds_address = models.BooleanField()
    needs_address = models.BooleanField(help_text="an order without an address is held")
    most_times = models.IntegerField(default=5, db_default=5, help_text="times an item's largest line")
    short_units = UnitsField(default=10_000, db_default=10_000, help_text="while a site has few lines")
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_hold_rules_one_in_force",
                fields=["site"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="sales_hold_rules_version_once", fields=["site", "version"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="sales_hold_rules_make_sense",
                condition=Q(least_lines__gt=0, factor__gt=0, least_spread__gt=0, floor_units__gt=0),
            ),
            models.CheckConstraint(
                name="sales_hold_rules_limits_positive", condition=Q(most_times__gt=0, short_units__gt=0)
            ),
            models.CheckConstraint(name="sales_hold_rules_say_why", condition=~Q(reason="")),
        ]


class Credit(models.Model):
    """How much a customer may have open. A version; a new one ends the one before."""

    customer = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.IntegerField()
    credit_limit = MoneyField(null=True, help_text="empty = no limit")
    owed = MoneyField(default=0, db_default=0, help_text="by the books of finance, when this was set")
    is_stopped = models.BooleanField()
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sales_credit_one_in_force", fields=["customer"], condition=Q(ended_at=None)),
            models.UniqueConstraint(name="sales_credit_version_once", fields=["customer", "version"]),
            models.CheckConstraint(
                name="sales_credit_not_negative", condition=Q(credit_limit=None) | Q(credit_limit__gte=0)
            ),
            models.CheckConstraint(name="sales_credit_says_why", condition=~Q(reason="")),
        ]


class OrderedUnits(models.Model):
    """How many lines of an item asked for exactly so many units at a site: what the item history is made from."""

    site_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    units = UnitsField()
    lines = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="sales_ordered_units_once", fields=["site_id", "item_id", "units"]),
            models.CheckConstraint(name="sales_ordered_units_positive", condition=Q(units__gt=0, lines__gt=0)),
        ]


class ItemHistory(models.Model):
    """What is usual of an item at a site: the one row that order entry looks at."""

    site_id = models.BigIntegerField()
    item_id = models.BigIntegerField()
    lines = models.BigIntegerField()
    median = models.DecimalField(max_digits=8, decimal_places=4, help_text="of the logarithm of units")
    deviation = models.DecimalField(max_digits=8, decimal_places=4, help_text="median absolute deviation of the same")
    greatest_units = UnitsField(default=0, db_default=0, help_text="the largest line")
    doubtful_units = UnitsField(null=True, help_text="more than this is in doubt")  # type: ignore[misc]
    refreshed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="sales_item_history_once", fields=["item_id", "site_id"])]


class HistoryMark(models.Model):
    """Up to which order line the history of a site was told."""

    site_id = models.BigIntegerField(primary_key=True)
    line_id = models.BigIntegerField()
