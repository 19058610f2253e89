"""Receive by scan, a whole ASN: its number asks once whether all of it is here; lines that need a decision stay."""

from __future__ import annotations

from typing import Any

from flowrack.dock import queries as dock
from flowrack.dock import queries_deliveries as deliveries
from flowrack.inbound import commands_packs, queries_discrepancies, queries_outlook, scan_docks, scan_lots, scan_packs
from flowrack.inbound.types_deliveries import ReceiveAsn
from flowrack.platform.http import now
from flowrack.platform.web.scan import DONE, HELD, OK, ScanAction, ScanStep, Visit, WrongScan

NAMED = 3  # lines that the screen names; the page of the ASN shows all


def find(visit: Visit, code: str) -> bool:
    """Whether the code is the number of an ASN of this site; then the screen asks about all of it."""
    asn_id = dock.ids_of_asns([code.strip().upper()]).get(code.strip().upper())
    if asn_id is None or dock.asn(asn_id).site_id != visit.site_id:
        return False
    coming = deliveries.coming_with_asn(asn_id)
    scan_docks.stand_at(visit, asn_id=asn_id, po_ids=coming.po_ids if coming else ())
    ask(visit, asn_id)
    return True


def ask(visit: Visit, asn_id: int) -> None:
    """Say what would come in, and name the lines that stay."""
    state = visit.state
    seen = queries_outlook.outlook(asn_id, state["place"], now=now())
    if not seen.lines:
        raise WrongScan(f"All of {seen.asn.number} was received.", "Scan the next pallet.")
    stay = {m.asn_line_id: m for m in reversed(seen.blocking)}
    first = sorted(stay.values(), key=lambda m: m.line_no)[:NAMED]
    named = "; ".join(f"line {m.line_no}: {m.sentence}" for m in first)
    more = f"; and {len(stay) - len(first):,} more" if len(stay) > len(first) else ""
    apart = len({m.asn_line_id for m in seen.matters} - stay.keys())
    state["all"] = {
        "asn": asn_id,
        "number": seen.asn.number,
        "leave": sorted(stay),
        "words": f"{seen.packs:,} packs, {seen.lines:,} lines, {seen.units:,} units",
        "stay": f"{len(stay):,} to be scanned one by one: {named}{more}" if stay else "",
        "apart": f"Come in apart (expired, held, to inspect, no order): {apart:,}." if apart else "",
        "come": seen.lines - len(stay),
    }


def draw(visit: Visit, common: dict[str, Any]) -> ScanStep:
    """All of it?"""
    asked = visit.state["all"]
    yes = ScanAction(
        "all_yes", "Receive all" if not asked["leave"] else f"Receive {asked['come']:,} lines", primary=True
    )
    return ScanStep(
        task=asked["number"],
        prompt="All of it here?",
        sub=f"{asked['words']}; {scan_docks.words(visit.state)}",
        note=" ".join(words for words in (asked["stay"], asked["apart"]) if words),
        accepts="Or scan one pallet",
        actions=[ScanAction("all_no", "Back"), *([yes] if asked["come"] else [])],
        **common,
    )


def receive(visit: Visit) -> str:
    """Receive what was asked about."""
    state = visit.state
    asked = state.pop("all", None)
    if asked is None:
        return ""
    req = ReceiveAsn(asked["asn"], state["place"], leave=asked["leave"], is_bin_asked=True)
    done = commands_packs.receive_asn(visit.ctx(), req)
    for name in ("po", "number", "blind", "receipt", "last", "last_text", "last_units"):
        state.pop(name, None)
    apart = sum(x.units for r in done.receipts for x in r.lines if x.quality in ("expired", "hold")) + done.held_units
    words = [f"{done.left_lines:,} line{'s' if done.left_lines > 1 else ''} left"] if done.left_lines else []
    if apart:
        words.append(f"{apart:,} set apart")
        state["held"] = scan_lots.why_held(f"{apart:,} of {done.asn_number}", done.posting_ids)
    if bins := scan_packs.bins_of(done.receipts):
        words.append(bins)
    is_apart = bool(apart or done.left_lines)
    packs, left = deliveries.floor_packs(done.asn_id)
    state.update(asn=done.asn_number, asn_packs=packs, asn_left=left)
    state["pack"] = {"sscc": done.asn_number, "postings": done.posting_ids, "line": None, "what": "", "is_asn": True}
    state["problem_at"] = queries_discrepancies.newest_of(done.posting_ids)
    scan_packs.tell_cross_docks(state, [one for receipt in done.receipts for one in receipt.cross_docks])
    ticks: list[list[str]] = state.setdefault("ticks", [])
    ticks.insert(
        0,
        [f"{done.units:,} of {done.asn_number}", ", ".join(words) or state["place_code"], "warn" if is_apart else "ok"],
    )
    del ticks[5:]
    if state.get("held"):
        return HELD
    return DONE if not left and not done.left_lines else OK
