"""Confirmations from files: one row for each confirmed line; an order comes as a whole or not at all."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.http import now
from flowrack.platform.importing import Column, Definition, Lookup, Mapped, Problems, Target, cells
from flowrack.purchasing import queries_versions, rules_confirmations
from flowrack.purchasing.types_confirmations import ConfirmedLine, NewConfirmation
from flowrack.shared.quantity import Units

COLUMNS = [
    Column("po", "Order", cells.code(20), required=True, aliases=("po", "po number", "purchase order")),
    Column("line_no", "Line", cells.number(least=1, most=100_000), "int", required=True, aliases=("po line",)),
    Column("units", "Units", cells.number(least=0, most=10**12), "bigint", required=True, aliases=("quantity", "qty")),
    Column(
        "confirmed_on", "Confirmed for", cells.day, "date", required=True,
        aliases=("date", "delivery date", "confirmed date", "eta"),
    ),
    Column("unit_cost", "Unit cost", cells.decimal(places=6), "numeric", aliases=("price", "unit price")),
    Column("reference", "Supplier's reference", cells.code(80), aliases=("reference", "confirmation", "their number")),
]  # fmt: skip
LABELS = {"line_no": "line_no", "units": "units", "confirmed_on": "confirmed_on", "unit_cost": "unit_cost"}


def read_stage() -> dict[int, tuple[NewConfirmation, list[int], bool]]:
    """The confirmations of the staged file by PO, the row of each line, and whether every row is right."""
    rows = sql.fetch_all(
        """
        SELECT s.po_id, s.row, s.line_no, s.units, s.confirmed_on, s.unit_cost, coalesce(s.reference, ''), s.bad
        FROM import_stage s WHERE s.po_id IS NOT NULL ORDER BY s.po_id, s.row
        """
    )
    found: dict[int, tuple[NewConfirmation, list[int], bool]] = {}
    for po_id, row, line_no, units, on, cost, reference, bad in rows:
        one, numbers, whole = found.get(po_id, (NewConfirmation(po_id, reference), [], True))
        if not bad:
            one.lines.append(ConfirmedLine(line_no, Units(units), on, cost, reference))
        found[po_id] = (one, [*numbers, row] if not bad else numbers, whole and not bad)
    return found


def definition(good: list[NewConfirmation] | None = None) -> Definition:
    """How a file of confirmations is read; those that are whole and right are put into `good`."""

    def check(problems: Problems, mapped: Mapped) -> None:
        """Everything that the command would refuse, at its row."""
        found = read_stage()
        standing = queries_versions.as_they_stand(list(found), now=now())
        for po_id, (one, rows, is_whole) in found.items():
            its = standing[po_id]
            bad = rules_confirmations.faults(one, its.content, came=its.came, today=its.today, first=1)
            for fault in bad:
                label = mapped.label(LABELS.get(fault.field, "po"))
                problems.add(rows[fault.line - 1], label, "", fault.message, fault.fix)
            broken = bad or not is_whole or any(row in problems.bad_rows for row in rows)
            for row in rows if broken else []:
                if row not in problems.bad_rows:
                    problems.add(
                        row, mapped.label("po"), "", "Another row of this order is wrong.", "Correct that row first."
                    )
            if good is not None and one.lines and not broken:
                good.append(one)

    return Definition(
        kind="confirmations",
        title="Confirmations",
        permission="purchasing.confirm",
        help="What suppliers confirmed: one row for each order line, with all its units and the day.",
        key=("po", "line_no"),
        columns=COLUMNS,
        lookups=[
            Lookup("po", "purchasing_po", "number", "po_id", "open order", where="t.state IN ('approved', 'receiving')")
        ],
        # The command writes; the target only tells which rows are new.
        targets=[
            Target(
                table="purchasing_confirmation",
                key={"po_id": "s.po_id", "reference": "coalesce(s.reference, '')"},
                columns={},
                where="false",
            )
        ],
        checks=[check],
    )


CONFIRMATIONS = definition()
