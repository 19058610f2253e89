"""Totes are numbered on and their labels printed."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx, signed_in
from tests.zero_rows import ensure_zero_rows

from flowrack.locations import commands, queries
from flowrack.locations.models import Lpn
from flowrack.locations.types import CreateSite, MakeTotes, PlaceRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site_id() -> int:
    ensure_zero_rows()
    return commands.create_site(ctx(PAM), CreateSite("LDN", "London", "Europe/London", "GB")).id


def test_numbers_go_on_from_the_last_tote_and_a_retry_makes_none(site_id: int) -> None:
    first = commands.make_totes(ctx(PAM, "k"), MakeTotes(site_id, 3))
    assert (first.first, first.last, first.count) == ("T-001", "T-003", 3)
    assert commands.make_totes(ctx(PAM, "k"), MakeTotes(site_id, 3)) == first
    other = commands.create_site(ctx(PAM), CreateSite("MAN", "Manchester", "Europe/London", "GB")).id
    assert commands.make_totes(ctx(PAM), MakeTotes(other, 2)).last == "T-005"
    assert commands.make_totes(ctx(PAM), MakeTotes(site_id, 1, "BOX")).first == "BOX001"
    assert [tote.code for tote in queries.totes(site_id, limit=9)] == ["BOX001", "T-001", "T-002", "T-003"]
    assert set(Lpn.objects.filter(pk__gt=0).values_list("kind", flat=True)) == {"tote"}


def test_what_cannot_be_made_is_refused_and_leaves_no_trace(site_id: int) -> None:
    with pytest.raises(PlaceRefused) as refused:
        commands.make_totes(ctx(PAM), MakeTotes(site_id, 0, "t-"))
    assert [line.field for line in refused.value.lines] == ["prefix", "count"]
    with pytest.raises(NotPermitted):
        commands.make_totes(ctx(BO), MakeTotes(site_id, 1))
    assert not Lpn.objects.filter(pk__gt=0).exists()


def test_the_page_makes_lists_and_prints_them(site_id: int) -> None:
    browser = signed_in(PAM)
    made = browser.post("/totes/new", {"site": site_id, "count": 2, "first_letters": "t-"})
    assert made.status_code == 303
    assert b"T-002" in browser.get("/totes").content
    sheet = browser.get("/totes/labels?from=T-002")
    assert (sheet.headers["Content-Type"], sheet.content[:5]) == ("application/pdf", b"%PDF-")
    assert browser.get("/totes/labels?from=T-900").status_code == 422
