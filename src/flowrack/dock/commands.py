"""The door of notices: take ASNs in, end them, match them again, import them from a file."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.dock import imports, locks, queries, rules, states, steps
from flowrack.dock.rules import ReadLine
from flowrack.dock.rules_heads import AsnFacts, examine, known_reference, known_ssccs
from flowrack.dock.states import AsnState
from flowrack.dock.types import (
    AsnCreated,
    AsnEnded,
    AsnEndedEvent,
    AsnKnown,
    AsnsCreated,
    AsnsCreatedEvent,
    AsnsMatched,
    BadAsn,
    CancelAsn,
    CloseAsn,
    CreateAsns,
    MatchAsns,
    NewAsn,
    SsccKnown,
)
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.importing import ImportFile, ImportReport, load
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref

RULE = "dock.match.1"


@command(permission="dock.enter", result=AsnsCreated)
def create_asns(ctx: Context, req: CreateAsns) -> AsnsCreated:
    """Take in what suppliers announce, in base units, each line matched to a PO line or flagged with the reason.

    Emits dock.asns_created; stores why each line was matched so. Refuses with BadAsn, AsnKnown, SsccKnown, each naming
    every bad line of its kind in all ASNs.
    """
    if not req.asns:
        raise Invalid("No ASN was sent.", fix="Send at least one.")
    facts = queries.asn_facts(req.asns, now=ctx.now)
    for asn in req.asns:
        ctx.require("dock.enter", asn.site_id)
    read, bad = examine(req.asns, facts)
    if bad:
        raise BadAsn(bad[0].message, lines=bad, fix=bad[0].fix)
    _refuse_known(req.asns, facts)
    return _take_in(ctx, req.asns, read)


def _refuse_known(asns: Sequence[NewAsn], facts: AsnFacts) -> None:
    known = [line for asn in asns if (line := known_reference(asn, facts))]
    if known:
        raise AsnKnown(known[0].message, lines=known, fix=known[0].fix)
    seen = [line for asn in asns for line in known_ssccs(asn, facts)]
    if seen:
        raise SsccKnown(seen[0].message, lines=seen, fix=seen[0].fix)


def _take_in(ctx: Context, asns: Sequence[NewAsn], read: Sequence[Sequence[ReadLine]]) -> AsnsCreated:
    matched = match_all(asns, read)
    heads = steps.insert_asns(ctx, asns)
    packs = steps.insert_packs(ctx, [(asn_id, asn) for (asn_id, _), asn in zip(heads, asns, strict=True)])
    flat = [(asn_id, line) for (asn_id, _), lines in zip(heads, matched, strict=True) for line in lines]
    ids = iter(steps.insert_lines(flat, packs))
    made = [
        AsnCreated(asn_id, number, [next(ids) for _ in lines], sum(1 for line in lines if line.flags))
        for (asn_id, number), lines in zip(heads, matched, strict=True)
    ]
    record(
        ctx,
        [
            DecisionRow(
                "match",
                ref("dock.asn_line", line_id),
                f"{line.sku}: {line.match_reason}.",
                RULE,
                {"units": line.units, "po_line": line.po_line_id, "flags": list(line.flags), "named": line.po_number},
            )
            for one, lines in zip(made, matched, strict=True)
            for line_id, line in zip(one.line_ids, lines, strict=True)
        ],
    )
    ctx.about("dock.asn", [one.asn_id for one in made])
    ctx.emit(AsnsCreatedEvent([one.asn_id for one in made], sum(one.flagged for one in made)))
    return AsnsCreated(made)


def match_all(asns: Sequence[NewAsn], read: Sequence[Sequence[ReadLine]]) -> list[list[ReadLine]]:
    """The lines with their PO lines; ASNs of one supplier for one site share what is owed. One query for each pair."""
    groups: dict[tuple[int, int], list[int]] = {}
    for place, asn in enumerate(asns):
        groups.setdefault((asn.supplier_id, asn.site_id), []).append(place)
    done: list[list[ReadLine]] = [[] for _ in asns]
    for (supplier_id, site_id), places in groups.items():
        lines = [line for place in places for line in read[place]]
        offers = queries.po_offers(
            supplier_id, site_id, [x.item_id for x in lines], [x.po_number for x in lines if x.po_number]
        )
        matched = iter(rules.match(lines, offers))
        for place in places:
            done[place] = [next(matched) for _ in read[place]]
    return done


@command(permission="dock.enter", result=AsnEnded)
def cancel_asn(ctx: Context, req: CancelAsn) -> AsnEnded:
    """Withdraw an ASN of which nothing came; its SSCCs and its reference may be sent again.

    Emits dock.asn_ended. Refuses with WrongState, Invalid, NotFound.
    """
    return _end(ctx, req.asn_id, "cancel", req.reason, needs_reason=True)


@command(permission="dock.receive", result=AsnEnded)
def close_asn(ctx: Context, req: CloseAsn) -> AsnEnded:
    """Expect nothing more of an ASN; what did not come is logged as missing.

    Emits dock.asn_ended. Refuses with WrongState, Invalid when units are missing without a reason, NotFound.
    """
    return _end(ctx, req.asn_id, "close", req.reason, needs_reason=False)


def _end(ctx: Context, asn_id: int, action: str, reason: str, *, needs_reason: bool) -> AsnEnded:
    asn = locks.asn(asn_id)
    ctx.require("dock.enter" if action == "cancel" else "dock.receive", asn.site_id)
    state = states.advance_asn(AsnState(asn.state), action, number=asn.number)
    missing = steps.end_asn(ctx, asn_id, state, reason.strip())
    if not reason.strip() and (needs_reason or missing):
        sentence = f"{missing:,} units of {asn.number} did not come." if missing else "Say why it will not come."
        raise Invalid(sentence, fix="Give a reason.", lines=[BadLine(0, "reason", sentence, "Give a reason.")])
    ctx.subject = ref("dock.asn", asn_id)
    ctx.emit(AsnEndedEvent(asn_id, asn.supplier_id, str(state), missing))
    return AsnEnded(asn_id, asn.number, str(state), missing)


@command(permission="dock.match", result=AsnsMatched)
def match_asns(ctx: Context, req: MatchAsns) -> AsnsMatched:
    """Match the open ASNs that point to POs which were changed, closed or cancelled again. Refuses nothing."""
    lines, changed = steps.rematch(req.po_ids)
    return AsnsMatched(lines, changed)


@command(permission="dock.enter", result=ImportReport)
def import_asns(ctx: Context, req: ImportFile) -> ImportReport:
    """Take in the ASNs of a file, one row for each line.

    Emits dock.asns_created. Refuses with FileRefused, ImportRefused.
    """
    found: list[NewAsn] = []
    report = load(imports.definition(found), req)
    for asn in found:
        ctx.require("dock.enter", asn.site_id)
    if found:
        facts = queries.asn_facts(found, now=ctx.now)
        read, bad = examine(found, facts)
        assert not bad, "the check of the file has found every fault"
        _refuse_known(found, facts)
        _take_in(ctx, found, read)
    ctx.subject = f"platform.importfile:{req.digest[:40]}"
    return report
