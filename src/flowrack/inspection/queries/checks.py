"""Reads of checklists: what a plan asks of each unit, and what of it is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check of a plan."""

    id: int
    line_no: int
    name: str
    kind: str
    defect_class: str
    unit: str
    low: Decimal | None
    high: Decimal | None

    @property
    def limits(self) -> str:
        """What a measured value must keep, in words."""
        if self.kind != "measure":
            return ""
        low = f"{self.low.normalize():f}" if self.low is not None else ""
        high = f"{self.high.normalize():f}" if self.high is not None else ""
        words = f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
        return f"{words} {self.unit}".strip()


def checks_of(inspection_id: int) -> list[CheckRow]:
    """The checklist of an inspection's plan. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.id, c.line_no, c.name, c.kind, c.defect_class, c.unit, c.low, c.high
        FROM inspection_check c JOIN inspection_inspection n ON n.plan_id = c.plan_id
        WHERE n.id = %s ORDER BY c.line_no
        """,
        (inspection_id,),
    )
    return [CheckRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class UnmeasuredRow:
    """A measured check that lacks values of the sample: how many it has, of how many."""

    line_no: int
    check: str
    values: int
    sample_units: int

    @property
    def words(self) -> str:
        """The check and what it has, as people read it."""
        return f"{self.check}: {self.values:,} of {self.sample_units:,} measured"


def unmeasured(inspection_id: int) -> list[UnmeasuredRow]:
    """The measured checks of an inspection that do not have a value of each unit of the sample. One query."""
    rows = sql.fetch_all(
        """
        SELECT c.line_no, c.name, count(r.id), n.sample_units
        FROM inspection_inspection n JOIN inspection_check c ON c.plan_id = n.plan_id AND c.kind = 'measure'
        LEFT JOIN inspection_result r
               ON r.inspection_id = n.id AND r.check_line_id = c.id AND NOT r.is_sorting AND r.measured IS NOT NULL
        WHERE n.id = %s
        GROUP BY c.id, n.sample_units HAVING count(r.id) < n.sample_units ORDER BY c.line_no
        """,
        (inspection_id,),
    )
    return [UnmeasuredRow(*row) for row in rows]


def checks_of_plan(plan_id: int) -> list[CheckRow]:
    """The checklist of a plan. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, line_no, name, kind, defect_class, unit, low, high FROM inspection_check
        WHERE plan_id = %s ORDER BY line_no
        """,
        (plan_id,),
    )
    return [CheckRow(*row) for row in rows]
