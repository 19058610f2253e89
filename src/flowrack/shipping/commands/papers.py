"""Papers of trucks, kept as they were printed; and what customers are told of departures."""

from __future__ import annotations

from datetime import datetime

from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref
from flowrack.shipping import (
    locks_proofs,
    papers,
    queries_board,
    queries_loads,
    queries_papers,
    queries_proofs,
    rules_loads,
    steps_proofs,
)
from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.steps_departures import SHIPMENT
from flowrack.shipping.types_loads import LOAD
from flowrack.shipping.types_proofs import (
    PAPER_WORDS,
    Answer,
    AnsweredBefore,
    AnswerNotice,
    NoNotice,
    NothingToPrint,
    NoticeAnswered,
    NoticeTermsSet,
    PaperKind,
    PaperPrinted,
    PrintManifest,
    PrintPaper,
    SetNoticeTerms,
)

MOST_HOURS = 720


@command(permission="shipping.load", result=PaperPrinted)
def print_paper(ctx: Context, req: PrintPaper) -> PaperPrinted:
    """Print the loading list or the bill of lading of a truck and keep it byte by byte with its hash.

    Refuses with NothingToPrint: a bill of lading before the truck is closed, a list of nothing.
    """
    row = queries_board.access_load(req.load_id, ctx.grants.get("shipping.view", frozenset()))
    ctx.require("shipping.load", row.site_id)
    if req.kind not in (PaperKind.LOADING_LIST, PaperKind.BILL_OF_LADING):
        raise Invalid(f"“{req.kind[:20]}” is no paper of a load.", fix="Choose loading list or bill of lading.")
    content = _loading_list(row, ctx.now) if req.kind == PaperKind.LOADING_LIST else _bill(row, ctx.now)
    paper_id, digest = steps_proofs.keep_paper(ctx, content, site_id=row.site_id, kind=req.kind, load_id=row.id)
    ctx.subject = ref(LOAD, row.id)
    return PaperPrinted(paper_id, digest)


def _loading_list(row: LoadRow, at: datetime) -> bytes:
    plates = list(rules_loads.plates(queries_loads.contents(row.id)).values())
    if not plates:
        raise NothingToPrint(f"Nothing is staged for {row.number}.", fix="Print it when goods are picked.")
    return papers.loading_list(row, queries_papers.paper_stops(row.id), plates, printed_at=at)


def _bill(row: LoadRow, at: datetime) -> bytes:
    if row.closed_at is None:
        words = PAPER_WORDS[PaperKind.BILL_OF_LADING]
        raise NothingToPrint(f"{words}: {row.number} is not closed.", fix="Close the truck first.")
    return papers.bill_of_lading(
        row,
        queries_papers.paper_stops(row.id),
        queries_papers.paper_units(row.id),
        queries_papers.hazard_lines(row.id),
        printed_at=at,
    )


@command(permission="shipping.load", result=PaperPrinted)
def print_manifest(ctx: Context, req: PrintManifest) -> PaperPrinted:
    """Print all that left a site with a carrier on a day, and keep it. Refuses with NothingToPrint."""
    ctx.require("shipping.load", req.site_id)
    lines = queries_papers.manifest_lines(req.site_id, req.carrier, req.day)
    if not lines:
        raise NothingToPrint("Nothing left with this carrier on this day.", fix="Choose another day.")
    content = papers.manifest(places.site(req.site_id).name, req.carrier, req.day, lines, printed_at=ctx.now)
    paper_id, digest = steps_proofs.keep_paper(
        ctx, content, site_id=req.site_id, kind=PaperKind.MANIFEST, carrier=req.carrier, day=req.day
    )
    ctx.about(SHIPMENT, [line.id for line in lines])
    return PaperPrinted(paper_id, digest)


@command(permission="shipping.notices", result=NoticeTermsSet)
def set_notice_terms(ctx: Context, req: SetNoticeTerms) -> NoticeTermsSet:
    """A customer gets a notice of each departure and confirms it within so many hours; 0 hours = he gets none."""
    known = parties.parties([req.customer_id]).get(req.customer_id)
    if known is None or not known.is_customer:
        raise Invalid("There is no such customer.", fix="Choose a customer.")
    if not 0 <= req.hours <= MOST_HOURS:
        raise Invalid(f"{req.hours} hours are no time to answer in.", fix=f"1 to {MOST_HOURS}, or 0 for no notice.")
    steps_proofs.write_notice_terms(req.customer_id, req.hours)
    ctx.subject = ref("parties.party", req.customer_id)
    return NoticeTermsSet(req.customer_id)


@command(permission="shipping.notices", result=NoticeAnswered)
def answer_notice(ctx: Context, req: AnswerNotice) -> NoticeAnswered:
    """Note that a customer's system accepted or rejected a notice of departure, as an EDI 997 would say.

    Refuses with NoNotice, or AnsweredBefore once it was accepted; a rejected one may still be accepted.
    """
    found = locks_proofs.notice(req.shipment_id)
    shipment = queries_proofs.to_prove(req.shipment_id)
    if found is None or shipment is None or not ctx.may("shipping.view", shipment.site_id):
        raise NoNotice("No notice was made of this departure.", fix="Its customer asked for none.")
    ctx.require("shipping.notices", shipment.site_id)
    notice_id, answer, due_at = found
    if answer == Answer.ACCEPTED:
        raise AnsweredBefore("This notice was accepted before.", fix="Look at the notice.")
    if req.answer not in (Answer.ACCEPTED, Answer.REJECTED):
        raise Invalid("The answer is accepted or rejected.", fix="Send one of them.")
    steps_proofs.answer_notice(ctx, notice_id, req.answer, req.reference.strip()[:80], req.note.strip()[:200])
    ctx.subject = ref(SHIPMENT, req.shipment_id)
    return NoticeAnswered(req.shipment_id, req.answer, ctx.now > due_at)
