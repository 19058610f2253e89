"""What counting a bin in the house and counting it without network share: lines, what a person saw, what follows."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.counting import queries, rules, states
from flowrack.counting.models import Count, CountLine, CountTask, Variance
from flowrack.counting.queries import Kind
from flowrack.counting.states import TaskState
from flowrack.counting.steps import difference_of, explain_policy, post
from flowrack.counting.types import AlreadyCounting, CountFinished, CountRefused, Decision, SeenLine
from flowrack.ledger.types import OWN
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units

LEASE_FIELDS = ("leased_by", "lease_until", "device")


def line_of(count: Count, kind: Kind, units: int) -> CountLine:
    """A line of a kind of stock that the books have in the bin; nobody has entered it yet."""
    item_id, lot_id, lpn_id, owner_id, quality = kind
    return CountLine(
        count=count,
        item_id=item_id,
        lot_id=lot_id,
        lpn_id=lpn_id,
        owner_id=owner_id,
        quality=quality,
        opened_units=Units(units),
        expected_units=Units(units),
    )


def kind_of(line: CountLine) -> Kind:
    """What a line speaks of."""
    return (line.item_id, line.lot_id, line.lpn_id, line.owner_id, line.quality)


def check_seen(lines: Sequence[SeenLine]) -> None:
    """Refuse with CountRefused, naming every line that cannot be counted. Two queries."""
    facts = queries.items([line.item_id for line in lines], 0)
    lots = queries.lots([line.lot_id for line in lines])
    bad = []
    for n, seen in enumerate(lines, start=1):
        item = facts.get(seen.item_id)
        if item is None:
            bad.append(BadLine(n, "item_id", "There is no such item.", "Scan the item again."))
        elif item.tracking != "none" and not seen.lot_id:
            bad.append(BadLine(n, "lot_id", f"{item.sku} is traced by {item.tracking}.", "Scan the lot on the goods."))
        elif seen.lot_id and lots.get(seen.lot_id) != seen.item_id:
            bad.append(BadLine(n, "lot_id", f"{item.sku} has no such lot.", "Scan the lot on the goods."))
        elif seen.units is not None and seen.units < 0:
            bad.append(BadLine(n, "units", "Units must be 0 or more.", "Type what you see."))
    if bad or not lines:
        raise CountRefused("Some lines cannot be counted.", lines=bad, fix="Scan what is in the bin.")


def shares(seen: SeenLine, lines: dict[Kind, CountLine]) -> list[tuple[Kind, int | None]]:
    """The cells a seen line speaks of, with the units of each."""
    kind = (seen.item_id, seen.lot_id, seen.lpn_id, OWN, seen.quality)
    same = [
        k for k in lines if (k[0], k[1], k[4]) == (seen.item_id, seen.lot_id, seen.quality) and lines[k].opened_units
    ]
    if kind in same or seen.lpn_id or not same:
        return [(kind, seen.units)]
    if seen.units is None:
        return [(k, None) for k in same]
    shares = rules.spread(seen.units, [lines[k].opened_units for k in same])
    return list(zip(same, shares, strict=True))


def settle(ctx: Context, task: CountTask, variances: Sequence[Variance]) -> CountFinished:
    """Post what is inside tolerance, leave the rest open, and say where the task stands then."""
    policies = queries.policies()
    facts = queries.items([v.line.item_id for v in variances], task.site_id)
    small: list[Variance] = []
    large: list[Variance] = []
    for variance in variances:
        item = facts[variance.line.item_id]
        inside = rules.is_within_tolerance(difference_of(variance, item), policies[item.velocity])
        (small if inside else large).append(variance)
    post(ctx, task, small, Decision.POLICY, still_open=large)
    explain_policy(ctx, task, small, large)
    task.state = states.advance(TaskState(task.state), "differ" if large else "agree")
    task.finished_at = None if large else ctx.now
    task.save(update_fields=["state", "finished_at"])
    return CountFinished(
        task_id=task.pk, state=task.state, posted_units=sum(v.units for v in small), open_variances=len(large)
    )


def refuse_others(ctx: Context, task: CountTask) -> None:
    """Refuse with AlreadyCounting a bin that somebody else has along on a device."""
    is_held = task.lease_until is not None and task.lease_until >= ctx.now
    if is_held and task.leased_by_id != ctx.actor_id:
        name = queries.name_of(task.leased_by_id or 0)
        raise AlreadyCounting(f"{name} has this bin along on a device.", fix="Take the next bin.")


def end_lease(task: CountTask) -> None:
    """Somebody stands before the bin: from here on it is theirs, whatever a device has along."""
    task.leased_by_id, task.lease_until, task.device = None, None, ""
