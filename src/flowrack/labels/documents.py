"""Labels as files for the stages that print them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flowrack.labels import drawing, queries, queries_prints, rules
from flowrack.labels.queries_prints import PrintRow
from flowrack.labels.rules import Made, Medium
from flowrack.labels.rules_layout import Bars, Matrix
from flowrack.labels.types import NoLabelSpec, Wanted
from flowrack.shared.errors import Invalid

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


def together_pdf(rows: Sequence[PrintRow]) -> bytes:
    """Printed labels as one PDF, one page for each copy. Refuses with Invalid where they are of several sizes."""
    media = {Medium(row.width_mm, row.height_mm, row.dpi) for row in rows}
    if len(media) != 1:
        raise Invalid("These labels are not all of one size.", fix="Choose labels of one kind.")
    made = _all_again(rows)
    pages = [page for row, label in zip(rows, made, strict=True) for page in label.pages * row.copies]
    return drawing.pages(pages, media.pop(), title=f"{len(rows):,} labels")


def together_zpl(rows: Sequence[PrintRow]) -> str:
    """Printed labels as one file for a label printer, one after the other."""
    return "\n".join(label.zpl.rstrip("\n") for label in _all_again(rows)) + "\n"


def _all_again(rows: Sequence[PrintRow]) -> list[Made]:
    """Printed labels from the values that were kept. Two queries."""
    values = queries_prints.values_of_all([row.id for row in rows])
    elements = queries.elements_of(sorted({row.version_id for row in rows}))
    return [
        rules.make(
            elements[row.version_id], values[row.id], Medium(row.width_mm, row.height_mm, row.dpi), copies=row.copies
        )
        for row in rows
    ]


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
