"""Tables of inbound."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from flowrack.inbound.states import ClaimState, DiscrepancyState, OverReceiptState, ReceiptState
from flowrack.inbound.types import Available
from flowrack.inbound.types_claims import ClaimKind
from flowrack.inbound.types_discrepancies import Kind, Outcome, Responsible
from flowrack.platform.fields import MoneyField, UnitsField


class AvailabilityPolicy(models.Model):
    """When received goods of a scope become available."""

    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, null=True, related_name="+")
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, null=True, related_name="+")
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, null=True, related_name="+")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, null=True, related_name="+")
    available = models.CharField(max_length=16, choices=[(a, a) for a in Available])
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, default="")
    valid_from = models.DateField(null=True)
    set_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="availability_one_per_scope",
                fields=["item", "family", "supplier", "site"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="availability_on_receipt_names_the_place",
                condition=Q(available="on_receipt", location__isnull=False, site__isnull=False)
                | (~Q(available="on_receipt") & Q(location=None)),
            ),
        ]


class Receipt(models.Model):
    """What came of one PO at one dock place."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    po = models.ForeignKey("purchasing.Po", on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=[(s, s) for s in ReceiptState], default=ReceiptState.OPEN)
    delivery_note = models.CharField(max_length=80, default="", blank=True)
    opened_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    closed_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True)
    closed_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )
    reopened_at = models.DateTimeField(null=True, help_text="the last time")
    reopen_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="receipt_reopened_says_who_and_why",
                condition=Q(reopened_at=None, reopened_by=None, reopen_reason="")
                | (Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reopen_reason="")),
            ),
            models.UniqueConstraint(
                name="receipt_one_open_per_po_and_place", fields=["po", "location"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="receipt_closed_says_who",
                condition=Q(state="open", closed_at=None, closed_by=None)
                | Q(state="closed", closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["site", "-id"])]


class ReceiptLine(models.Model):
    """One count: units of a PO line, with lot, LPN and quality."""

    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="lines")
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.PROTECT, related_name="+")
    # Not checked again: the PO line has the item, the ledger's cells the lot and LPN, the command record the person.
    # Four checks for each count were a tenth of a receipt's cost.
    item = models.ForeignKey(
        "catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    lot = models.ForeignKey(
        "catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    lpn = models.ForeignKey(
        "locations.Lpn", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    units = UnitsField()
    value = MoneyField()
    quality = models.CharField(max_length=12)
    discrepancy = models.CharField(max_length=40, default="")
    available = models.CharField(max_length=16, db_default="", help_text="by the policy followed; empty without one")
    posting_id = models.BigIntegerField(db_index=True)
    received_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    received_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="receipt_line_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="receipt_line_value_not_negative", condition=Q(value__gte=0)),
        ]
        indexes = [
            models.Index(name="receipt_line_by_item", fields=["item", "id"]),
            models.Index(name="receipt_line_held", fields=["item", "lot", "-id"], condition=~Q(quality="available")),
            BrinIndex(name="receipt_line_by_time", fields=["received_at"], pages_per_range=16),
        ]


class PackCount(models.Model):
    """What one posting counted of a line of an ASN, so that taking it back tells the dock."""

    posting_id = models.BigIntegerField(db_index=True)
    asn_line = models.ForeignKey("dock.AsnLine", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()

    class Meta:
        constraints = [models.CheckConstraint(name="pack_count_units_positive", condition=Q(units__gt=0))]


class Tolerance(models.Model):
    """One version of what is tolerated: of a supplier, an item family, both, or by default. Only ever ended."""

    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True)
    family = models.ForeignKey("catalog.Family", on_delete=models.PROTECT, related_name="+", null=True)
    version = models.IntegerField()
    over_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    over_units = models.BigIntegerField(null=True)
    under_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    under_units = models.BigIntegerField(null=True)
    early_days = models.IntegerField(null=True)
    late_days = models.IntegerField(null=True)
    min_life_days = models.IntegerField(default=0, db_default=0)
    on_over = models.CharField(max_length=8)
    on_under = models.CharField(max_length=8)
    on_early = models.CharField(max_length=8)
    on_late = models.CharField(max_length=8)
    on_short_dated = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, default="", db_default="")
    set_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="tolerance_version_once", fields=["supplier", "family", "version"], nulls_distinct=False
            ),
            models.UniqueConstraint(
                name="tolerance_one_in_force",
                fields=["supplier", "family"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="tolerance_outcomes_known",
                condition=Q(on_over__in=list(Outcome))
                & Q(on_under__in=list(Outcome))
                & Q(on_early__in=list(Outcome))
                & Q(on_late__in=list(Outcome))
                & Q(on_short_dated__in=list(Outcome)),
            ),
        ]


class Discrepancy(models.Model):
    """Something of a delivery that is not as expected: what, how much, whose fault, the money, and what follows."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=10, default=DiscrepancyState.OPEN)
    responsible = models.CharField(max_length=8, default=Responsible.SUPPLIER)
    outcome = models.CharField(max_length=8, default=Outcome.FLAG)
    tolerance = models.ForeignKey(Tolerance, on_delete=models.PROTECT, related_name="+", null=True)
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="discrepancies", null=True)
    receipt_line = models.ForeignKey(ReceiptLine, on_delete=models.PROTECT, related_name="+", null=True)
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.PROTECT, related_name="+", null=True)
    asn_line = models.ForeignKey("dock.AsnLine", on_delete=models.PROTECT, related_name="+", null=True)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", null=True)
    location = models.ForeignKey("locations.Location", on_delete=models.PROTECT, related_name="+", null=True)
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", null=True)
    lpn = models.CharField(max_length=40, default="", db_default="")
    units = models.BigIntegerField(default=0, db_default=0)
    value = MoneyField(default=0, db_default=0, help_text="at stake: units at the cost of the order")
    reason = models.CharField(max_length=200)
    note = models.CharField(max_length=400, default="", db_default="")
    photos = ArrayField(models.CharField(max_length=64), default=list, db_default=[])
    posting_id = models.BigIntegerField(default=0, db_default=0, db_index=True)
    move_id = models.BigIntegerField(
        default=0, db_default=0, help_text="by which goods without an order came in; 0 for all others"
    )
    sent_units = models.BigIntegerField(
        default=0, db_default=0, help_text="of goods without an order: went back to the supplier"
    )
    recorded_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    decided_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    amount = MoneyField(default=0, db_default=0, help_text="claimed or debited")
    document = models.CharField(max_length=20, default="", db_default="", help_text="claim or debit note")

    class Meta:
        constraints = [
            models.CheckConstraint(name="discrepancy_kind_known", condition=Q(kind__in=list(Kind))),
            models.CheckConstraint(name="discrepancy_state_known", condition=Q(state__in=list(DiscrepancyState))),
            models.CheckConstraint(
                name="discrepancy_responsible_known", condition=Q(responsible__in=list(Responsible))
            ),
            models.CheckConstraint(
                name="discrepancy_figures_not_negative", condition=Q(units__gte=0, value__gte=0, amount__gte=0)
            ),
            models.CheckConstraint(
                name="discrepancy_sent_within_units",
                condition=Q(sent_units__gte=0, sent_units__lte=F("units")),
            ),
            models.CheckConstraint(name="discrepancy_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="discrepancy_money_asked_has_document",
                condition=(~Q(state__in=["claimed", "debited"]) & Q(document="", amount=0)) | Q(document__gt=""),
            ),
        ]
        indexes = [
            models.Index(fields=["site", "-id"]),
            models.Index(fields=["supplier", "-id"]),
            models.Index(name="discrepancy_by_time", fields=["recorded_at"]),
            models.Index(name="discrepancy_of_document", fields=["document"], condition=Q(document__gt="")),
            models.Index(name="discrepancy_open", fields=["site"], condition=Q(state="open")),
        ]


class Claim(models.Model):
    """A claim or debit note: the money asked for discrepancies, which carry its number."""

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default=ClaimState.DRAFT)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True)
    responsible = models.CharField(max_length=8, help_text="who is asked")
    carrier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    amount = MoneyField(help_text="asked for")
    settled_amount = MoneyField(null=True, help_text="agreed")
    note = models.CharField(max_length=400, default="", db_default="")
    created_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    sent_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    sent_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="claim_kind_known", condition=Q(kind__in=list(ClaimKind))),
            models.CheckConstraint(name="claim_state_known", condition=Q(state__in=list(ClaimState))),
            models.CheckConstraint(name="claim_asks_for_money", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="claim_names_a_carrier_it_asks", condition=Q(carrier=None) | Q(responsible="carrier")
            ),
            models.CheckConstraint(
                name="claim_sent_says_who",
                condition=Q(state="draft", sent_at=None, sent_by=None)
                | Q(state__in=["sent", "settled"], sent_at__isnull=False, sent_by__isnull=False)
                | Q(state="cancelled"),
            ),
            models.CheckConstraint(
                name="claim_ended_says_who",
                condition=Q(state__in=["draft", "sent"], ended_at=None, ended_by=None)
                | Q(state__in=["settled", "cancelled"], ended_at__isnull=False, ended_by__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_agreed_when_settled",
                condition=Q(state="settled", settled_amount__gte=0, settled_amount__lte=F("amount"))
                | (~Q(state="settled") & Q(settled_amount=None)),
            ),
            models.CheckConstraint(
                name="claim_cancelled_says_why", condition=~Q(state="cancelled") | ~Q(end_reason="")
            ),
        ]
        indexes = [models.Index(name="claim_by_site", fields=["site", "-id"])]


class OverReceipt(models.Model):
    """Units beyond the tolerance of a PO line for which somebody asked; allowed ones may come in once."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    reason = models.CharField(max_length=200, default="", db_default="")
    state = models.CharField(max_length=10, default=OverReceiptState.WAITING)
    asked_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="over_receipt_units_positive", condition=Q(units__gt=0)),
            models.CheckConstraint(name="over_receipt_state_known", condition=Q(state__in=list(OverReceiptState))),
            models.UniqueConstraint(
                name="over_receipt_one_waits_per_line", fields=["po_line"], condition=Q(state="waiting")
            ),
        ]
