"""Reads of the optimum gap: what a run reached of the best, from its certificates, and what was found before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.allocation import queries_rules
from flowrack.allocation.rules_best import worth_open
from flowrack.allocation.rules_certificates import unpack
from flowrack.allocation.rules_decide import contested
from flowrack.allocation.rules_optimum import Worth, best, worth_of
from flowrack.platform import sql
from flowrack.sales import queries_open as open_lines
from flowrack.shared.errors import NotFound

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class GapRow:
    """A look at the gap: of a run, or of a version of the rules (0 = those in force) on the open lines of a site.

    Worth is in cents: the price of units, twice for tier B, four times for tier A.
    """

    id: int
    run_id: int
    rule_set_id: int
    site_id: int
    site: str
    job_id: int
    job_state: str
    asked_at: datetime
    looked_at: datetime | None
    lines: int
    reached: int
    best: int

    @property
    def percent(self) -> Decimal:
        """The share of the best that was missed, with one decimal."""
        return Worth(self.reached, self.best).gap.quantize(Decimal("0.1"))

    @property
    def missed(self) -> Decimal:
        """The worth that was missed."""
        return (Decimal(self.best - self.reached) / 100).quantize(CENT)

    @property
    def possible(self) -> Decimal:
        """The best worth."""
        return (Decimal(self.best) / 100).quantize(CENT)


_GAPS = """
    SELECT g.id, coalesce(g.run_id, 0), g.rule_set_id, coalesce(g.site_id, 0), coalesce(s.code, 'every site'), g.job_id,
           coalesce(j.state, ''), g.asked_at, g.looked_at, g.lines, g.reached, g.best
    FROM allocation_optimumgap g LEFT JOIN locations_site s ON s.id = g.site_id
    LEFT JOIN platform_job j ON j.id = g.job_id
"""


def gap(gap_id: int) -> GapRow:
    """One look; refuses with NotFound. One query."""
    row = sql.fetch_one(_GAPS + "WHERE g.id = %s", (gap_id,))
    if row is None:
        raise NotFound("The optimum gap was not looked at under this number.", fix="Look at it from the run.")
    return GapRow(*row)


def gaps_of_run(run_id: int, *, limit: int = 20) -> list[GapRow]:
    """Looks at a run, the newest first. One query."""
    return [
        GapRow(*row)
        for row in sql.fetch_all(_GAPS + "WHERE g.run_id = %s ORDER BY g.id DESC LIMIT %s", (run_id, limit))
    ]


def gaps_of_rules(rule_set_id: int, *, limit: int = 20) -> list[GapRow]:
    """Looks at a version on the open lines of sites, the newest first. One query."""
    return [
        GapRow(*row)
        for row in sql.fetch_all(
            _GAPS + "WHERE g.rule_set_id = %s AND g.run_id IS NULL ORDER BY g.id DESC LIMIT %s", (rule_set_id, limit)
        )
    ]


def lines_decided(run_id: int) -> int:
    """Lines of the certificates of a run. One query."""
    return int(
        sql.fetch_value("SELECT coalesce(sum(lines), 0) FROM allocation_certificate WHERE run_id = %s", (run_id,))
    )


def gap_of_run(run_id: int, tell: Callable[[int], None]) -> tuple[int, Worth]:
    """The lines of a run, the worth that it gave to those that might get something, and the best that could have been
    given to them of what was there. `tell` hears of lines as they are done. Three queries a part, and minutes of
    arithmetic. Classes on hold, lines beyond the horizon and what is guaranteed are left out on both sides."""
    parts = sql.fetch_all("SELECT id FROM allocation_certificate WHERE run_id = %s ORDER BY id", (run_id,))
    lines, reached, most = 0, 0, 0
    for (certificate_id,) in parts:
        row = sql.fetch_one("SELECT rule_set_id, inputs FROM allocation_certificate WHERE id = %s", (certificate_id,))
        assert row is not None, "certificates are never deleted"
        rules, (inputs, _) = queries_rules.decided_rules(row[0]), unpack(bytes(row[1]))
        prices = open_lines.prices_of([claim.line_id for claim in inputs.claims])
        worth = {claim.line_id: worth_of(claim, prices[claim.line_id]) for claim in inputs.claims}
        claims, pools = contested(rules, inputs)
        reached += worth_open(rules, inputs, worth, {claim.line_id for claim in claims})
        most += best(claims, pools, worth)
        lines += len(inputs.claims)
        tell(lines)
    return lines, Worth(reached, most)
