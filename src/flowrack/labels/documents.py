"""Labels as files for the stages that print them."""

from __future__ import annotations

from datetime import date

from flowrack.labels import drawing, queries, queries_prints, rules
from flowrack.labels.queries_prints import PrintRow
from flowrack.labels.rules import Made, Medium
from flowrack.labels.rules_layout import Bars, Matrix
from flowrack.labels.types import NoLabelSpec, Wanted

NOT_PRINTED = "NOT PRINTED"


def made_again(row: PrintRow) -> tuple[Made, Medium]:
    """A printed label from the values that were kept. Two queries."""
    medium = Medium(row.width_mm, row.height_mm, row.dpi)
    values = queries_prints.values_of(row.id)
    return rules.make(queries.elements(row.version_id), values, medium, copies=row.copies), medium


def printed_pdf(row: PrintRow) -> bytes:
    """A printed label as PDF, one page for each copy."""
    made, medium = made_again(row)
    return drawing.pages(made.pages * row.copies, medium, title=row.code)


def unprinted_pdf(wanted: Wanted, *, on: date) -> bytes:
    """A label as it would read, marked as not printed and without what a scanner reads, so that nobody sticks it on.

    Refuses with NoLabelSpec or LabelNotPrintable.
    """
    [spec] = queries.chosen([(wanted.kind, wanted.customer_id, wanted.carrier_id)], on=on)
    if spec is None:
        raise NoLabelSpec(f"No approved label spec for {wanted.kind} {wanted.code}.", fix="Approve one for today.")
    medium = Medium(spec.width_mm, spec.height_mm, spec.dpi)
    made = rules.make(queries.elements(spec.version_id), wanted.values, medium, copies=1)
    read_by_people = [[one for one in drawn if not isinstance(one, Bars | Matrix)] for drawn in made.pages]
    return drawing.pages(read_by_people, medium, title=wanted.code, mark=NOT_PRINTED)
