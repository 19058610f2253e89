"""The ledger's tables. Only ledger/sql writes them; nothing else in Flowrack may.

Moves and postings are append-only. Cells, pools and books are running sums of the moves, written in the same
statement; `flowrack verify` proves it.

Rows that only the kernel writes name each other, and the master data, without a foreign key in the database: the ids
come from the same function, nothing that is named can be deleted (guards.sql, masters.sql), and the key checks would
cost more than the moves themselves (ADR 0004, 0012).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Least, Now
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual

from flowrack.ledger.types import ALLOCATABLE, STATES, Account, Claim, Quality
from flowrack.platform.fields import MoneyField, UnitCostField, UnitsField, named

ASSETS = [Account.INVENTORY, Account.IN_TRANSIT]


class Posting(models.Model):
    """One command's batch of moves."""

    command_id = models.BigIntegerField(help_text="the command record: key, actor, request")
    actor = named("platform.User")
    device = models.CharField(max_length=80, default="")
    occurred_at = models.DateTimeField(help_text="when it happened on the floor")
    recorded_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))
    booked_on = models.DateField(help_text="business day at the site")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")

    class Meta:
        indexes = [models.Index(fields=["command_id"]), models.Index(fields=["booked_on"])]


class Cell(models.Model):
    """Stock of one kind at one place: the running sum of its moves, and what is reserved of it."""

    item = named("catalog.Item")
    lot = named("catalog.Lot")
    location = named("locations.Location")
    lpn = named("locations.Lpn")
    owner = named("parties.Party")
    quality = models.CharField(max_length=12, choices=[(q, q) for q in Quality])
    state = models.CharField(max_length=16, help_text="empty at virtual locations")
    site = named("locations.Site")
    is_virtual = models.BooleanField()
    is_serial = models.BooleanField()
    account = models.CharField(max_length=12, choices=[(a, a) for a in Account])
    on_hand = UnitsField(db_default=0)
    reserved = UnitsField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cell_one_row_per_key", fields=["item", "location", "lot", "lpn", "owner", "quality"]
            ),
            models.CheckConstraint(
                name="cell_reserved_within_on_hand",
                condition=Q(is_virtual=True, reserved=0) | Q(reserved__gte=0, reserved__lte=F("on_hand")),
            ),
            models.CheckConstraint(
                name="cell_serial_is_one_unit", condition=Q(is_serial=False) | Q(is_virtual=True) | Q(on_hand__lte=1)
            ),
            models.CheckConstraint(
                name="cell_state_iff_physical",
                condition=Q(is_virtual=True, state="") | (Q(is_virtual=False) & ~Q(state="")),
            ),
        ]
        indexes = [
            # Partial, so that the planner cannot mistake it for a way to a cell's key on a table without statistics.
            models.Index(name="cell_by_location", fields=["location"], condition=Q(is_virtual=False)),
            # Every tote and carton leaves a cell of each item behind; picking must not read them all.
            models.Index(name="cell_to_pick_from", fields=["item"], condition=Q(state__in=ALLOCATABLE)),
            models.Index(name="cell_by_lot", fields=["lot"], condition=~Q(lot_id=0)),
            models.Index(name="cell_by_lpn", fields=["lpn"], condition=~Q(lpn_id=0)),
        ]


class Move(models.Model):
    """So many units, and their value, from one cell to another: a stock transfer and a journal entry in one row."""

    posting = models.ForeignKey(Posting, on_delete=models.DO_NOTHING, related_name="moves", db_constraint=False)
    from_cell = models.ForeignKey(Cell, on_delete=models.DO_NOTHING, related_name="moves_out", db_constraint=False)
    to_cell = models.ForeignKey(Cell, on_delete=models.DO_NOTHING, related_name="moves_in", db_constraint=False)
    units = UnitsField()
    value = MoneyField(default=0)
    reason = models.CharField(max_length=40)
    origin = models.CharField(max_length=80, default="", help_text="the record that caused it")
    demand = models.CharField(max_length=80, default="", help_text="the demand whose claim it used")
    claim = models.CharField(max_length=8, default="", choices=[(c, c) for c in Claim])
    of_move_id = models.BigIntegerField(default=0, help_text="the earlier move that this one returns or reverses")

    class Meta:
        constraints = [
            models.CheckConstraint(name="move_from_is_not_to", condition=~Q(from_cell=F("to_cell"))),
            models.CheckConstraint(name="move_units_not_negative", condition=Q(units__gte=0)),
            models.CheckConstraint(name="move_carries_something", condition=~Q(units=0, value=0)),
        ]
        indexes = [
            models.Index(name="move_by_origin", fields=["origin"], condition=~Q(origin="")),
            models.Index(name="move_by_demand", fields=["demand"], condition=~Q(demand="")),
            models.Index(name="move_by_of_move", fields=["of_move_id"], condition=~Q(of_move_id=0)),
        ]


class Pool(models.Model):
    """Stock of an item (and lot, and owner) at a site, a column per state, and what is promised of it."""

    item = named("catalog.Item")
    lot = named("catalog.Lot")
    site = named("locations.Site")
    owner = named("parties.Party")
    arrived_at = models.DateTimeField(help_text="when the oldest of it came in; FIFO by lot follows this")
    receiving = UnitsField(db_default=0)
    inspection = UnitsField(db_default=0)
    quarantine = UnitsField(db_default=0)
    reserve = UnitsField(db_default=0)
    forward_pick = UnitsField(db_default=0)
    staged = UnitsField(db_default=0)
    in_transit = UnitsField(db_default=0)
    return_review = UnitsField(db_default=0)
    damaged = UnitsField(db_default=0)
    hold = UnitsField(db_default=0)
    expired = UnitsField(db_default=0)
    committed = UnitsField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pool_one_row_per_key", fields=["item", "site", "lot", "owner"]),
            # One comparison instead of twelve: PostgreSQL reads a check's text anew for every statement.
            models.CheckConstraint(
                name="pool_never_negative", condition=GreaterThanOrEqual(Least(*map(str, STATES), "committed"), 0)
            ),
            models.CheckConstraint(
                name="pool_committed_within_allocatable",
                condition=Q(committed__lte=F(ALLOCATABLE[0]) + F(ALLOCATABLE[1])),
            ),
        ]
        indexes = [models.Index(name="pool_by_lot", fields=["lot"], condition=~Q(lot_id=0))]


class Commitment(models.Model):
    """Units of a pool that are promised to one demand."""

    pool = models.ForeignKey(
        Pool, on_delete=models.DO_NOTHING, related_name="commitments", db_constraint=False, db_index=False
    )
    ref = models.CharField(max_length=80, help_text='the demand, e.g. "sales.line:991"')
    units = UnitsField()
    command_id = models.BigIntegerField()
    committed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="commitment_once_per_demand_and_pool", fields=["pool", "ref"]),
            models.CheckConstraint(name="commitment_of_something", condition=Q(units__gt=0)),
        ]
        indexes = [models.Index(name="commitment_by_ref", fields=["ref"])]


class Reservation(models.Model):
    """Units of a cell that are reserved for one demand."""

    cell = models.ForeignKey(
        Cell, on_delete=models.DO_NOTHING, related_name="reservations", db_constraint=False, db_index=False
    )
    ref = models.CharField(max_length=80, help_text='the demand, e.g. "sales.line:991"')
    units = UnitsField()
    command_id = models.BigIntegerField()
    reserved_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="reservation_once_per_demand_and_cell", fields=["cell", "ref"]),
            models.CheckConstraint(name="reservation_of_something", condition=Q(units__gt=0)),
        ]
        indexes = [models.Index(name="reservation_by_ref", fields=["ref"])]


class SerialPlace(models.Model):
    """The one cell where a serial number is in stock: its primary key makes a second place impossible."""

    lot = models.OneToOneField("catalog.Lot", on_delete=models.PROTECT, primary_key=True, related_name="+")
    cell = models.ForeignKey(Cell, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)


class Book(models.Model):
    """Units and value of our own stock of an item in one account at one site (and lot, for lot-actual costing)."""

    item = named("catalog.Item")
    site = named("locations.Site")
    account = models.CharField(max_length=12, choices=[(a, a) for a in Account])
    lot = named("catalog.Lot")
    units = UnitsField(db_default=0)
    value = MoneyField(db_default=0)
    unit_cost = UnitCostField(db_default=0, help_text="value per unit when it last held any")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="book_one_row_per_key", fields=["item", "site", "account", "lot"]),
            models.CheckConstraint(
                name="book_asset_never_negative",
                condition=~Q(account__in=ASSETS) | Q(units__gte=0, value__gte=0),
            ),
            models.CheckConstraint(
                name="book_nothing_is_worth_nothing", condition=~Q(account__in=ASSETS) | Q(units__gt=0) | Q(value=0)
            ),
        ]


class BookMonth(models.Model):
    """What one month added to a book; value at any date is a sum of a few of these."""

    book = models.ForeignKey(
        Book, on_delete=models.DO_NOTHING, related_name="months", db_index=False, db_constraint=False
    )
    month = models.DateField()
    units = UnitsField()
    value = MoneyField()

    class Meta:
        constraints = [models.UniqueConstraint(name="book_month_once", fields=["book", "month"])]


class Layer(models.Model):
    """A FIFO layer: what one receipt brought and what is left of it."""

    book = models.ForeignKey(
        Book, on_delete=models.DO_NOTHING, related_name="layers", db_index=False, db_constraint=False
    )
    move_id = models.BigIntegerField(help_text="the receipt")
    units = UnitsField()
    value = MoneyField()
    units_left = UnitsField()
    value_left = MoneyField()
    is_open = models.GeneratedField(
        expression=GreaterThan(F("units_left"), 0), output_field=models.BooleanField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="layer_left_within_received", condition=Q(units_left__gte=0, units_left__lte=F("units"))
            ),
            models.CheckConstraint(
                name="layer_nothing_is_worth_nothing", condition=Q(units_left__gt=0) | Q(value_left=0)
            ),
            models.CheckConstraint(name="layer_value_not_negative", condition=Q(value_left__gte=0)),
        ]
        indexes = [
            # A take changes no indexed column but the last one, so that the row can stay on its page (HOT).
            models.Index(name="layer_open", fields=["book", "id"], condition=Q(is_open=True)),
            models.Index(name="layer_by_move", fields=["move_id"]),
        ]
