"""Approvals that nobody waits for any more change nothing."""

import pytest
from tests.cast import BO, ctx

from flowrack.inbound import commands_over as commands
from flowrack.inbound.types_over import ApplyOverReceipts, DecidedOverReceipt
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_only_flowrack_itself_lets_units_in():
    with pytest.raises(NotPermitted):
        commands.apply_over_receipts(ctx(BO), ApplyOverReceipts([DecidedOverReceipt(1, "approved", "x")]))
