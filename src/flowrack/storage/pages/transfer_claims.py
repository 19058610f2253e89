"""Claims for what is missing of transfers: how they are shown, opened and settled."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.render import ask
from flowrack.storage import commands_transfers as commands
from flowrack.storage import queries_transfers as queries
from flowrack.storage.forms import ClaimForm, SettleForm
from flowrack.storage.types_transfers import ClaimMissing, SettleTransferClaim, TransferClaimNotFound, TransferRow

CLAIM_MARKS = {
    "asked": "wait", "refused": "void", "open": "wait", "credited": "ok", "rejected": "bad", "found": "ok",
}  # fmt: skip
CLAIMS = [
    Column("number", "Claim", kind="code"),
    Column(
        "state",
        "State",
        kind="state",
        marks=CLAIM_MARKS,
    ),
    Column("carrier", "From", value=lambda r: r.carrier or "nobody"),
    Column("units", "Units", kind="number"),
    Column("value", "Value", kind="money"),
    Column("credited", "Credited", kind="money"),
    Column("note", "What happened", wide=True),
    Column("answer", "Answer", wide=True),
    Column("opened_at", "Opened", kind="datetime"),
    Column("opened_by", "By"),
    Column("settled_at", "Settled", kind="datetime"),
]


def seen(request: HttpRequest, transfer_id: int) -> TransferRow:
    """A transfer, for who may see it."""
    caller = caller_of(request)
    return queries.access_transfer(transfer_id, caller.sites("storage.view") if caller else frozenset())[0]


@page("storage.claim")
def claim(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Give up what has not arrived, and claim it."""
    found = seen(request, transfer_id)
    return ask(
        request, ClaimForm(request.POST or None), commands.claim_missing,
        lambda said: ClaimMissing(transfer_id, said["note"], said["carrier"]),
        title=f"Claim what is missing of {found.number}",
        sub=f"{found.left:,} units are lost for {found.site}, at the value with which they left. Above what the policy "
        "of losses allows, somebody else must agree first.",
        back=(found.number, reverse("storage_transfer", args=[transfer_id])),
        toast=lambda done: f"{done.number} opened" if not done.request else f"{done.request} asks for the loss",
    )  # fmt: skip


@page("storage.claim")
def settle(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Say what became of the claim."""
    found = seen(request, transfer_id)
    caller = caller_of(request)
    claims = queries.claims_of(transfer_id, cost_sites=caller.sites("purchasing.view") if caller else frozenset())
    if not claims:
        raise TransferClaimNotFound(f"Nothing of {found.number} was claimed.", fix="Claim what is missing first.")
    value = claims[0].value
    worth = "" if value is None else f", {value:,.2f}"
    return ask(
        request, SettleForm(request.POST or None), commands.settle_transfer_claim,
        lambda said: SettleTransferClaim(claims[0].id, said["outcome"], said["credited"], said["answer"]),
        title=f"Settle {claims[0].number}", sub=f"{claims[0].units:,} units{worth}.",
        back=(found.number, reverse("storage_transfer", args=[transfer_id])), toast="Settled",
    )  # fmt: skip


urlpatterns = [
    path("transfers/<int:transfer_id>/claim", claim, name="storage_transfer_claim"),
    path("transfers/<int:transfer_id>/settle", settle, name="storage_transfer_settle"),
]
