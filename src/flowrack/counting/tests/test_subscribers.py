import pytest
from tests.cast import CY, NOW, ctx

from flowrack.counting import subscribers
from flowrack.counting.models import CountTask
from flowrack.counting.tests.scene import bin_with
from flowrack.fulfilment.types import PickShort
from flowrack.platform.outbox import OutboxMessage, context_for_system

pytestmark = pytest.mark.django_db


def test_a_short_pick_opens_one_count_of_the_bin_however_often_it_is_told():
    house, item = bin_with(5)
    ctx(CY)  # the cast brings the roles and the system user
    event = PickShort(
        site_id=house.site,
        location_id=house.places["reserve1"],
        item_id=item,
        lot_id=0,
        pick_id=1,
        order_line_id=1,
        expected_units=5,
        found_units=2,
        reason="none_there",
    )
    body = {name: getattr(event, name) for name in PickShort.__dataclass_fields__}
    message = OutboxMessage(1, event.kind, body, NOW, 1)
    for _ in range(2):
        subscribers.count_short_bin(context_for_system(NOW, "outbox:1:counting.count_short_bin"), message)
    task = CountTask.objects.get()
    assert (task.cause, task.note, task.state) == ("short_pick", "2 of 5 found by a picker", "due")
