"""Papers of trucks, kept as they were printed; and what customers are told of departures."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from flowrack.locations import queries as places
from flowrack.parties import queries as parties
from flowrack.platform.runner import Context, command
from flowrack.shared import ship_notice, x12
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref
from flowrack.shipping import (
    locks_proofs,
    papers,
    queries_board,
    queries_loads,
    queries_messages,
    queries_papers,
    queries_proofs,
    rules_loads,
    rules_messages,
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
    NoEdiAddress,
    NoNotice,
    NothingToPrint,
    NoticeAnswered,
    NoticeMessageWritten,
    NoticeTermsSet,
    NotTold,
    PaperKind,
    PaperPrinted,
    PrintManifest,
    PrintPaper,
    SetNoticeTerms,
    WriteNoticeMessage,
)

MOST_HOURS = 720
EDI_ID = re.compile(r"[A-Z0-9][A-Z0-9 ._/-]{0,13}[A-Z0-9]")


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
    ctx.about(SHIPMENT, [line.id for line in lines if line.id])
    return PaperPrinted(paper_id, digest)


@command(permission="shipping.notices", result=NoticeTermsSet)
def set_notice_terms(ctx: Context, req: SetNoticeTerms) -> NoticeTermsSet:
    """A customer gets a notice of each departure and confirms it within so many hours; 0 hours = he gets none."""
    known = parties.parties([req.customer_id]).get(req.customer_id)
    if known is None or not known.is_customer:
        raise Invalid("There is no such customer.", fix="Choose a customer.")
    if not 0 <= req.hours <= MOST_HOURS:
        raise Invalid(f"{req.hours} hours are no time to answer in.", fix=f"1 to {MOST_HOURS}, or 0 for no notice.")
    edi = [one.strip().upper() for one in (req.edi_sender, req.edi_receiver, req.edi_qualifier)]
    folder = req.edi_folder.strip()
    if bad := [*_bad_edi(*edi), *_bad_folder(folder, edi[0])]:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    qualifier = edi[2] if edi[0] else "ZZ"
    steps_proofs.write_notice_terms(
        replace(req, edi_sender=edi[0], edi_receiver=edi[1], edi_qualifier=qualifier, edi_folder=folder)
    )
    ctx.subject = ref("parties.party", req.customer_id)
    return NoticeTermsSet(req.customer_id)


def _bad_folder(folder: str, sender: str) -> list[BadLine]:
    """What is wrong with the folder of a customer: it is one name, and only an 856 goes there."""
    if folder and not rules_messages.FOLDER.fullmatch(folder):
        said = f"“{folder[:30]}” is no name of a folder."
        return [BadLine(0, "edi_folder", said, "1 to 40 letters, digits, - and _; it stands where the house says.")]
    if folder and not sender:
        return [BadLine(0, "edi_folder", "Without ids there is no EDI 856 for a folder.", "Enter both ids, or none.")]
    return []


def _bad_edi(sender: str, receiver: str, qualifier: str) -> list[BadLine]:
    """What is wrong with the ids of an envelope: both or none, of letters, digits and a few signs."""
    bad = []
    for name, said in (("edi_sender", sender), ("edi_receiver", receiver)):
        if not said and (sender or receiver):
            bad.append(BadLine(0, name, "An envelope has two ids: ours and the customer's.", "Enter both, or none."))
        elif said and not EDI_ID.fullmatch(said):
            bad.append(BadLine(0, name, f"“{said[:30]}” is no id for an envelope.", "2 to 15 letters and digits."))
    if sender and not re.fullmatch(r"[A-Z0-9]{2}", qualifier):
        bad.append(BadLine(0, "edi_qualifier", f"“{qualifier[:10]}” is no kind of id.", "ZZ, 01, 08, 12 or 14."))
    return bad


@command(permission="shipping.notices", result=NoticeMessageWritten)
def write_notice_message(ctx: Context, req: WriteNoticeMessage) -> NoticeMessageWritten:
    """Write the notice of a departure as EDI 856, once; a second time it answers with the one that is there.

    What our own reader does not read back the same is not kept. Emits shipping.notice_written. Refuses with NoNotice,
    with NoEdiAddress when the customer's terms name no ids for the envelope, and with NotTold, naming the items that
    have no number in plain letters or a unit that the standard does not know.
    """
    found = locks_proofs.notice(req.shipment_id)
    shipment = queries_proofs.to_prove(req.shipment_id)
    if found is None or shipment is None or not ctx.may("shipping.view", shipment.site_id):
        raise NoNotice("No notice was made of this departure.", fix="Its customer asked for none.")
    ctx.require("shipping.notices", shipment.site_id)
    ctx.subject = ref(SHIPMENT, req.shipment_id)
    if known := queries_messages.message_of(req.shipment_id):
        return NoticeMessageWritten(req.shipment_id, shipment.number, known.customer_id, known.control, known.sha256)
    to = queries_messages.address_of(found[0])
    if to is None:
        raise NoEdiAddress("The customer's system has no ids for an envelope.", fix="Enter them at Who is told.")
    notice = queries_messages.ship_notice(req.shipment_id)
    bad = ship_notice.faults(notice.goods)
    if bad:
        raise NotTold(bad[0].message, lines=bad, fix=bad[0].fix)
    control = found[0] % x12.MOST_CONTROL + 1
    said = ship_notice.written(notice)
    message = x12.Interchange(to.sender, to.receiver, control, to.is_test, [said])
    content = x12.write(ship_notice.GROUP, message, at=notice.shipped_at)
    again = ship_notice.read(x12.read(content).sets[0])
    assert again.goods == ship_notice.in_order(notice.goods), "what is sent reads back as what left"
    digest = hashlib.sha256(content.encode()).hexdigest()
    steps_proofs.write_message(found[0], message, content, digest, at=ctx.now)
    done = NoticeMessageWritten(req.shipment_id, shipment.number, to.customer_id, control, digest)
    ctx.emit(done)
    return done


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
