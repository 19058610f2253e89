from datetime import date

import pytest
from tests.cast import BO, DI, ED, ctx
from tests.supply import house, item, sells, supplier

from flowrack.parties.tests.companies import file_of
from flowrack.platform import sql
from flowrack.platform.importing import ImportRefused
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing.queries_agreements import content_of
from flowrack.purchasing.tests.agreed import content, in_force, prices
from flowrack.purchasing.types_agreements import AgreedLine, CreateAgreement
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_prices_of_a_draft_come_from_a_file_and_every_fault_is_told():
    house()
    seller, hose, tap = supplier(), item("HOSE"), item("TAP")
    sells(seller, hose, "5")
    done = in_force(seller, AgreedLine(hose))
    draft = commands.create_agreement(ctx(DI), CreateAgreement(content(seller, valid_from=date(2026, 6, 1))))
    head = "Agreement,SKU,Family,From units,Unit cost,Starts on,MOQ\n"
    n = draft.number
    good = f"{head}{n},HOSE,,,4,,10\n{n},HOSE,,100,3.6,,10\n{n},TAP,,1,7,2026-07-01,\n"
    report = commands.import_agreement_lines(ctx(DI), file_of(good))
    assert (report.created, report.updated, report.unchanged) == (3, 0, 0)
    june = date(2026, 6, 1)
    assert content_of(draft.agreement_id).lines == [
        AgreedLine(hose, prices=prices((1, "4", june), (100, "3.6", june)), moq=Units(10)),
        AgreedLine(tap, prices=prices((1, "7", date(2026, 7, 1)))),
    ]
    assert commands.import_agreement_lines(ctx(DI), file_of(good)).unchanged == 3
    cheaper = commands.import_agreement_lines(ctx(ED), file_of(f"{head}{n},HOSE,,100,3.5,,20\n"))
    assert (cheaper.created, cheaper.updated) == (0, 1)
    assert content_of(draft.agreement_id).lines[0] == AgreedLine(
        hose, prices=prices((1, "4", june), (100, "3.5", june)), moq=Units(20)
    )
    revision, changed_by = sql.fetch_one(
        "SELECT revision, changed_by_id FROM purchasing_agreement WHERE id = %s", (draft.agreement_id,)
    )
    assert (revision, changed_by) == (3, ED.id)
    bad = (
        f"{head}{done.number},HOSE,,1,4,,\n{n},,,1,4,,\n{n},HOSE,,1,4,2026-05-31,\n{n},TAP,,5,4,,3\n"
        f"{n},TAP,,5,3,2026-06-01,4\n{n},NUT,,1,4,,\n"
    )
    with pytest.raises(ImportRefused) as refused:
        commands.import_agreement_lines(ctx(DI), file_of(bad))
    assert {(line.line, line.field) for line in refused.value.lines} == {
        (2, "Agreement"), (3, "SKU"), (4, "Starts on"), (6, "From units"), (6, "MOQ"), (7, "SKU"),
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.import_agreement_lines(ctx(BO), file_of(good))
