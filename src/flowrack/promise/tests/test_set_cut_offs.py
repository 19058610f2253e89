from datetime import date, time

import pytest
from tests.cast import ADA, KIM, ctx

from flowrack.platform import sql
from flowrack.promise import commands_setup as commands
from flowrack.promise.tests import given
from flowrack.promise.types import BadSetup, CutOffOf, SetCutOffs
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def service() -> int:
    return int(
        sql.fetch_value(
            """
            WITH c AS (INSERT INTO parties_party (code, name, is_carrier) VALUES ('DPD', 'DPD', true) RETURNING id)
            INSERT INTO parties_carrierservice (carrier_id, code, name, transit_days)
            SELECT id, 'NEXT', 'Next day', 1 FROM c RETURNING id
            """
        )
    )


def test_a_cut_off_decides_the_day_and_the_service_its_days_on_the_way():
    at = given.house(10)
    commands.set_cut_offs(ctx(ADA), SetCutOffs(at.site, [CutOffOf(service(), time(9, 10), transit_days=2)]))
    assert given.quote(1).ships_on == date(2026, 3, 3)  # it is nine, and an order takes fifteen minutes
    [known] = sql.fetch_all("SELECT id FROM parties_carrierservice")
    commands.set_cut_offs(ctx(ADA), SetCutOffs(at.site, [CutOffOf(known[0], time(15), transit_days=2)]))
    held = given.quote(1)
    assert (held.ships_on, held.arrives_on) == (date(2026, 3, 2), date(2026, 3, 4))


def test_every_bad_row_is_named_and_nothing_changes():
    at = given.house(0)
    rows = [CutOffOf(99, time(9)), CutOffOf(0, time(9), [9]), CutOffOf(0, time(9), []), CutOffOf(0, time(10), [1]),
            CutOffOf(0, time(11), [1], transit_days=-1)]  # fmt: skip
    with pytest.raises(BadSetup) as refused:
        commands.set_cut_offs(ctx(ADA), SetCutOffs(at.site, rows))
    assert [(line.line, line.field) for line in refused.value.lines] == [
        (1, "service"), (2, "weekday"), (3, "weekdays"), (5, "transit_days"), (5, "at"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.set_cut_offs(ctx(KIM), SetCutOffs(at.site, []))
    assert sql.fetch_value("SELECT count(*) FROM promise_cutoffrow") == 0
