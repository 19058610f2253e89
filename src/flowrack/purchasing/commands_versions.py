"""The door for changes of approved POs: ask for one, give it up, settle what others decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flowrack.approvals.queries import Standing, facts_of
from flowrack.platform.runner import Context, command
from flowrack.purchasing import (
    locks,
    queries_orders,
    rules,
    rules_versions,
    steps,
    steps_budgets,
    steps_cover,
    steps_versions,
    steps_versions_cover,
)
from flowrack.purchasing import queries_versions as versions
from flowrack.purchasing.models import Po
from flowrack.purchasing.queries_orders import OrderFacts
from flowrack.purchasing.queries_versions import Standings, WaitingVersion
from flowrack.purchasing.rules_versions import Priced
from flowrack.purchasing.states import TRANSITIONS, PoState, advance
from flowrack.purchasing.steps_versions import Binding, Proposal
from flowrack.purchasing.types import BadPo, BelowMinimum, NewPo, NewPoLine
from flowrack.purchasing.types_versions import (
    BadChange,
    Content,
    NoChangeWaits,
    NothingChanges,
    Origin,
    PoChange,
    RevisePos,
    SettleChanges,
    VersionNow,
    VersionsNow,
    VersionState,
    WithdrawChanges,
)
from flowrack.shared.errors import BadLine, Invalid, Stale
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref


@command(permission="purchasing.create", result=VersionsNow)
def revise_pos(ctx: Context, req: RevisePos) -> VersionsNow:
    """Change approved POs: each change is a new version that asks for approval; until then the last one counts.

    What has come stays; units on top are held against what is coming. Emits purchasing.pos_changed for what no policy
    asks about. Refuses with WrongState, Stale, BadChange, NothingChanges, BadPo, BelowMinimum, AlreadyCovered,
    RejectedBefore.
    """
    ids = [change.po_id for change in req.changes]
    if not ids or len(set(ids)) != len(ids):
        raise Invalid("Name each PO once, and at least one.")
    locks.requisitions_of(ids)
    pos = locks.pos(ids)
    for po, change in zip(pos, req.changes, strict=True):
        ctx.require("purchasing.create", po.site_id)
        advance(PoState(po.state), "revise", number=po.number)
        if po.version != change.version:
            raise Stale(
                f"{po.number} was changed since you read it (version {po.version}, you have {change.version}).",
                fix="Read it again and repeat your change.",
            )
    standing = versions.as_they_stand(ids, now=ctx.now)
    _refuse_bad(req.changes, standing)
    orders = [_order_of(standing[c.po_id], c) for c in req.changes]
    facts = queries_orders.order_facts([order for order, _ in orders], now=ctx.now)
    wanted = steps_versions_cover.on_top(orders, req.changes, standing, facts)
    overridden = steps_cover.both(
        lambda: _check_orders(orders, req.changes, facts),
        lambda: steps_versions_cover.refuse_covered(ctx, wanted, standing),
    )
    covered = steps_versions_cover.keep_overrides(ctx, wanted, overridden)
    proposals = []
    for po, change, (order, places) in zip(pos, req.changes, orders, strict=True):
        one = standing[po.pk]
        lines = zip(places, order.lines, strict=True)
        priced = {place: _priced(one, order, line, facts) for place, line in lines}
        content = rules_versions.revised(one.content, change, priced)
        if content == one.content:
            raise NothingChanges(f"This leaves {po.number} as it is.", fix="Change units, a price, a date or a line.")
        proposals.append(
            Proposal(po, one, content, Origin.CHANGE, change.reason, change.override_reason, covered.get(po.pk, 0))
        )
    done = steps_versions.propose(ctx, proposals)
    if len(done) == 1:
        ctx.subject = ref("purchasing.po", done[0].po_id)
    return VersionsNow(done)


def _refuse_bad(changes: list[PoChange], standing: dict[int, Standings]) -> None:
    bad: list[BadLine] = []
    first = 1
    for change in changes:
        one = standing[change.po_id]
        bad += rules_versions.faults(one.content, change, came=one.came, today=one.today, first=first)
        first += max(len(change.lines), 1)
    if bad:
        raise BadChange(
            bad[0].message if len(bad) == 1 else f"To change this, mend {len(bad)} things.", lines=bad, fix=bad[0].fix
        )


def _order_of(one: Standings, change: PoChange) -> tuple[NewPo, list[int]]:
    """The new lines and those with other units, as an order to check and price; and their places in the change."""
    known = {line.line_no: line for line in one.content.lines}
    places = [
        place
        for place, asked in enumerate(change.lines)
        if not asked.line_no
        or (asked.units is not None and not asked.is_dropped and asked.units != known[asked.line_no].units)
    ]
    lines = []
    for place in places:
        asked = change.lines[place]
        item_id = known[asked.line_no].item_id if asked.line_no else asked.item_id
        cost = asked.unit_cost if asked.unit_cost is not None or not asked.line_no else known[asked.line_no].unit_cost
        lines.append(NewPoLine(item_id, asked.units or Units(0), cost))
    return NewPo(one.supplier_id, one.site_id, lines, override_reason=change.override_reason), places


def _check_orders(orders: list[tuple[NewPo, list[int]]], changes: list[PoChange], facts: OrderFacts) -> None:
    """What a new order would be refused for; lines are numbered as in the request."""
    numbers: list[int] = []
    first = 1
    for (_, places), change in zip(orders, changes, strict=True):
        numbers += [first + place for place in places]
        first += max(len(change.lines), 1)
    try:
        filled = [order for order, _ in orders if order.lines]
        if filled:
            steps.check_orders(filled, facts)
    except (BadPo, BelowMinimum) as refusal:
        lines = [replace(line, line=numbers[line.line - 1]) for line in refusal.lines]
        raise type(refusal)(refusal.message, lines=lines, fix=refusal.fix) from None


def _priced(one: Standings, order: NewPo, line: NewPoLine, facts: OrderFacts) -> Priced:
    item = facts.items[line.item_id]
    agreed = facts.agreed(order, line)
    name = next((x.name for x in one.content.lines if x.item_id == line.item_id), item.sku)
    over = rules.over_units(
        units=line.units,
        line_pct=line.over_pct,
        supplier_pct=agreed.over_pct if agreed else None,
        case_factor=item.case_factor,
    )
    return Priced(item.sku, name, steps.cost_of(order, line, facts), over)


@command(permission="purchasing.create", result=VersionsNow)
def withdraw_changes(ctx: Context, req: WithdrawChanges) -> VersionsNow:
    """Give up changes that wait for approval; the POs stay as they were approved.

    Refuses with NoChangeWaits, Invalid without a reason.
    """
    if not req.reason.strip():
        raise Invalid("A reason is needed.", fix="Say in a few words why.")
    pos = locks.pos(req.po_ids)
    found = versions.waiting(req.po_ids)
    for po in pos:
        ctx.require("purchasing.create", po.site_id)
        if po.pk not in found:
            raise NoChangeWaits(f"No change of {po.number} waits for approval.", fix="Look at its versions.")
    steps_versions.end_waiting(ctx, req.po_ids, VersionState.WITHDRAWN, req.reason.strip())
    if len(pos) == 1:
        ctx.subject = ref("purchasing.po", pos[0].pk)
    return VersionsNow([_now(po, found[po.pk], VersionState.WITHDRAWN) for po in pos])


@command(permission="purchasing.apply", result=VersionsNow)
def settle_changes(ctx: Context, req: SettleChanges) -> VersionsNow:
    """Make changes binding that people approved, and end those that they rejected; what is settled already is left.

    A change that the order cannot take any more (closed meanwhile, or more has come than it would order), that would
    buy twice by now or overdraw a budget more than those who approved could see, lapses with the reason. Emits
    purchasing.pos_changed.
    """
    locks.requisitions_of(req.po_ids)
    pos = {po.pk: po for po in locks.pos(req.po_ids)}
    asked = versions.changes_asked(req.po_ids)
    waiting = versions.waiting(req.po_ids)
    standing = versions.as_they_stand(req.po_ids, now=ctx.now)
    contents = versions.contents([one.version_id for one in waiting.values()])
    since = _since(ctx, req, asked, waiting, standing, contents)
    bindings, ended, done = [], [], []
    for po_id, request_id, verdict in zip(req.po_ids, req.request_ids, req.verdicts, strict=True):
        version, found = waiting.get(po_id), asked.get(po_id)
        if version is None or found is None:
            continue
        if (found.request_id, found.state, found.content_hash) != (request_id, verdict, version.content_hash):
            continue
        state, reason = VersionState.REJECTED, found.last_reason
        if verdict == "approved":
            content = contents[version.version_id]
            reason = _cannot_bind(pos[po_id], content, standing[po_id]) or since.get(po_id, "")
            state = VersionState.LAPSED if reason else VersionState.APPROVED
        if state == VersionState.APPROVED:
            bindings.append(
                Binding(
                    pos[po_id], standing[po_id], version.version_id, version.version_no, content,
                    version.override_reason, version.content_hash, version.written_by,
                )
            )  # fmt: skip
        else:
            ended.append((version.version_id, state, found.last_by_id, reason))
        done.append(_now(pos[po_id], version, state))
    steps_versions.end_versions(ctx, ended)
    steps_versions.bind(ctx, bindings, {b.po.pk: (asked[b.po.pk].last_by_id, True) for b in bindings})
    if len(done) == 1:
        ctx.subject = ref("purchasing.po", done[0].po_id)
    return VersionsNow(done)


def _since(
    ctx: Context,
    req: SettleChanges,
    asked: Mapping[int, Standing],
    waiting: Mapping[int, WaitingVersion],
    standing: Mapping[int, Standings],
    contents: Mapping[int, Content],
) -> dict[int, str]:
    """What is otherwise by now than those who approved were told, in words, by PO."""
    approved = [
        po_id
        for po_id, verdict in zip(req.po_ids, req.verdicts, strict=True)
        if verdict == "approved" and po_id in waiting and po_id in asked
    ]
    if not approved:
        return {}
    told = facts_of([asked[po_id].request_id for po_id in approved], ["covered_units"])
    units = {i: int(told.get((asked[i].request_id, "covered_units"), "") or 0) for i in approved}
    wanted = {po_id: contents[waiting[po_id].version_id] for po_id in approved}
    covered = steps_versions_cover.covered_since(ctx, wanted, standing, units)
    left = steps_budgets.told({i: asked[i].request_id for i in approved})
    found = steps_versions_cover.budget_since(wanted, standing, left)
    both = {po_id: f"{covered.get(po_id, '')} {found.get(po_id, '')}".strip() for po_id in {*found, *covered}}
    return {po_id: f"Since it was asked for: {words} Ask again with a reason." for po_id, words in both.items()}


def _cannot_bind(po: Po, content: Content, one: Standings) -> str:
    """Why the order cannot take the change any more; empty if it can."""
    if (PoState(po.state), "revise") not in TRANSITIONS:
        return f"The order was {po.state} before the change was approved."
    now = {line.line_no: line.units for line in one.content.lines}
    for line in content.lines:
        came = one.came.get(line.line_no, 0)
        if line.units < came and line.units != now.get(line.line_no):
            return f"{came:,} of line {line.line_no} had come before the change to {line.units:,} was approved."
    return ""


def _now(po: Po, version: WaitingVersion, state: VersionState) -> VersionNow:
    return VersionNow(version.version_id, po.pk, po.number, version.version_no, str(state))
