"""Tables of planning."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flowrack.planning.states import ProposalState
from flowrack.platform.fields import UnitCostField, UnitsField


class Proposal(models.Model):
    """So many units of an item that a site should buy."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    item = models.ForeignKey("catalog.Item", on_delete=models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    unit_cost = UnitCostField()
    position_units = UnitsField(help_text="what the item had and would have when this was proposed")
    reorder_point = UnitsField()
    order_up_to = UnitsField()
    state = models.CharField(max_length=12, choices=[(s, s) for s in ProposalState], default=ProposalState.OPEN)
    proposed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", null=True, db_index=False)
    po_line = models.ForeignKey("purchasing.PoLine", on_delete=models.SET_NULL, related_name="+", null=True)
    requisition = models.ForeignKey(
        "purchasing.Requisition", on_delete=models.SET_NULL, related_name="+", null=True, db_index=False
    )
    counted_units = UnitsField(db_default=0, help_text="of what was coming, taken off the units")
    counted_until = models.DateField(null=True, help_text="the last day on which something came that was counted")
    reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="proposal_units_positive", condition=Q(units__gt=0)),
            models.UniqueConstraint(
                name="proposal_one_open_per_item", fields=["site", "item"], condition=Q(state="open")
            ),
            models.CheckConstraint(
                name="proposal_ended_says_who",
                condition=Q(state="open", ended_at=None)
                | (~Q(state="open") & Q(ended_at__isnull=False, ended_by__isnull=False)),
            ),
        ]
