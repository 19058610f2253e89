"""Goods on the way that are given up: how it is asked for, and the posting of the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flowrack.approvals import queries as approvals
from flowrack.approvals import rules as approval_rules
from flowrack.approvals.types import Change, DocumentKind, FactKind, RejectedBefore, Submission, register
from flowrack.catalog import queries as catalog
from flowrack.ledger import steps as ledger
from flowrack.ledger.types import Move, Place, Posting, Quality
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import queries_transfers
from flowrack.storage.locks import LockedTransfer
from flowrack.storage.types_transfers import TRANSFER, TRANSFER_CLAIM, ClaimMissing, OpenLine

register(
    DocumentKind(
        TRANSFER_CLAIM,
        "Loss on the way",
        (
            FactKind("units", "units that are lost"),
            FactKind("own", "whoever asks sent the goods", "flag"),
            FactKind("carrier", "a carrier is named", "flag"),
            FactKind("all", "nothing of the transfer came", "flag"),
        ),
        verb="Give them up",
        view="purchasing.view",
    )
)


def content_hash(held: LockedTransfer, note: str) -> str:
    """The fingerprint of what would be given up as it stands, and why."""
    return approval_rules.content_hash(_content(held, note))


def _content(held: LockedTransfer, note: str) -> dict[str, object]:
    """What is asked: the units that are missing, and what is said to have happened, whatever its case and spaces."""
    missing = [[line.line_id, line.left] for line in held.missing]
    return {"transfer": held.transfer_id, "missing": missing, "note": " ".join(note.casefold().split())}


def worth(lines: Sequence[OpenLine], costs: Mapping[int, Decimal]) -> Decimal:
    """What lines of a transfer are worth that have not arrived, by what a unit is worth."""
    return to_money(sum((line.left * costs.get(line.item_id, Decimal(0)) for line in lines), Decimal(0)))


def refuse_rejected(held: LockedTransfer, note: str) -> str:
    """Who rejected a loss of this transfer before, to be read after a sentence; empty = nobody.

    Every question is a claim of its own, so what was said of the earlier ones is looked up here: refuses with
    RejectedBefore the same units for the same reason. Two queries at most.
    """
    claims = queries_transfers.claims_of(held.transfer_id, cost_sites=frozenset())
    said = approvals.standing([ref(TRANSFER_CLAIM, one.id) for one in claims], TRANSFER_CLAIM) if claims else {}
    rejected = sorted((one for one in said.values() if one.state == "rejected"), key=lambda one: one.request_id)
    now = content_hash(held, note)
    for one in rejected:
        if one.content_hash == now:
            words = f"{one.number} was rejected by {one.last_by}: {one.last_reason}"
            line = BadLine(1, "note", words, "Say what else is known now.")
            raise RejectedBefore(words, lines=[line], fix="Look for the goods, say what else is known, then ask again.")
    return f" {rejected[-1].last_by} rejected it before: {rejected[-1].last_reason}" if rejected else ""


def submission(
    ctx: Context,
    claim: tuple[int, str],
    held: LockedTransfer,
    req: ClaimMissing,
    costs: Mapping[int, Decimal],
    earlier: str,
) -> Submission:
    """The question as the inbox shows it: what is given up, what it is worth, and who said no `earlier`. One query."""
    items = catalog.items([line.item_id for line in held.missing])
    units = sum(line.left for line in held.missing)
    return Submission(
        kind=TRANSFER_CLAIM,
        subject=ref(TRANSFER_CLAIM, claim[0]),
        site_id=held.site_id,
        amount=worth(held.missing, costs),
        content=_content(held, req.note),
        summary=f"{claim[1]} {units:,} of {held.number}",
        requester_id=ctx.actor_id,
        writer_ids=(held.sent_by_id,),
        facts={
            "units": units,
            "own": held.sent_by_id == ctx.actor_id,
            "carrier": bool(req.carrier.strip()),
            "all": held.arrived_at is None,
        },
        changes=tuple(
            Change(items[line.item_id].sku, "On the way", f"{line.left:,}", "lost", is_exception=True)
            for line in held.missing
        ),
        sentence=f"{units:,} units of {held.number} did not arrive. They are lost for the site that sent them."
        + earlier,
        reason=req.note.strip(),
        partner=ref(TRANSFER, held.transfer_id),
        partner_name=held.number,
    )


def give_up(ctx: Context, held: LockedTransfer) -> Posting:
    """Post what is missing of a transfer as lost, at the value with which it left."""
    transit, lost = (locations.virtual(held.site_id, name) for name in ("TRANSIT", "ADJUSTMENT"))
    origin = ref(TRANSFER, held.transfer_id)
    return ledger.post(
        ctx,
        [
            Move(
                line.item_id, Units(line.left), Place(transit, quality=Quality(line.quality)), Place(lost), "LOST",
                lot_id=line.lot_id, origin=origin,
            )
            for line in held.missing
        ],
    )  # fmt: skip
