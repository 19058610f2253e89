"""The only row locks of parties."""

from __future__ import annotations

from flowrack.parties.models import Party
from flowrack.parties.types import UnknownParty
from flowrack.shared.errors import Stale


def party(party_id: int) -> Party:
    """One company, locked; refuses with UnknownParty."""
    found = Party.objects.select_for_update(of=("self",)).filter(pk=party_id).first()
    if found is None:
        raise UnknownParty(f"There is no company {party_id}.", fix="Open it from a list.")
    return found


def party_as_read(party_id: int, version: int) -> Party:
    """One company, locked; refuses with Stale when somebody changed it since it was read."""
    found = party(party_id)
    if found.version != version:
        raise Stale("Somebody changed this company since you read it.", fix="Read it again, then repeat your change.")
    return found
