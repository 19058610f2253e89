"""end_put_back: what became of an order is told to who asked."""

from __future__ import annotations

import pytest
from tests.cast import KIM, NOW, ctx

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import PickNotFound
from flowrack.fulfilment.types_short import EndPutBack
from flowrack.platform.outbox import context_for_system
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_only_a_put_back_that_is_done_has_an_outcome():
    ctx(KIM)  # the cast brings the roles and the system user
    with pytest.raises(PickNotFound):
        commands.end_put_back(context_for_system(NOW, "k"), EndPutBack(10**9, "All is back."))
    with pytest.raises(NotPermitted):
        commands.end_put_back(ctx(KIM), EndPutBack(10**9, "All is back."))
