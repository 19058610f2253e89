"""import_rates: weight breaks of a draft from a file."""

from __future__ import annotations

import pytest
from tests.cast import CY, NED, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import carrier, d, draft, in_force
from flowrack.platform.importing import ImportFile, store_file
from flowrack.platform.importing.report import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
HEAD = "carrier,service,zone,up to g,price,per kg,above g\n"


def file(text: str) -> ImportFile:
    return ImportFile(store_file(text.encode(), "rates.csv"), "rates.csv")


def test_breaks_are_added_and_changed_in_the_draft_alone_and_the_importer_has_written_it():
    carrier()
    old, new = in_force(), draft()
    text = HEAD + "NORTH,GROUND,1,5000,6.90,,\nNORTH,AIR,2,2000,11.00,0.8,1000\n"
    report = commands.import_rates(ctx(NED), file(text))
    assert (report.created, report.updated, report.problem_count) == (1, 1, 0)
    services = queries.card(new.card_id).services
    rates = {(s.service, r.zone, r.upto_g): (r.price, r.per_kg) for s in services for r in s.rates}
    assert rates["GROUND", "1", 5_000] == (d("6.90"), 0)
    assert rates["AIR", "2", 2_000] == (d("11"), d("0.8"))
    assert queries.card(old.card_id).services[0].rates[0].price == d("6.40")
    assert queries.card_row(new.card_id).written_by == "Ned Clerk"


def test_bad_rows_are_named_by_line_and_nothing_is_written():
    carrier()
    new = draft()
    text = HEAD + "NORTH,GROUND,1,5000,6.90,,\nNORTH,SEA,1,5000,1,,\nSOUTH,GROUND,1,5000,1,,\nNORTH,AIR,1,500,-1,,\n"
    with pytest.raises(ImportRefused) as refused:
        commands.import_rates(ctx(NED), file(text))
    assert sorted({line.line for line in refused.value.lines}) == [3, 4, 5]
    assert queries.card(new.card_id).services[0].rates[0].price == d("6.40")
    with pytest.raises(NotPermitted):
        commands.import_rates(ctx(CY), file(HEAD + "NORTH,GROUND,1,5000,6.90,,\n"))


def test_doubtful_amounts_unknown_zones_and_breaks_that_end_before_they_begin_are_asked_about():
    carrier()
    new = draft()
    text = HEAD + 'NORTH,GROUND,1,5000,"1,234",,\nNORTH,GROUND,MARS,5000,1,,\nNORTH,GROUND,1,50000,1,1,60000\n'
    with pytest.raises(ImportRefused) as refused:
        commands.import_rates(ctx(NED), file(text))
    said = {line.line: line.message for line in refused.value.lines}
    assert said[2] == "“1,234” may be 1,234 or 1.234."
    assert said[3] == "No place of the draft belongs to zone “MARS”."
    assert said[4] == "The weight above which kg are charged is not below the end of the break."
    assert len(said) == 3
    assert queries.card(new.card_id).services[0].rates[0].price == d("6.40")


def test_without_a_draft_every_row_says_so():
    carrier()
    in_force()
    with pytest.raises(ImportRefused) as refused:
        commands.import_rates(ctx(NED), file(HEAD + "NORTH,GROUND,1,5000,6.90,,\n"))
    assert "carrier with a draft of a rate card" in refused.value.lines[0].message


def test_the_page_says_what_an_import_did():
    carrier()
    draft()
    sent = file(HEAD + "NORTH,GROUND,1,5000,6.90,,\nNORTH,SEA,1,5000,1,,\n")
    form = {"digest": sent.digest, "filename": "rates.csv", "rows": "2", "step": "write", "idempotency_key": "k"}
    done = signed_in(NED).post("/rate-cards/import/rates", form | {"only_good_rows": "yes"}, follow=True)
    page = done.content.decode()
    assert (done.status_code, "There is no such import" in page, "1 changed" in page) == (200, False, True)
    assert signed_in(NED).get("/rate-cards/import/rates?result=nobody").status_code == 404
