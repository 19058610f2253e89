"""Who may approve a difference now: enough counts that agree, enough people, high enough limits."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.counting import queries, rules, steps
from flowrack.counting.models import CountTask, Variance
from flowrack.counting.rules import Approver, Said
from flowrack.counting.types import OverYourLimit, RecountFirst
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine


def approve(
    ctx: Context, task: CountTask, chosen: Sequence[Variance], reason: str
) -> tuple[list[Variance], list[Variance]]:
    """Sign the chosen differences: (those with enough approvals, those that wait for a second one).

    Refuses with RecountFirst or OverYourLimit, naming every bad line; nothing is signed then.
    """
    policies = queries.policies()
    facts = queries.items([v.line.item_id for v in chosen], task.site_id)
    approver = Approver(ctx.may("counting.approve_high", task.site_id), ctx.may("counting.approve_any", task.site_id))
    all_said = queries.said(task.pk)
    ready: list[Variance] = []
    waiting: list[Variance] = []
    recount, over = [], []
    for n, variance in enumerate(chosen, start=1):
        line, item = variance.line, facts[variance.line.item_id]
        policy = policies[item.velocity]
        said = all_said[line.item_id, line.lot_id, line.lpn_id, line.owner_id, line.quality]
        difference = steps.difference_of(variance, item)
        needed = rules.approvers_needed(difference, policy, is_disputed=rules.disagrees(said))
        is_last = needed == 1 or variance.first_approver_id is not None
        if rules.needs_another_count(policy, said):
            recount.append(BadLine(n, "variance_ids", f"{item.sku} {in_words(said)}.", "Ask for a recount."))
        elif variance.first_approver_id == ctx.actor_id:
            over.append(BadLine(n, "variance_ids", f"You approved {item.sku} already.", "A second person must."))
        elif is_last and not rules.may_give_last_approval(difference, policy, approver):
            sentence = f"{item.sku}: {abs(variance.value)} is above what you may approve."
            over.append(BadLine(n, "variance_ids", sentence, "Ask a person with a higher limit."))
        else:
            _sign(ctx, variance, reason)
            (ready if is_last else waiting).append(variance)
    if recount:
        raise RecountFirst("Count it again before approving.", lines=recount, fix="Ask for a recount.")
    if over:
        raise OverYourLimit("Somebody else must approve this.", lines=over)
    return ready, waiting


def in_words(said: Sequence[Said]) -> str:
    """What the counts say: "was counted once", or "was counted as 60, then as 70"."""
    if len(said) == 1:
        return "was counted once"
    return "was counted as " + ", then as ".join("nothing" if s.counted is None else f"{s.counted:,}" for s in said)


def _sign(ctx: Context, variance: Variance, reason: str) -> None:
    variance.reason = reason
    if variance.first_approver_id is None:
        variance.first_approver_id = ctx.actor_id
    else:
        variance.second_approver_id = ctx.actor_id
