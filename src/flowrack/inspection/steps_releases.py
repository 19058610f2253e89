"""How a release of held stock asks for approval, and how it is kept: for holds, and for later stages that release stock
by its places. The holds on the stock are locked first, then the release."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from flowrack.approvals import queries as asked_queries
from flowrack.approvals import rules as approval_rules
from flowrack.approvals import steps as approvals
from flowrack.approvals.types import (
    ApprovalNeeded,
    Change,
    DocumentKind,
    Fact,
    FactKind,
    Outcome,
    Submission,
    register,
)
from flowrack.inspection import locks, rules_places, steps_places
from flowrack.inspection.models import Hold
from flowrack.inspection.queries import releases as queries
from flowrack.inspection.queries.releases import HeldAbout
from flowrack.inspection.states import ReleaseState
from flowrack.inspection.types import HeldStock
from flowrack.inspection.types_holds import RELEASE, AskedRelease, Cause, HeldLine
from flowrack.ledger import queries as stock
from flowrack.ledger.types import OWN
from flowrack.platform import sql
from flowrack.platform.numbers import next_number
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine, Busy
from flowrack.shared.money import to_money
from flowrack.shared.refs import ref

refuse_on(
    "release_one_waits_per_hold",
    lambda: Busy("Somebody else asked for the same release just now.", fix="Look at it again."),
)
register(
    DocumentKind(
        RELEASE,
        "Hold release",
        (
            FactKind("units", "units"),
            FactKind("defect", "found defective or damaged", "flag"),
            FactKind("expired", "past its date", "flag"),
            FactKind("regulated", "hazardous goods", "flag"),
            FactKind("days_left", "days until it expires"),
            FactKind("held_days", "days held"),
            FactKind("risks", "risks"),
            FactKind("quality", "held as", "text"),
            FactKind("cause", "cause", "text"),
            FactKind("site", "site", "text"),
        ),
        url_name="inspection_release",
        verb="Release",
        view="purchasing.view",
    )
)


def _holds(asked: AskedRelease) -> list[Hold]:
    """The holds that a release settles, locked: its own, or those on the stock until its units are covered."""
    if asked.hold_id:
        return [locks.hold(asked.hold_id)]
    return [hold for hold, _ in settled_by(asked.site_id, asked.lines)]


def settled_by(site_id: int, lines: Sequence[HeldLine]) -> list[tuple[Hold, int]]:
    """The open holds, locked, that units of held stock at places settle, with how many of each, in order of id.

    The holds on units that stand there come first: holds go along when their stock is moved. Then the oldest on the
    same stock. Two statements.
    """
    holds = locks.open_holds(site_id, sorted({(x.item_id, x.lot_id, x.quality) for x in lines}))
    taken = rules_places.settled_by(steps_places.held_at(holds), steps_places.gone_of(lines))
    return [(hold, taken[hold.pk]) for hold in holds if hold.pk in taken]


def state_now(release_id: int, asked: AskedRelease) -> str:
    """Where a release stands; it and the holds that it settles are locked from here on. Two statements."""
    _holds(asked)
    return locks.release_state(release_id)


def content_hash(asked: AskedRelease) -> str:
    """The hash of what is approved: these units at these places, under their holds as they are now."""
    return approval_rules.content_hash(_content(asked, _holds(asked)))


def _content(asked: AskedRelease, holds: Sequence[Hold]) -> dict[str, object]:
    waits = queries.without_order(asked)  # nobody can ask while there are any: they void what was asked before
    return {
        **({"without_order": [number for _, number in waits]} if waits else {}),
        "site": asked.site_id,
        "hold": asked.hold_id,
        "lines": [[x.location_id, x.lpn_id, x.item_id, x.lot_id, x.owner_id, x.quality, x.units] for x in asked.lines],
        "holds": [
            # Without the usual cause, so that what was approved before holds had one is still the same.
            [h.pk, h.left_units, h.quality, h.reason, *([h.cause] if h.cause != Cause.QUALITY else [])]
            for h in holds
        ],
    }


def ask(ctx: Context, asked: AskedRelease) -> tuple[int, str, Outcome]:
    """Ask for a release: its id, its number and what came of it. About twenty statements.

    The same release keeps its question; another one of the same stock voids it. Who placed a hold (S22) or received
    the goods (S05) may ask, but never decide: where nobody else is asked, DutiesConflict. Refuses with RejectedBefore,
    and with HeldStock what came without an order and still waits for one.
    """
    _refuse_without_order(asked)
    mine = _holds(asked)
    is_defect, receivers = queries.past_of([h.pk for h in mine], asked)
    like = queries.waiting_like(asked)
    same = next(((release_id, number) for release_id, number, is_same in like if is_same), None)
    end(
        ctx,
        [release_id for release_id, _, is_same in like if not is_same],
        ReleaseState.VOIDED,
        "Another release of this stock is asked for.",
    )
    release_id, number = same or _insert(ctx, asked, [h.pk for h in mine])
    barred = receivers | {h.placed_by_id for h in mine}
    [outcome] = approvals.submit(ctx, [_submission(ctx, release_id, number, asked, mine, barred, is_defect=is_defect)])
    if outcome.is_approved:
        _refuse_own(ctx, mine, receivers)
    return release_id, number, outcome


def _refuse_without_order(asked: AskedRelease) -> None:
    bad = [
        BadLine(line, "quality", f"These goods came without an order: {number} is open.", f"Decide {number}.")
        for line, number in queries.without_order(asked)
    ]
    if bad:
        raise HeldStock(bad[0].message, lines=bad, fix="Put them on an order, or send them back.")


def _refuse_own(ctx: Context, holds: Sequence[Hold], receivers: set[int]) -> None:
    for hold in holds:
        ctx.require_other_person(
            hold.placed_by_id, rule="S22", sentence=f"You placed {hold.number}, so somebody else must release it."
        )
    for receiver in receivers:
        ctx.require_other_person(
            receiver, rule="S05", sentence="You received these goods, so somebody else must release them."
        )


def ask_and_refuse(ctx: Context, asked: AskedRelease) -> int:
    """Keep a release that nobody needs to approve, as released now; its id. Refuses with ApprovalNeeded otherwise."""
    release_id, _, outcome = ask(ctx, asked)
    if not outcome.is_approved:
        raise ApprovalNeeded(
            f"This release needs an approval. {outcome.why or f'{outcome.number} asks for it already.'}",
            fix="Ask for the release: somebody else decides in the inbox.",
        )
    end(ctx, [release_id], ReleaseState.RELEASED)
    return release_id


def end(ctx: Context, release_ids: Sequence[int], state: ReleaseState, why: str = "") -> None:
    """Write how releases that waited ended; what was asked for a voided one counts no more. Two statements at most."""
    if not release_ids:
        return
    sql.execute(
        "UPDATE inspection_release SET state = %s, ended_at = %s WHERE id = ANY(%s::bigint[]) AND state = 'waiting'",
        (str(state), ctx.now, list(release_ids)),
    )
    if state is ReleaseState.VOIDED:
        approvals.void(ctx, RELEASE, [ref(RELEASE, release_id) for release_id in release_ids], reason=why)


def void_of_holds(ctx: Context, hold_ids: Sequence[int]) -> None:
    """Units of these holds are gone: releases of them that wait are of a content that is no more."""
    end(ctx, locks.releases_of_holds(hold_ids), ReleaseState.VOIDED, "What is held has changed.")


def _insert(ctx: Context, asked: AskedRelease, hold_ids: Sequence[int]) -> tuple[int, str]:
    number = next_number("RL")
    made = sql.fetch_value(
        """
        WITH made AS (
            INSERT INTO inspection_release (number, site_id, hold_id, hold_ids, reason, state, asked_by_id, asked_at)
            VALUES (%s, %s, nullif(%s, 0), %s::bigint[], %s, 'waiting', %s, %s) RETURNING id
        ), lines AS (
            INSERT INTO inspection_releaseline
                   (release_id, location_id, lpn_id, item_id, lot_id, owner_id, quality, units)
            SELECT made.id, n.location, n.lpn, n.item, n.lot, n.owner, n.quality, n.units
            FROM made CROSS JOIN unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                                        %s::text[], %s::bigint[]) WITH ORDINALITY
                 AS n(location, lpn, item, lot, owner, quality, units, at) ORDER BY n.at
        )
        SELECT id FROM made
        """,
        (
            number, asked.site_id, asked.hold_id, list(hold_ids), asked.reason.strip()[:200], ctx.actor_id, ctx.now,
            [x.location_id for x in asked.lines], [x.lpn_id for x in asked.lines], [x.item_id for x in asked.lines],
            [x.lot_id for x in asked.lines], [x.owner_id for x in asked.lines], [x.quality for x in asked.lines],
            [x.units for x in asked.lines],
        ),
    )  # fmt: skip
    return int(made), number


def _submission(
    ctx: Context,
    release_id: int,
    number: str,
    asked: AskedRelease,
    holds: Sequence[Hold],
    barred: set[int],
    *,
    is_defect: bool,
) -> Submission:
    told = queries.about(asked.site_id, asked.lines)
    items = sorted({x.item_id for x in asked.lines})
    costs = stock.unit_costs(items, asked.site_id)
    worth = sum((costs.get(x.item_id, Decimal(0)) * x.units for x in asked.lines if x.owner_id == OWN), Decimal(0))
    first, units = told[0], sum(x.units for x in asked.lines)
    today = asked_queries.business_days([asked.site_id], now=ctx.now)[asked.site_id]
    what = f"{first.sku} {first.name}" if len(items) == 1 else f"{len(items)} items"
    return Submission(
        kind=RELEASE,
        subject=ref(RELEASE, release_id),
        site_id=asked.site_id,
        amount=to_money(worth),
        content=_content(asked, holds),
        summary=f"{number} {units:,} × {what}",
        requester_id=ctx.actor_id,
        writer_ids=tuple(sorted(barred)),
        facts=_facts(ctx, asked, holds, told, today, is_defect=is_defect),
        changes=_changes(asked, told),
        sentence=_sentence(asked, holds),
        reason=asked.reason.strip(),
        partner=ref("catalog.item", items[0]) if len(items) == 1 else "",
        partner_name=first.sku if len(items) == 1 else "",
    )


def _facts(
    ctx: Context, asked: AskedRelease, holds: Sequence[Hold], told: Sequence[HeldAbout], today: date, *, is_defect: bool
) -> dict[str, Fact]:
    dates = [one.expires_on for one in told if one.expires_on is not None]
    days_left = (min(dates) - today).days if dates else None
    qualities = sorted({x.quality for x in asked.lines})
    causes = sorted({hold.cause for hold in holds})
    risks = {
        "defect": is_defect or "damaged" in qualities,
        "expired": "expired" in qualities or (days_left is not None and days_left <= 0),
        "regulated": any(one.hazard_class for one in told),
    }
    return {
        "units": sum(x.units for x in asked.lines),
        **risks,
        "days_left": days_left,
        "held_days": max(((ctx.now - hold.placed_at).days for hold in holds), default=None),
        "risks": sum(risks.values()),
        "quality": qualities[0] if len(qualities) == 1 else "several",
        "cause": causes[0] if len(causes) == 1 else "several" if causes else "",
        "site": told[0].place,
    }


def _changes(asked: AskedRelease, told: Sequence[HeldAbout]) -> tuple[Change, ...]:
    """Of each line its quality, its date where it has one, and what is free of the item before and after."""
    free: dict[str, int] = {}
    shown = []
    for line, one in zip(asked.lines, told, strict=True):
        before = free.get(one.sku, one.free_units)
        free[one.sku] = before + line.units
        shown.append(Change(one.label, f"Quality of {line.units:,}", line.quality, "available"))
        shown.append(Change(one.label, "Free to promise", f"{before:,}", f"{before + line.units:,}"))
        if one.expires_on is not None:
            shown.append(Change(one.label, "Expires", "", one.expires_on.isoformat()))
    return tuple(shown)


def _sentence(asked: AskedRelease, holds: Sequence[Hold]) -> str:
    if not holds:
        return "No hold names this stock: it stands in a quality that nobody may promise."
    named = "; ".join(
        f"{hold.number} holds {hold.left_units:,} since {hold.placed_at:%Y-%m-%d}: {hold.reason}" for hold in holds[:3]
    )
    more = f"; and {len(holds) - 3} more holds" if len(holds) > 3 else ""
    return f"{named}{more}."
