"""SSCCs are numbered from the company's own GS1 prefix."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx, signed_in

from flowrack.locations import commands, queries, steps
from flowrack.locations.models import SsccRange
from flowrack.locations.types import PlaceRefused, SetSsccRange
from flowrack.platform import sql
from flowrack.shared.check_digits import is_valid
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_new_ssccs_begin_with_the_prefix_and_the_serial_goes_on() -> None:
    [old] = steps.new_ssccs(1)
    assert old.startswith("09520000")
    req = SetSsccRange("4012345", 3)
    saved = commands.set_sscc_range(ctx(PAM, "k"), req)
    assert commands.set_sscc_range(ctx(PAM, "k"), req) == saved
    [new] = steps.new_ssccs(1)
    assert (new[:8], len(new), is_valid(new)) == ("34012345", 18, True)
    assert int(new[8:17]) == int(old[8:17]) + 1
    commands.set_sscc_range(ctx(PAM), SetSsccRange("9520000", 1))
    assert list(SsccRange.objects.order_by("prefix").values_list("prefix", "extension", "is_active")) == [
        ("4012345", 3, False),
        ("9520000", 1, True),
    ]


def test_what_is_no_prefix_is_refused_and_leaves_no_trace() -> None:
    sql.fetch_value("SELECT setval('locations_sscc_serial', 9999)")
    for who, req, refusal in (
        (PAM, SetSsccRange("401"), PlaceRefused),
        (PAM, SetSsccRange("40123x5"), PlaceRefused),
        (PAM, SetSsccRange("4012345", 10), PlaceRefused),
        (PAM, SetSsccRange("401234512345"), PlaceRefused),
        (BO, SetSsccRange("4012345"), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.set_sscc_range(ctx(who), req)
    found = queries.sscc_range()
    assert (found.prefix, found.extension, found.used) == ("9520000", 0, 9999)


def test_the_page_shows_and_changes_it() -> None:
    browser = signed_in(PAM)
    assert b"9520000" in browser.get("/gs1-prefix").content
    sent = browser.post("/gs1-prefix", {"gs1_prefix": "4012345", "extension": "2", "idempotency_key": "p"})
    assert (sent.status_code, queries.sscc_range().prefix, queries.sscc_range().extension) == (303, "4012345", 2)
    assert browser.post("/gs1-prefix", {"gs1_prefix": "40", "extension": "2"}).status_code == 422
    assert signed_in(BO).get("/gs1-prefix").status_code == 403
