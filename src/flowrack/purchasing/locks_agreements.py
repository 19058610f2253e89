"""The row locks of agreements: all versions of one number, in id order."""

from __future__ import annotations

from flowrack.purchasing.models_agreements import Agreement
from flowrack.shared.errors import NotFound


def agreement(agreement_id: int) -> tuple[Agreement, list[Agreement]]:
    """A version and the other versions of its number, all locked."""
    number = Agreement.objects.filter(pk=agreement_id).values_list("number", flat=True).first()
    if number is None:
        raise NotFound(f"There is no agreement with id {agreement_id}.")
    versions = list(Agreement.objects.select_for_update(no_key=True).filter(number=number).order_by("pk"))
    [mine] = [g for g in versions if g.pk == agreement_id]
    return mine, [g for g in versions if g.pk != agreement_id]
