"""The door of order holds: hold by hand, release, and say what is held by itself."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.locations import queries as places
from flowrack.platform import sql
from flowrack.platform.runner import Context, command, refuse_on
from flowrack.sales import locks, queries_holds, rules_holds, steps_floor, steps_history, steps_holds, steps_judge
from flowrack.sales import queries_holds as reads
from flowrack.sales.rules_holds import PERMISSION_OF, Rules
from flowrack.sales.types import ORDER, LockedLine
from flowrack.sales.types_holds import (
    BadHold,
    BadHoldRules,
    CheckAddresses,
    CreditsSet,
    Ending,
    HoldKind,
    HoldRulesSet,
    HoldsPlaced,
    HoldsReleased,
    ItemHistoryRefreshed,
    NewHold,
    PlaceHolds,
    RefreshItemHistory,
    ReleaseHolds,
    SetHoldRules,
)
from flowrack.shared.errors import BadLine, DutiesConflict, Stale, WrongState
from flowrack.shared.refs import ref


@command(permission="sales.hold", result=HoldsPlaced)
def place_holds(ctx: Context, req: PlaceHolds) -> HoldsPlaced:
    """Hold orders and lines until a person releases them: nothing new is promised, nothing goes to a picker.

    What is promised stays promised. Emits sales.holds_placed. Refuses with BadHold, naming every order or line that is
    unknown, finished or held by hand already.
    """
    bad = [] if req.reason.strip() else [BadLine(0, "reason", "Say why.", "A few words are enough.")]
    order_of = _orders_of_lines(req.line_ids)
    lines = locks.orders(sorted({*req.order_ids, *order_of.values()}))
    for site_id in {line.site_id for line in lines}:
        ctx.require("sales.hold", site_id)
    held = {(h.order_id, h.line_id) for h in reads.open_holds(_order_ids(lines)) if h.kind == HoldKind.MANUAL}
    wanted = [(order_id, 0) for order_id in req.order_ids]
    wanted += [(order_of.get(line_id, 0), line_id) for line_id in req.line_ids]
    if not wanted:
        bad.append(BadLine(0, "order_ids", "No order and no line is named.", "Choose what to hold."))
    for n, (order_id, line_id) in enumerate(wanted, 1):
        of = [line for line in lines if line.order_id == order_id and line_id in (0, line.line_id)]
        why = _why_not(of, (order_id, line_id) in held, is_twice=wanted.index((order_id, line_id)) + 1 < n)
        if why is not None:
            bad.append(BadLine(n, "line_id" if line_id else "order_id", *why))
    if bad:
        raise BadHold(bad[0].message, lines=bad, fix=bad[0].fix)
    said = req.reason.strip()
    said = said if said[-1] in ".!?" else f"{said}."
    ids = steps_holds.place(ctx, [NewHold(order_id, line_id, HoldKind.MANUAL, said) for order_id, line_id in wanted])
    ctx.about(ORDER, sorted({order_id for order_id, _ in wanted}))
    whole, single = {o for o, line_id in wanted if not line_id}, {line_id for _, line_id in wanted}
    touched = [line for line in lines if line.order_id in whole or line.line_id in single]
    return HoldsPlaced(ids, sum(line.counts.unreleased for line in touched))


def _orders_of_lines(line_ids: Sequence[int]) -> dict[int, int]:
    rows = sql.fetch_all("SELECT id, order_id FROM sales_orderline WHERE id = ANY(%s::bigint[])", (list(line_ids),))
    return dict(rows)


def _order_ids(lines: Sequence[LockedLine]) -> list[int]:
    return sorted({line.order_id for line in lines})


def _why_not(of: Sequence[LockedLine], is_held: bool, *, is_twice: bool) -> tuple[str, str] | None:
    """Why an order or line cannot be held, and the way out."""
    if not of or is_twice:
        return "There is no such order or line, or it stands twice.", "Choose from the list again."
    number = of[0].number
    if of[0].state not in ("confirmed", "released"):
        return f"{number} is {of[0].state}.", "Choose open orders."
    if all(line.counts.units == line.counts.shipped + line.counts.cancelled for line in of):
        return f"Nothing is left of this line of {number}.", "Choose a line of which something is left."
    if is_held:
        return f"{number} is held by hand already.", "Look at its holds."
    return None


@command(permission="sales.release_holds", result=HoldsReleased)
def release_holds(ctx: Context, req: ReleaseHolds) -> HoldsReleased:
    """Release holds: their lines take part in the allocation again. Each kind has its own permission.

    Emits sales.holds_ended. Refuses with BadHold without a reason or holds, WrongState when one has ended, and
    DutiesConflict for holds of orders that the person entered, or that he brought about.
    """
    found = reads.holds_by_id(req.hold_ids)
    for hold in found:
        ctx.require(PERMISSION_OF[HoldKind(hold.kind)], hold.site_id)
    if not req.reason.strip() or not req.hold_ids:
        field, said = ("hold_ids", "No hold is named.") if req.reason.strip() else ("reason", "Say why.")
        raise BadHold(said, lines=[BadLine(0, field, said, "A few words are enough.")], fix="See each line.")
    known = {hold.id: hold for hold in found}
    gone = [n for n, hold_id in enumerate(req.hold_ids, 1) if hold_id not in known]
    if gone or len(set(req.hold_ids)) < len(req.hold_ids):
        lines = [BadLine(n, "hold_ids", "This hold has ended, or there is none.", "Look again.") for n in gone]
        raise WrongState("One of these holds has ended, or is named twice.", lines=lines, fix="Look at the list again.")
    own = [
        BadLine(n, "hold_ids", f"You entered {hold.number}, or brought this hold about.", "Ask a colleague.")
        for n, hold in enumerate((known[hold_id] for hold_id in req.hold_ids), 1)
        if queries_holds.is_own(hold, ctx.actor_id)
    ]
    if own:
        raise DutiesConflict(own[0].message, lines=own, fix="Ask a colleague to release it.", rule="S26")
    order_ids = sorted({hold.order_id for hold in found})
    locks.orders(order_ids)
    free = steps_holds.end(ctx, found, Ending.RELEASED, req.reason.strip())
    steps_floor.tell_released(ctx, found, free, req.reason.strip())
    ctx.about(ORDER, order_ids)
    return HoldsReleased(list(req.hold_ids), free)


@command(permission="sales.hold_rules", result=HoldRulesSet)
def set_hold_rules(ctx: Context, req: SetHoldRules) -> HoldRulesSet:
    """Say what is held by itself at a site, or (site 0) wherever a site has no rules of its own: a new version.

    Orders that were entered before are not judged anew. Refuses with BadHoldRules, naming every bad field.
    """
    ctx.require("sales.hold_rules", req.site_id)
    rules = Rules(0, *(getattr(req, name) for name in Rules.__dataclass_fields__ if name != "version"))
    bad = rules_holds.rules_faults(rules, req.reason)
    site_ids = [site.site_id for site in places.sites()]
    if req.site_id and req.site_id not in site_ids:
        bad.append(BadLine(0, "site_id", "There is no such site.", "Choose one of the sites."))
    if bad:
        raise BadHoldRules(bad[0].message, lines=bad, fix=bad[0].fix)
    sql.execute(
        "UPDATE sales_holdrules SET ended_at = %s WHERE ended_at IS NULL AND coalesce(site_id, 0) = %s",
        (ctx.now, req.site_id),
    )
    row = sql.fetch_one(
        """
        INSERT INTO sales_holdrules (site_id, version, holds_quantity, least_lines, factor, least_spread, floor_units,
                                     holds_credit, holds_address, needs_address, most_times, short_units, reason,
                                     set_by_id, set_at)
        SELECT nullif(%s, 0), 1 + coalesce(max(version), 0), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, left(%s, 200), %s,
               %s
        FROM sales_holdrules WHERE coalesce(site_id, 0) = %s RETURNING id, version
        """,
        (
            *(req.site_id, req.holds_quantity, req.least_lines, req.factor, req.least_spread, req.floor_units),
            *(req.holds_credit, req.holds_address, req.needs_address, req.most_times, req.short_units),
            *(req.reason.strip(), ctx.actor_id, ctx.now),
            req.site_id,
        ),
    )
    assert row is not None, "an INSERT returns its row"
    for site_id, in_force in queries_holds.rules_at(site_ids).items():
        steps_history.judge_items_anew(site_id, in_force)
    ctx.subject = ref("sales.hold_rules", row[0])
    return HoldRulesSet(row[0], row[1])


@command(permission="sales.judge", result=CreditsSet)
def check_addresses(ctx: Context, req: CheckAddresses) -> CreditsSet:
    """A customer's addresses changed: orders that go to one in doubt wait, those whose address was mended are free."""
    order_ids = reads.orders_to_check(req.customer_id)
    locks.orders(order_ids)
    placed, ended = steps_judge.judge_addresses(ctx, order_ids)
    ctx.about(ORDER, order_ids)
    return CreditsSet(placed, ended)


@command(permission="sales.judge", result=ItemHistoryRefreshed)
def refresh_item_history(ctx: Context, req: RefreshItemHistory) -> ItemHistoryRefreshed:
    """Tell the item history of a site of the lines that came since the last time. Four statements."""
    lines, items = steps_history.count_new_lines(req.site_id)
    if items:
        steps_history.refresh(ctx, req.site_id, items, reads.rules_at([req.site_id])[req.site_id])
    return ItemHistoryRefreshed(lines, len(items))


def _rules_raced() -> Stale:
    return Stale("Somebody else has set these rules a moment ago.", fix="Look at them and set them again.")


refuse_on("sales_hold_rules_one_in_force", _rules_raced)
refuse_on("sales_hold_rules_version_once", _rules_raced)
