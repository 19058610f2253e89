"""The door of discrepancies: record, add pictures, decide, put on an order, settle an ASN; and of tolerances."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from flowrack.catalog import queries as catalog
from flowrack.inbound import (
    locks,
    queries,
    queries_asns,
    queries_blind,
    queries_discrepancies,
    rules_tolerance,
    steps_claims,
    steps_discrepancies,
    steps_put_on,
    steps_receive,
    steps_tolerance,
)
from flowrack.inbound.locks import LockedDiscrepancy
from flowrack.inbound.rules_tolerance import Tolerance
from flowrack.inbound.states import DiscrepancyState, decide
from flowrack.inbound.steps_claims import NewClaim
from flowrack.inbound.steps_discrepancies import NewDiscrepancy, Verdicted, write_discrepancies
from flowrack.inbound.steps_put_on import PutOn
from flowrack.inbound.types import CountedLine, Received
from flowrack.inbound.types_claims import ClaimKind
from flowrack.inbound.types_discrepancies import (
    AddPhotos,
    AsnSettled,
    BadDiscrepancy,
    BadTolerance,
    Decided,
    DecideDiscrepancies,
    DiscrepanciesDecided,
    DiscrepanciesDecidedEvent,
    DiscrepancyRecorded,
    Kind,
    PhotosAdded,
    PutOnPo,
    RecordDiscrepancy,
    Responsible,
    SettleAsn,
    SetTolerance,
    ToleranceSet,
    Verdict,
)
from flowrack.ledger import steps as ledger
from flowrack.parties import queries as parties
from flowrack.platform import photos
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, NotFound
from flowrack.shared.money import to_money
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

MAX_PHOTOS = 20


@command(permission="inbound.record", result=DiscrepancyRecorded)
def record_discrepancy(ctx: Context, req: RecordDiscrepancy) -> DiscrepancyRecorded:
    """Put on record what no count says: an unreadable label, a wrong item, units that are missing.

    The money at stake is units at the cost of the PO line. Emits inbound.discrepancies_recorded. Refuses with
    BadDiscrepancy, NotFound and PhotoRefused.
    """
    ctx.require("inbound.record", req.site_id)
    bad = [
        BadLine(1, name, message, fix)
        for name, message, fix, is_bad in (
            ("kind", f"“{req.kind}” is no discrepancy.", f"Use one of: {', '.join(Kind)}.", req.kind not in list(Kind)),
            ("reason", "Say what is wrong.", "Choose or type a reason.", not req.reason.strip()),
            ("units", f"{req.units} units make no sense.", "Type 0 or more.", req.units < 0),
            (
                "responsible",
                f"“{req.responsible}” answers for nothing.",
                f"Use one of: {', '.join(Responsible)}.",
                req.responsible not in list(Responsible),
            ),
            ("photos", "That are too many pictures.", f"Send {MAX_PHOTOS} at most.", len(req.photos) > MAX_PHOTOS),
        )
        if is_bad
    ]
    if req.supplier_id not in parties.parties([req.supplier_id]):
        bad.append(BadLine(1, "supplier_id", "There is no such supplier.", "Choose a supplier."))
    if req.item_id and req.item_id not in catalog.items([req.item_id]):
        bad.append(BadLine(1, "item_id", "There is no such item.", "Choose an item."))
    value, item_id = Decimal(0), req.item_id
    if req.po_line_id:
        line = queries_discrepancies.po_line_facts(req.po_line_id)
        if (line.site_id, line.supplier_id) != (req.site_id, req.supplier_id):
            bad.append(BadLine(1, "po_line_id", "That line is of another supplier or site.", "Choose another line."))
        value, item_id = to_money(line.unit_cost * max(req.units, 0)), item_id or line.item_id
    if bad:
        raise BadDiscrepancy(bad[0].message, lines=bad, fix=bad[0].fix)
    photos.refuse_missing(req.photos)
    new = NewDiscrepancy(
        site_id=req.site_id,
        supplier_id=req.supplier_id,
        kind=Kind(req.kind),
        reason=req.reason.strip(),
        units=req.units,
        value=value,
        responsible=req.responsible,
        po_line_id=req.po_line_id,
        item_id=item_id,
        lpn=req.lpn,
        note=req.note,
        photos=tuple(dict.fromkeys(req.photos)),
    )
    discrepancy_id, number = write_discrepancies(ctx, [new])[0]
    ctx.subject = ref("inbound.discrepancy", discrepancy_id)
    return DiscrepancyRecorded(discrepancy_id, number, value)


@command(permission="inbound.record", result=PhotosAdded)
def add_photos(ctx: Context, req: AddPhotos) -> PhotosAdded:
    """Add pictures to a discrepancy. Refuses with NotFound, BadDiscrepancy and PhotoRefused."""
    one = locks.discrepancies([req.discrepancy_id])[0]
    ctx.require("inbound.record", one.site_id)
    photos.refuse_missing(req.photos)
    count = steps_discrepancies.write_photos(req.discrepancy_id, req.photos)
    if count > MAX_PHOTOS:
        raise BadDiscrepancy(f"{count} pictures are too many.", fix=f"Keep to {MAX_PHOTOS}.")
    ctx.subject = ref("inbound.discrepancy", req.discrepancy_id)
    return PhotosAdded(req.discrepancy_id, count)


@command(permission="inbound.accept", result=DiscrepanciesDecided)
def decide_discrepancies(ctx: Context, req: DecideDiscrepancies) -> DiscrepanciesDecided:
    """Accept discrepancies, claim or debit their money, or send back what has no order.

    A claim or debit note is drafted for each site, supplier and who answers for it, of carriers for each. Of goods
    without an order what still stands in quarantine goes back; where some have left it, their discrepancy stays open.
    Whoever wrote the PO does not decide (S24). Emits inbound.discrepancies_decided.
    Refuses with BadDiscrepancy, WrongState, DutiesConflict.
    """
    if not req.discrepancy_ids:
        raise BadDiscrepancy("Nothing was chosen.", fix="Choose at least one discrepancy.")
    found = locks.discrepancies(req.discrepancy_ids)
    _refuse_verdict(req, found)
    for one in found:
        ctx.require("inbound.accept", one.site_id)
        for writer in one.po_writers:
            ctx.require_other_person(
                writer, rule="S24", sentence=f"You wrote the order of {one.number}, so somebody else must decide."
            )
    documents = _documents(ctx, req, found)
    verdicts = [
        Verdicted(
            discrepancy_id=one.discrepancy_id,
            state=decide(DiscrepancyState(one.state), req.verdict, number=one.number),
            amount=_amount(req, one),
            document=documents.get(one.discrepancy_id, one.document),
            responsible=req.responsible or one.responsible,
        )
        for one in found
    ]
    stays: dict[int, int] = {}
    sent: dict[int, int] = {}
    if req.verdict == Verdict.SEND_BACK:
        goods = queries_blind.goods([one.discrepancy_id for one in found])
        sent = steps_put_on.send_back(ctx, list(goods.values()))
        stays = {i: one.left_units - sent[i] for i, one in goods.items() if one.left_units > sent[i]}
    steps_discrepancies.write_verdicts(ctx, [v for v in verdicts if v.discrepancy_id not in stays], req.note.strip())
    ids = [v.discrepancy_id for v in verdicts]
    ctx.about("inbound.discrepancy", ids)
    ctx.emit(DiscrepanciesDecidedEvent([i for i in ids if i not in stays], req.verdict))
    by_id = {
        v.discrepancy_id: Decided(
            v.discrepancy_id,
            str(DiscrepancyState.OPEN if v.discrepancy_id in stays else v.state),
            v.amount,
            v.document,
            sent.get(v.discrepancy_id, 0),
            stays.get(v.discrepancy_id, 0),
        )
        for v in verdicts
    }
    return DiscrepanciesDecided([by_id[i] for i in dict.fromkeys(req.discrepancy_ids)])


def _refuse_verdict(req: DecideDiscrepancies, found: list[LockedDiscrepancy]) -> None:
    bad: list[BadLine] = []
    if req.verdict not in list(Verdict):
        bad.append(BadLine(1, "verdict", f"“{req.verdict}” is no verdict.", f"Use one of: {', '.join(Verdict)}."))
    if req.responsible and req.responsible not in list(Responsible):
        bad.append(BadLine(1, "responsible", "Nobody answers for that.", f"Use one of: {', '.join(Responsible)}."))
    if req.amount is not None and (len(found) > 1 or req.amount < 0 or req.verdict not in ("claim", "debit")):
        bad.append(
            BadLine(1, "amount", "An amount belongs to one claim or debit note.", "Leave it out to ask for the value.")
        )
    for n, one in enumerate(found, start=1):
        waits = one.kind == Kind.NO_PO and one.posting_id
        if req.verdict == Verdict.SEND_BACK and not waits:
            bad.append(BadLine(n, "verdict", f"{one.number} holds no goods to send back.", "Choose another verdict."))
        if waits and one.state == "open" and req.verdict != Verdict.SEND_BACK:
            bad.append(
                BadLine(n, "verdict", f"The goods of {one.number} need an order.", "Put them on an order or send back.")
            )
        if req.verdict in ("claim", "debit") and _amount(req, one) <= 0:
            bad.append(BadLine(n, "amount", f"{one.number} has no money to ask for.", "Type the amount."))
        if req.verdict == Verdict.DEBIT and (req.responsible or one.responsible) != Responsible.SUPPLIER:
            bad.append(BadLine(n, "verdict", f"{one.number} is not the supplier's fault.", "Claim it instead."))
    if bad:
        raise BadDiscrepancy(bad[0].message, lines=bad, fix=bad[0].fix)


def _amount(req: DecideDiscrepancies, one: LockedDiscrepancy) -> Decimal:
    if req.verdict in ("claim", "debit"):
        return to_money(one.value if req.amount is None else req.amount)
    return one.amount


def _documents(ctx: Context, req: DecideDiscrepancies, found: list[LockedDiscrepancy]) -> dict[int, str]:
    """A draft for each site, supplier and who answers for it, of carriers for each; its number by discrepancy."""
    kind = {"claim": ClaimKind.CLAIM, "debit": ClaimKind.DEBIT_NOTE}.get(req.verdict)
    if kind is None:
        return {}
    groups: dict[tuple[int, int, str, int], list[LockedDiscrepancy]] = {}
    for one in found:
        who = req.responsible or one.responsible
        carrier_id = one.carrier_id if who == Responsible.CARRIER else 0
        groups.setdefault((one.site_id, one.supplier_id, who, carrier_id), []).append(one)
    drafts = [
        NewClaim(*asked, amount=sum((_amount(req, one) for one in of), Decimal(0)))
        for asked, of in sorted(groups.items())
    ]
    numbers = steps_claims.draft(ctx, kind, drafts, req.note.strip())
    return {
        one.discrepancy_id: number
        for number, (_, of) in zip(numbers, sorted(groups.items()), strict=True)
        for one in of
    }


@command(permission="inbound.receive", result=Received)
def put_on_po(ctx: Context, req: PutOnPo) -> Received:
    """Count goods that came without an order on a PO after all, where they stand.

    As long as they are where they were counted and the books hold exactly what they brought, their posting is reversed
    and they are booked like any count. Else they are on the order by a value-only correction: what stands where it was
    counted becomes what the order's goods are, all others stay where and as they are. Refuses with NotFound,
    WrongState, BadDiscrepancy and with whatever counting on the PO refuses.
    """
    lines = steps_receive.lines_of(ctx, req.po_id)
    if not lines:
        raise NotFound(f"There is no PO with id {req.po_id}.")
    one = locks.discrepancies([req.discrepancy_id])[0]
    stock = queries_discrepancies.blind_stock(req.discrepancy_id)
    state = decide(DiscrepancyState(one.state), "put_on_po", number=one.number)
    goods = queries_blind.goods([req.discrepancy_id])[req.discrepancy_id]
    found = queries_blind.where([goods])[req.discrepancy_id]
    here = sum(at.units for at in found if at.spot == goods.spot)
    place = queries.dock(stock.location_id, po_id=req.po_id, now=ctx.now)
    count = CountedLine(
        units=Units(stock.units), item_id=stock.item_id, lot=stock.lot, expires_on=stock.expires_on, lpn=stock.lpn
    )
    note = f"Put on {lines[0].po_number}."
    if stock.together == 1 and here == goods.units and queries_blind.is_reversible(stock.posting_id):
        ledger.reverse(ctx, stock.posting_id)
        done = steps_receive.book(ctx, place, lines, [count])
    else:
        counts = steps_put_on.counts(goods, here, lot=count)
        done = steps_receive.book(ctx, place, lines, counts, post=PutOn(goods))
        note += steps_put_on.words(goods, here, sum(at.units for at in found))
    steps_discrepancies.write_verdicts(
        ctx, [Verdicted(one.discrepancy_id, state, Decimal(0), "", one.responsible)], note
    )
    steps_discrepancies.write_receipt(one.discrepancy_id, done.receipt_id)
    ctx.subject = ref("inbound.discrepancy", one.discrepancy_id)
    ctx.emit(DiscrepanciesDecidedEvent([one.discrepancy_id], "put_on_po"))
    return done


@command(permission="inbound.record", result=AsnSettled)
def settle_asn(ctx: Context, req: SettleAsn) -> AsnSettled:
    """Put on record, against the supplier, what a closed ASN announced and nobody counted. Safe to repeat."""
    missing = queries_asns.missing_of_asn(req.asn_id)
    made = write_discrepancies(
        ctx,
        [
            NewDiscrepancy(
                site_id=line.site_id,
                supplier_id=line.supplier_id,
                kind=Kind.SHORT,
                reason=f"{line.sku}: {line.units} announced by {line.asn_number} did not come.",
                units=line.units,
                value=to_money(line.unit_cost * line.units),
                po_line_id=line.po_line_id,
                asn_line_id=line.asn_line_id,
                item_id=line.item_id,
                lpn=line.sscc,
            )
            for line in missing
        ],
    )
    ctx.subject = ref("dock.asn", req.asn_id)
    return AsnSettled([discrepancy_id for discrepancy_id, _ in made])


@command(permission="inbound.tolerance", result=ToleranceSet)
def set_tolerance(ctx: Context, req: SetTolerance) -> ToleranceSet:
    """Say what is tolerated from now on: a new version for the scope; the one before stays on record, ended.

    Refuses with BadTolerance.
    """
    ctx.require("inbound.tolerance", 0)
    names = {f.name for f in fields(Tolerance)} - {"tolerance_id", "version"}
    wanted = Tolerance(**{name: getattr(req, name) for name in names})
    bad = [BadLine(1, name, message) for name, message in rules_tolerance.faults(wanted)]
    if req.supplier_id and req.supplier_id not in parties.parties([req.supplier_id]):
        bad.append(BadLine(1, "supplier_id", "There is no such supplier.", "Choose a supplier."))
    family_id = steps_tolerance.family_id(req.family) if req.family else 0
    if req.family and not family_id:
        bad.append(BadLine(1, "family", f"There is no item family “{req.family}”.", "Use the code of a family."))
    if bad:
        raise BadTolerance(bad[0].message, lines=bad, fix=bad[0].fix)
    current, version = locks.tolerance_scope(req.supplier_id, family_id)
    made = steps_tolerance.replace(ctx, current, version + 1, req, family_id)
    ctx.subject = ref("inbound.tolerance", made)
    return ToleranceSet(made, version + 1)
