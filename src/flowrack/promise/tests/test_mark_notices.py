from datetime import date

import pytest
from tests import outbound
from tests.cast import CY, KIM, LOU, ctx

from flowrack.platform import sql
from flowrack.promise import commands_lines as commands
from flowrack.promise.tests import given
from flowrack.promise.types import MarkNotices, MovePromise, MovePromises
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_notice_is_sent_once_and_says_by_whom():
    at = given.house(100)
    [line] = outbound.order(at.site, "ACME", ("V-200", 10)).line_ids
    given.drain()
    commands.move_promises(ctx(KIM), MovePromises([MovePromise(line, date(2026, 3, 6))], "later"))
    notice = sql.fetch_value("SELECT id FROM promise_notice")
    with pytest.raises(NotPermitted):
        commands.mark_notices(ctx(CY), MarkNotices([notice]))
    assert commands.mark_notices(ctx(LOU), MarkNotices([notice])).count == 1
    assert commands.mark_notices(ctx(KIM), MarkNotices([notice])).count == 0
    assert sql.fetch_value("SELECT sent_by_id FROM promise_notice") == LOU.id
