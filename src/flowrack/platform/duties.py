"""Segregation of duties: pairs of permissions that one person should not hold together.

A pair of severity H blocks a grant; M is allowed and left to the rule that looks at the single document. A role that
holds both halves by itself (a purchasing manager may write orders and approve those of others) was designed so: there
the rule on the document counts, `ctx.require_other_person`. What is blocked is to get a pair by adding up roles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flowrack.platform.types import HeldRole

CUSTODY = "storage.putaway storage.move fulfilment.pick fulfilment.pack shipping.ship"
WRITES = "*write"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides that should be different people, and why."""

    rule: str
    left: str
    right: str
    severity: str
    risk: str


PAIRS: tuple[Pair, ...] = (
    Pair("S01", "purchasing.create", "purchasing.approve", "H", "self-approved buying"),
    Pair("S02", "purchasing.create", "inbound.receive", "H", "fictitious receipt"),
    Pair("S03", "parties.edit", "purchasing.create costing.match", "H", "ghost supplier"),
    Pair("S04", "inbound.receive", "costing.match", "H", "paying for goods not received"),
    Pair("S05", "inbound.receive", "inspection.decide inspection.release", "M", "release of one's own receipt"),
    Pair("S06", "counting.count", "counting.approve", "H", "theft hidden by a count"),
    Pair("S07", "counting.adjust", "counting.approve", "H", "self-approved write-off"),
    Pair("S08", CUSTODY, "counting.approve", "H", "custody of goods with the power to write them off"),
    Pair("S09", "counting.plan", "counting.count", "M", "choosing what not to count"),
    Pair("S10", "quality.status", "counting.approve", "M", "goods moved to scrap, then carried out"),
    Pair("S11", "sales.enter", "shipping.ship fulfilment.pack", "H", "shipping to oneself"),
    Pair("S12", "sales.enter", "sales.override", "H", "selling too cheap to a friend"),
    Pair("S13", "returns.create", "returns.receive returns.dispose", "H", "fake return"),
    Pair("S14", "returns.receive returns.dispose", "costing.credit", "H", "credit for nothing"),
    Pair("S15", "allocation.override", "sales.enter", "M", "jumping the queue for one's own customer"),
    Pair("S16", "costing.post costing.revalue", "counting.approve counting.adjust", "H", "value games"),
    Pair("S17", "costing.close", "costing.post costing.match", "H", "posting after the close"),
    Pair("S18", "catalog.edit", "inbound.receive counting.adjust", "H", "a pack factor changed over stock"),
    Pair("S19", "planning.policy", "purchasing.create", "M", "an inflated reorder point"),
    Pair("S20", "platform.users", WRITES, "H", "rights granted to oneself"),
    Pair("S21", "platform.tokens", "platform.users", "M", "an invisible robot user"),
    Pair("S22", "compliance.freeze", "inspection.release", "M", "freeze and release to cover up"),
    Pair("S23", "platform.audit_independent", WRITES, "H", "an auditor who works in the house"),
    Pair("S24", "inbound.accept", "purchasing.create", "M", "accepting short or over to help a supplier"),
    Pair("S25", "storage.rules", "storage.approve_rules", "M", "putaway rules activated by whoever wrote them"),
    Pair("S26", "sales.enter", "sales.release_credit sales.credit", "H", "credit given to one's own customer"),
    Pair("S27", "allocation.override", "allocation.review_overrides", "M", "reviewing one's own override"),
    Pair("S28", "carriers.rates", "carriers.approve_rates", "M", "freight prices approved by whoever wrote them"),
    Pair("S29", "freight.enter", "freight.approve", "M", "a carrier's bill released by whoever entered it"),
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A pair that a person would get from two roles."""

    rule: str
    severity: str
    risk: str
    left_role: str
    right_role: str


def conflicts(held: Sequence[HeldRole], permissions_of: Callable[[str], Sequence[str]]) -> list[Conflict]:
    """The pairs that these roles make only together, in order of rule; sites that do not meet do not conflict."""
    permissions = {one.role: frozenset(permissions_of(one.role)) for one in held}
    found = []
    for pair in PAIRS:
        for one in held:
            for other in held:
                if one.role == other.role or not _meet(one, other):
                    continue
                makes = _has(pair.left, one.role, permissions) and _has(pair.right, other.role, permissions)
                by_design = any(
                    _has(pair.left, role, permissions) and _has(pair.right, role, permissions)
                    for role in (one.role, other.role)
                )
                if makes and not by_design:
                    found.append(Conflict(pair.rule, pair.severity, pair.risk, one.role, other.role))
    return found


def _meet(one: HeldRole, other: HeldRole) -> bool:
    return one.site_id == other.site_id or 0 in (one.site_id, other.site_id)


def _has(side: str, role: str, permissions: Mapping[str, frozenset[str]]) -> bool:
    """Whether a role holds one side of a pair. The auditor's independence hangs on the role itself."""
    if side == "platform.audit_independent":
        return role == "auditor"
    if side == WRITES:
        return any(not _is_read(p) for p in permissions[role])
    return any(p in permissions[role] for p in side.split())


ADDRESSES = "carriers.hosts"  # which systems the house may call: an administrator's, it moves neither goods nor money


def _is_read(permission: str) -> bool:
    stage, _, verb = permission.partition(".")
    return (
        stage == "platform"
        or permission == ADDRESSES
        or verb in ("view", "trace", "exceptions", "credits", "see_margin", "statement")
    )
