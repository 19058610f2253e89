"""put_down_transfer: whoever stages a transfer does something else, and colleagues see it again."""

from __future__ import annotations

import pytest
from tests.cast import ADA, BO, EVE, MAY, ctx

from flowrack.shared.errors import NotPermitted
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfer_plans as plans
from flowrack.storage.tests.test_take_transfer import scene, seen, tasks  # noqa: F401 - a fixture
from flowrack.storage.types_transfer_plans import PutDownTransfer, ReleaseTransfers, TakeTransfer

pytestmark = pytest.mark.django_db


def test_only_who_holds_a_transfer_puts_it_down_for_others(scene):  # noqa: F811
    here, _, transfer_id = scene
    plans.release_transfers(ctx(MAY), ReleaseTransfers([transfer_id]))
    staging.take_transfer(ctx(BO), TakeTransfer(transfer_id))
    before = tasks()
    staging.put_down_transfer(ctx(ADA), PutDownTransfer(transfer_id))
    with pytest.raises(NotPermitted):
        staging.put_down_transfer(ctx(EVE), PutDownTransfer(transfer_id))
    assert tasks() == before and seen(here, ADA) == 0
    assert staging.put_down_transfer(ctx(BO), PutDownTransfer(transfer_id)).until is None
    assert [row[3:] for row in tasks()] == [("open", None, None)] and seen(here, ADA) == 1
