import pytest
from tests.cast import CY, KIM, ctx

from flowrack.platform import sql
from flowrack.promise import commands
from flowrack.promise.tests import given
from flowrack.promise.types import EndQuote, QuoteNotFound, QuoteOver
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_released_units_are_free_at_once_and_only_once():
    given.house(100)
    held = given.quote(60)
    done = commands.release_quote(ctx(KIM, "k"), EndQuote(held.quote_id, "not wanted"))
    assert commands.release_quote(ctx(KIM, "k"), EndQuote(held.quote_id, "not wanted")) == done
    assert (done.units, given.committed(), given.state_of(held.quote_id)) == (60, 0, "released")
    assert sql.fetch_all("SELECT end_reason, ended_by_id FROM promise_quote") == [("not wanted", KIM.id)]
    with pytest.raises(QuoteOver):
        commands.release_quote(ctx(KIM), EndQuote(held.quote_id))
    assert given.quote(100).on_hand_units == 100


def test_an_unknown_quote_and_a_stranger_are_refused():
    given.house(100)
    held = given.quote(60)
    with pytest.raises(QuoteNotFound):
        commands.release_quote(ctx(KIM), EndQuote(held.quote_id + 1))
    with pytest.raises(NotPermitted):
        commands.release_quote(ctx(CY), EndQuote(held.quote_id))
    assert given.committed() == 60
