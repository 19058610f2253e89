"""The row locks of planning: proposals in id order."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.planning.models import Proposal


def proposals(ids: Sequence[int]) -> dict[int, Proposal]:
    """Proposals by id, locked; unknown ids are left out."""
    found = Proposal.objects.select_for_update(no_key=True, of=("self",)).select_related("item")
    return {p.pk: p for p in found.filter(pk__in=ids).order_by("pk")}
