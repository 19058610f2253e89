import pytest
from tests.cast import BO, EVE, ctx
from tests.supply import approved, house, item, supplier

from flowrack.inbound import commands_discrepancies as commands
from flowrack.inbound.tests.dockside import on_record, rows_of
from flowrack.inbound.types_discrepancies import BadDiscrepancy, RecordDiscrepancy
from flowrack.platform.decisions import why
from flowrack.platform.photos import PhotoRefused, save
from flowrack.platform.tests.test_photos import png
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_an_unreadable_label_and_a_wrong_item_are_put_on_record_with_their_money(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    here, seller = house(), supplier()
    po = approved(here.site, seller, (item("V-200"), 100, "4"))
    photo = save(png()).digest
    wrong = RecordDiscrepancy(
        here.site, seller, "wrong_item", "Hoses of 2 m", 12, po_line_id=po.line_ids[0], photos=(photo,)
    )
    done = commands.record_discrepancy(ctx(BO), wrong)
    label = RecordDiscrepancy(here.site, seller, "unreadable", "Label torn off", responsible="carrier")
    commands.record_discrepancy(ctx(BO), label)
    assert on_record() == [
        ("wrong_item", "open", 12, "48.00", "supplier", "flag"),
        ("unreadable", "open", 0, "0.00", "carrier", "flag"),
    ]
    because = why(f"inbound.discrepancy:{done.discrepancy_id}")
    assert because[0].sentence == "Hoses of 2 m Taken in, and flagged for a decision."


def test_every_fault_is_named_and_nothing_is_left():
    here, seller = house(), supplier()
    po = approved(here.site, supplier("OTHER"), (item("V-200"), 100, "4"))
    bad = RecordDiscrepancy(here.site, 999_999, "odd", " ", -1, 999_999, responsible="nobody")
    before = rows_of()
    with pytest.raises(BadDiscrepancy) as refused:
        commands.record_discrepancy(ctx(BO), bad)
    assert [b.field for b in refused.value.lines] == [
        "kind", "reason", "units", "responsible", "supplier_id", "item_id",
    ]  # fmt: skip
    good = RecordDiscrepancy(here.site, seller, "short", "Not there", 1)
    for kind, req, by in (
        (BadDiscrepancy, RecordDiscrepancy(here.site, seller, "short", "x", 1, po_line_id=po.line_ids[0]), BO),
        (PhotoRefused, RecordDiscrepancy(here.site, seller, "short", "x", 1, photos=("0" * 64,)), BO),
        (NotPermitted, good, EVE),
    ):
        with pytest.raises(kind):
            commands.record_discrepancy(ctx(by), req)
    assert rows_of() == before
