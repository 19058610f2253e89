"""Tables of transfers between sites."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from flowrack.platform.fields import MoneyField, UnitsField
from flowrack.storage.states import ClaimState, TransferState

NOT_SENT = ["planned", "released", "staged", "cancelled"]
LIVE = ["planned", "released", "staged", "on_the_way"]


class Transfer(models.Model):
    """Goods that leave, or left, a site for another one of ours."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    to_site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=[(s, s) for s in TransferState], default=TransferState.ON_THE_WAY)
    note = models.CharField(max_length=200, default="", db_default="")
    due_on = models.DateField(null=True, help_text="when it should be there")
    reason = models.CharField(max_length=200, default="", db_default="", help_text="why it was planned")
    for_ref = models.CharField(
        max_length=60, default="", db_default="", help_text="the demand for which it was planned"
    )
    planned_at = models.DateTimeField(null=True, help_text="when somebody planned it, if it did not begin in staging")
    planned_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )
    released_at = models.DateTimeField(null=True, help_text="since when people may stage it")
    staged_at = models.DateTimeField(null=True, help_text="since when it waits, or waited, for a truck")
    sent_at = models.DateTimeField(null=True)
    carrier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    truck = models.CharField(
        max_length=100, default="", db_default="", help_text="the load that takes it, or took it, with its seal"
    )
    sent_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    received_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True, help_text="when some of it arrived last")

    class Meta:
        constraints = [
            models.CheckConstraint(name="transfer_goes_elsewhere", condition=~Q(site=F("to_site"))),
            models.CheckConstraint(
                name="transfer_received_has_time", condition=Q(state="received") ^ Q(received_at__isnull=True)
            ),
            models.CheckConstraint(
                name="transfer_sent_has_time", condition=Q(state__in=NOT_SENT) ^ Q(sent_at__isnull=False)
            ),
            models.CheckConstraint(
                name="transfer_planned_says_who", condition=Q(planned_at__isnull=True) ^ Q(planned_by__isnull=False)
            ),
            models.CheckConstraint(
                name="transfer_planned_has_time",
                condition=~Q(state__in=["planned", "released"]) | Q(planned_at__isnull=False),
            ),
            models.CheckConstraint(
                name="transfer_released_has_time",
                condition=~Q(state="released") | Q(released_at__isnull=False),
            ),
            models.CheckConstraint(
                name="transfer_planned_is_not_released", condition=~Q(state="planned") | Q(released_at__isnull=True)
            ),
            models.CheckConstraint(
                name="transfer_staged_has_time", condition=~Q(state="staged") | Q(staged_at__isnull=False)
            ),
            models.CheckConstraint(name="transfer_state_known", condition=Q(state__in=list(TransferState))),
        ]
        indexes = [
            models.Index(name="transfer_coming", fields=["to_site"], condition=Q(state__in=LIVE)),
            models.Index(name="transfer_for", fields=["for_ref"], condition=~Q(for_ref="")),
        ]

    def __str__(self) -> str:
        return self.number


class TransferLine(models.Model):
    """Units of one kind of stock in a transfer, and how many of them have arrived."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+", db_index=False)
    lot = models.ForeignKey("catalog.Lot", on_delete=models.PROTECT, related_name="+", db_index=False)
    quality = models.CharField(max_length=12)
    units = UnitsField()
    received_units = UnitsField(db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="transfer_line_once", fields=["transfer", "item", "lot", "quality"]),
            models.CheckConstraint(name="transfer_line_has_units", condition=Q(units__gt=0)),
            models.CheckConstraint(
                name="transfer_line_not_over",
                condition=Q(received_units__gte=0, received_units__lte=F("units")),
            ),
        ]


class TransferClaim(models.Model):
    """What of a transfer never arrived: lost by the sender, and claimed from whoever carried it."""

    number = models.CharField(max_length=20, unique=True)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="claims")
    state = models.CharField(max_length=10, choices=[(s, s) for s in ClaimState], default=ClaimState.OPEN)
    carrier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    units = UnitsField()
    value = MoneyField(help_text="with which they left")
    note = models.CharField(max_length=200)
    posting_id = models.BigIntegerField(help_text="of the loss; 0 = nothing was given up")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    credited = MoneyField(null=True, help_text="what the carrier pays")
    answer = models.CharField(max_length=200, default="", db_default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, related_name="+", db_index=False, null=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="transfer_claim_one_live", fields=["transfer"], condition=~Q(state__in=["found", "refused"])
            ),
            models.CheckConstraint(
                name="transfer_claim_posted", condition=Q(state__in=["asked", "refused"]) ^ Q(posting_id__gt=0)
            ),
            models.CheckConstraint(name="transfer_claim_state_known", condition=Q(state__in=list(ClaimState))),
            models.CheckConstraint(name="transfer_claim_has_units", condition=Q(units__gt=0, value__gte=0)),
            models.CheckConstraint(
                name="transfer_claim_credited_says_how_much", condition=Q(state="credited") ^ Q(credited__isnull=True)
            ),
            models.CheckConstraint(
                name="transfer_claim_settled_says_when",
                condition=Q(state__in=["asked", "open"]) ^ Q(settled_at__isnull=False),
            ),
        ]
