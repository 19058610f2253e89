"""end_override: somebody lets the rules decide before the day."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, EVE, LOU, NOW, Person, ctx, signed_in, user_id

from flowrack.allocation import commands_overrides as commands
from flowrack.allocation.tests.byhand import give, shelf
from flowrack.allocation.types_overrides import BadOverride, EndOverride, NoSuchOverride, OverrideOver
from flowrack.platform import outbox
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
FAR = Person("far", "Far Manager", ("warehouse_manager",))
NEAR = Person("near", "Near Manager", ("warehouse_manager",))


def test_the_rules_decide_at_once():
    at = shelf()
    done = give(at.line("low"), 20)
    ended = commands.end_override(ctx(LOU), EndOverride(done.override_id, "The fair is off"))
    assert (ended.units, at.promised()) == (20, (0, 0, 0))
    outbox.drain(now=NOW)
    assert at.promised() == (50, 10, 0)
    with pytest.raises(OverrideOver):
        commands.end_override(ctx(LOU), EndOverride(done.override_id, "again"))


def test_without_a_reason_or_the_right_nothing_ends():
    at = shelf()
    done = give(at.line("low"), 20)
    before = outbound.books()
    with pytest.raises(BadOverride):
        commands.end_override(ctx(LOU), EndOverride(done.override_id, " "))
    with pytest.raises(NotPermitted):
        commands.end_override(ctx(EVE), EndOverride(done.override_id, "spite"))
    with pytest.raises(NoSuchOverride):
        commands.end_override(ctx(ADA), EndOverride(10**9, "none"))
    assert (outbound.books(), at.promised()) == (before, (0, 0, 20))


def test_the_page_ends_it():
    at = shelf()
    done = give(at.line("low"), 20)
    path = f"/allocation/overrides/{done.override_id}/end"
    ada = signed_in(ADA)
    assert "the rules share it out" in ada.get(path).content.decode()
    assert ada.post(path, {"reason": "The fair is off", "idempotency_key": "a"}).status_code == 303
    assert at.promised() == (0, 0, 0)


def test_the_page_of_one_at_another_site_is_not_there():
    at = shelf()
    done = give(at.line("low"), 20)
    far = outbound.house("W2")
    user_id(FAR, site_id=far.site)
    answer = signed_in(FAR).get(f"/allocation/overrides/{done.override_id}/end")
    assert (answer.status_code, done.number in answer.content.decode()) == (404, False)
    user_id(NEAR, site_id=at.at.site)
    assert done.number in signed_in(NEAR).get(f"/allocation/overrides/{done.override_id}/end").content.decode()
