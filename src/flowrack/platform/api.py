"""The platform's endpoints: who am I."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema

from flowrack.platform.http import caller_of, signed_in
from flowrack.shared.errors import NotSignedIn

router = Router(tags=["platform"])


class MeOut(Schema):
    """The caller, and what they may do at which sites (0 = every site)."""

    id: int
    name: str
    grants: dict[str, list[int]]


@router.get("/me", response=MeOut)
@signed_in
def me(request: HttpRequest) -> MeOut:
    """Who the token or session belongs to, and what it may do."""
    caller = caller_of(request)
    if caller is None:
        raise NotSignedIn("You are not signed in.")
    return MeOut(
        id=caller.user_id,
        name=caller.name,
        grants={permission: sorted(sites) for permission, sites in sorted(caller.grants.items())},
    )
