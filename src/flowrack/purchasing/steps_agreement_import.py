"""What purchasing takes from files: the lines and prices of draft agreements, one row for each price."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.importing import Column, Definition, Lookup, Mapped, Problems, Target, cells

_SAME_LINE = (
    "l.agreement_id = s.agreement_id AND l.item_id IS NOT DISTINCT FROM s.item_id"
    " AND l.family_id IS NOT DISTINCT FROM s.family_id"
)
_LINE = f"(SELECT l.id FROM purchasing_agreementline l WHERE {_SAME_LINE})"  # noqa: S608 (a constant)
TERMS = ("moq", "multiple", "lead_time_days", "over_pct")

COLUMNS = [
    Column("agreement", "Agreement", cells.code(20), required=True, aliases=("agreement number", "contract")),
    Column("sku", "SKU", cells.code(60), default="NULL", aliases=("item", "item code", "stock code")),
    Column("family", "Family", cells.code(40), default="NULL", aliases=("category", "product group")),
    Column(
        "from_units", "From units", cells.number(least=1), "bigint", default="1",
        aliases=("from quantity", "price break", "break"), help="empty = 1",
    ),
    Column(
        "unit_cost", "Unit cost", cells.decimal(places=6), "numeric", required=True, default="NULL",
        aliases=("cost", "price"),
    ),
    Column(
        "starts_on", "Starts on", cells.day, "date", aliases=("valid from", "from date"),
        help="empty = the first day of the agreement",
    ),
    Column("moq", "MOQ", cells.number(least=1), "bigint", default="NULL", aliases=("minimum order quantity",)),
    Column("multiple", "Multiple", cells.number(least=1), "bigint", default="NULL", aliases=("order multiple",)),
    Column("lead_time_days", "Lead time days", cells.number(least=0, most=1000), "int", default="NULL"),
    Column("over_pct", "Over tolerance pct", cells.decimal(places=2), "numeric", default="NULL"),
]  # fmt: skip


def _check_item_or_family(problems: Problems, mapped: Mapped) -> None:
    """A row is for one item or for one family."""
    rows = sql.fetch_all("SELECT row FROM import_stage WHERE (sku IS NULL) = (family IS NULL) AND NOT bad ORDER BY row")
    for (row,) in rows:
        problems.add(
            row, mapped.label("sku"), "", "A price is for one item or one family.", "Fill in one of the two.",
            same="Item or family?",
        )  # fmt: skip


def _check_days(problems: Problems, mapped: Mapped) -> None:
    """A price begins within its agreement, and no two begin alike."""
    rows = sql.fetch_all(
        """
        SELECT s.row, s.starts_on::text, s.starts_on < g.valid_from OR s.starts_on > g.valid_to, s.first
        FROM (SELECT *, min(row) OVER (PARTITION BY agreement_id, item_id, family_id, from_units, starts_on) AS first
              FROM import_stage WHERE agreement_id IS NOT NULL AND (item_id IS NULL) <> (family_id IS NULL)) s
        JOIN purchasing_agreement g ON g.id = s.agreement_id
        WHERE s.starts_on < g.valid_from OR s.starts_on > g.valid_to OR s.row > s.first ORDER BY s.row
        """
    )
    for row, day, is_outside, first in rows:
        if is_outside:
            problems.add(
                row, mapped.label("starts_on"), day, "This is outside the agreement.", "Use a day within it.",
                same="A day outside the agreement.",
            )  # fmt: skip
        elif row not in problems.bad_rows:
            problems.add(
                row, mapped.label("from_units"), "", f"Row {first} has the same price break.", "Delete one of the two.",
                same="The same twice.",
            )  # fmt: skip


def _check_terms(problems: Problems, mapped: Mapped) -> None:
    """The rows of one line say the same of it."""
    for name in TERMS:
        if not mapped.has(name):
            continue
        rows = sql.fetch_all(
            f"""
            SELECT row, value, other FROM (
                SELECT s.row, s."{name}"::text AS value, first_value(s."{name}"::text) OVER w AS other
                FROM import_stage s WHERE s."{name}" IS NOT NULL AND s.agreement_id IS NOT NULL
                WINDOW w AS (PARTITION BY s.agreement_id, s.item_id, s.family_id ORDER BY s.row)
            ) t WHERE value <> other ORDER BY row
            """  # noqa: S608 (names of this module)
        )
        for row, value, other in rows:
            problems.add(
                row, mapped.label(name), value, f"An earlier row of the line says {other}.", "Say the same in each.",
                same=f"Two values of {mapped.label(name)} for one line.",
            )  # fmt: skip
        if name == "over_pct":
            for row, value in sql.fetch_all("SELECT row, over_pct::text FROM import_stage WHERE over_pct >= 100"):
                problems.add(row, mapped.label(name), value, "That is no tolerance.", "Use 0 to 99 percent.")


_CHANGES_LINE = " OR ".join(f"(s.{name} IS NOT NULL AND l.{name} IS DISTINCT FROM s.{name})" for name in TERMS)
_GROUPED = """
    SELECT agreement_id, item_id, family_id, max(moq) AS moq, max(multiple) AS multiple,
           max(lead_time_days) AS lead_time_days, max(over_pct) AS over_pct, min(row) AS row
    FROM {stage} WHERE NOT bad GROUP BY 1, 2, 3
"""
_UPDATE_LINES = f"""
    UPDATE purchasing_agreementline l
    SET moq = coalesce(s.moq, l.moq), multiple = coalesce(s.multiple, l.multiple),
        lead_time_days = coalesce(s.lead_time_days, l.lead_time_days), over_pct = coalesce(s.over_pct, l.over_pct)
    FROM ({_GROUPED}) s WHERE {_SAME_LINE} AND ({_CHANGES_LINE})
"""  # noqa: S608 (constants of this module)
_INSERT_LINES = f"""
    INSERT INTO purchasing_agreementline (agreement_id, item_id, family_id, moq, multiple, lead_time_days, over_pct)
    SELECT s.agreement_id, s.item_id, s.family_id, s.moq, s.multiple, s.lead_time_days, s.over_pct
    FROM ({_GROUPED}) s WHERE NOT EXISTS {_LINE} ORDER BY s.row
"""  # noqa: S608 (constants of this module)
_MARK_DRAFTS = """
    UPDATE purchasing_agreement g SET revision = g.revision + 1, changed_by_id = {person}
    FROM (SELECT DISTINCT agreement_id FROM {stage} WHERE NOT bad AND (is_new OR is_changed)) s
    WHERE g.id = s.agreement_id
"""
_LINE_CHANGES = f"EXISTS (SELECT 1 FROM purchasing_agreementline l WHERE {_SAME_LINE} AND ({_CHANGES_LINE}))"  # noqa: S608


def agreement_lines(changed_by: int = 0) -> Definition:
    """How a file of agreement lines is read; the drafts that it changes are marked as changed by that person."""
    return Definition(
        kind="agreement-lines",
        title="Agreement lines",
        permission="purchasing.agree",
        help="Prices of draft agreements: one row for each price break; what a file does not name stays as it is.",
        key=("agreement", "sku", "family", "from_units", "starts_on"),
        columns=COLUMNS,
        lookups=[
            Lookup(
                "agreement", "purchasing_agreement", "number", "agreement_id", "draft agreement",
                where="t.state = 'draft'",
            ),
            Lookup("sku", "catalog_item", "sku", "item_id", "item"),
            Lookup("family", "catalog_family", "code", "family_id", "family"),
        ],
        prepare=[
            "UPDATE {stage} s SET from_units = coalesce(s.from_units, 1), starts_on = coalesce(s.starts_on,"
            " g.valid_from) FROM purchasing_agreement g WHERE g.id = s.agreement_id"
        ],
        targets=[
            Target(
                table="purchasing_agreementprice",
                key={"line_id": _LINE, "starts_on": "s.starts_on", "from_units": "s.from_units"},
                columns={"unit_cost": "unit_cost"},
            )
        ],
        checks=[_check_item_or_family, _check_days, _check_terms],
        before=[_UPDATE_LINES, _INSERT_LINES],
        finish=[_MARK_DRAFTS.replace("{person}", str(int(changed_by)))],
        also_changed=_LINE_CHANGES,
    )  # fmt: skip


AGREEMENT_LINES = agreement_lines()
