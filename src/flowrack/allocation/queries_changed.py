"""What a full run changed: of each part, the lines that got units and those that gave some back, decided again from its
certificate."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flowrack.allocation import queries_rules
from flowrack.allocation.rules_certificates import unpack
from flowrack.allocation.rules_decide import decide
from flowrack.allocation.types_runs import NoSuchRun
from flowrack.platform import sql


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
    """One part of a run, the `part`-th of `parts`, at a site; `lines` were decided, and these changed."""

    part: int
    parts: int
    site_id: int
    site: str
    lines: int
    changed: list[ChangedLine]


def changes(run_id: int, site_ids: frozenset[int], part: int = 1) -> PartChanges:
    """What a part of a run at the given sites (0 among them = all) changed: who lost most comes first. Six queries;
    refuses with NoSuchRun."""
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
    return PartChanges(part, len(parts), site_id, site, lines, _changed(certificate_id))


def _changed(certificate_id: int) -> list[ChangedLine]:
    row = sql.fetch_one("SELECT rule_set_id, inputs FROM allocation_certificate WHERE id = %s", (certificate_id,))
    assert row is not None, "certificates are never deleted"
    inputs, _ = unpack(bytes(row[1]))
    decision = decide(queries_rules.decided_rules(row[0]), inputs)
    got = {share.claim.line_id: share.units for share in decision.shares}
    back = Counter[int]()
    for holding in decision.moved:
        back[holding.line_id] += holding.units
    waited = {claim.line_id: claim.units for claim in inputs.claims}
    changed = [line_id for line_id in waited if got.get(line_id, 0) != back[line_id]]
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, l.line_no, i.sku, p.name, o.tier
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id JOIN catalog_item i ON i.id = l.item_id
        JOIN parties_party p ON p.id = o.customer_id WHERE l.id = ANY(%s::bigint[])
        """,
        (changed,),
    )
    found = []
    for row in rows:
        before, gained, lost = waited[row[0]], got.get(row[0], 0), back[row[0]]
        found.append(ChangedLine(*(*row, before, gained, lost, before - gained + lost)))
    return sorted(found, key=lambda one: (one.got - one.gave_back >= 0, -abs(one.got - one.gave_back), one.line_id))
