"""What a full run changed: of each part, the lines that got units and those that gave some back, by its certificate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flowrack.allocation import queries_rules
from flowrack.allocation.rules_certificates import outcome, unpack
from flowrack.allocation.rules_decide import decide
from flowrack.allocation.types_runs import NoSuchRun
from flowrack.platform import sql

ALL_LINES = 1_000_000


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line that got units in a run, or gave some back: what it waited for before and after."""

    line_id: int
    order_id: int
    number: str
    line_no: int
    sku: str
    customer: str
    tier: str
    waited: int
    got: int
    gave_back: int
    waits: int


@dataclass(frozen=True, slots=True)
class PartChanges:
    """One part of a run, the `part`-th of `parts`, at a site; `lines` were decided, `of` changed, the first of these
    are `changed`; `got` and `gave_back` are units of all."""

    part: int
    parts: int
    site_id: int
    site: str
    lines: int
    changed: list[ChangedLine]
    of: int = 0
    got: int = 0
    gave_back: int = 0


def changes(run_id: int, site_ids: frozenset[int], part: int = 1, *, most: int = ALL_LINES) -> PartChanges:
    """What a part of a run at the given sites (0 among them = all) changed: who lost most comes first, `most` of them.

    Three queries, four where promises were taken back; refuses with NoSuchRun."""
    parts = sql.fetch_all(
        """
        SELECT c.id, c.site_id, s.code, c.lines FROM allocation_run r
        LEFT JOIN allocation_certificate c ON c.run_id = r.id
             AND (0 = ANY(%(sites)s::bigint[]) OR c.site_id = ANY(%(sites)s::bigint[]))
        LEFT JOIN locations_site s ON s.id = c.site_id
        WHERE r.id = %(run)s AND (r.site_id IS NULL OR 0 = ANY(%(sites)s::bigint[])
                                  OR r.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY c.id
        """,
        {"run": run_id, "sites": sorted(site_ids)},
    )
    if not parts:
        raise NoSuchRun(f"There is no run {run_id} at your sites.", fix="Choose one from the list of runs.")
    if parts[0][0] is None:
        return PartChanges(0, 0, 0, "", 0, [])
    part = min(max(part, 1), len(parts))
    certificate_id, site_id, site, lines = parts[part - 1]
    changed = sorted(
        (one for one in _outcome(certificate_id) if one.got != one.back),
        key=lambda one: (one.got >= one.back, -abs(one.got - one.back), one.line_id),
    )
    got, back = sum(one.got for one in changed), sum(one.back for one in changed)
    return PartChanges(part, len(parts), site_id, site, lines, _named(changed[:most]), len(changed), got, back)


class _Outcome(NamedTuple):
    """What a run made of a line."""

    line_id: int
    waited: int
    got: int
    back: int


def _outcome(certificate_id: int) -> list[_Outcome]:
    """As it is stored; where promises were taken back it is decided again."""
    row = sql.fetch_one(
        "SELECT rule_set_id, inputs, result FROM allocation_certificate WHERE id = %s", (certificate_id,)
    )
    assert row is not None, "certificates are never deleted"
    stored = outcome(bytes(row[1]), bytes(row[2]))
    if stored is not None:
        return [_Outcome(*one, 0) for one in stored]
    inputs, _ = unpack(bytes(row[1]))
    decision = decide(queries_rules.decided_rules(row[0]), inputs)
    got = {share.claim.line_id: share.units for share in decision.shares}
    back = Counter[int]()
    for holding in decision.moved:
        back[holding.line_id] += holding.units
    return [_Outcome(one.line_id, one.units, got.get(one.line_id, 0), back[one.line_id]) for one in inputs.claims]


def _named(changed: Sequence[_Outcome]) -> list[ChangedLine]:
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, l.line_no, i.sku, p.name, o.tier
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN catalog_item i ON i.id = l.item_id
        JOIN parties_party p ON p.id = o.customer_id WHERE l.id = ANY(%s::bigint[])
        """,
        ([one.line_id for one in changed],),
    )
    names = {row[0]: row[1:] for row in rows}
    return [
        ChangedLine(*(one.line_id, *names[one.line_id], one.waited, one.got, one.back, one.waited - one.got + one.back))
        for one in changed
    ]
