"""Only Flowrack itself puts in force what the inbox approved."""

import pytest
from tests.cast import ED, ctx

from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing.types_agreements import ApplyAgreements
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_only_flowrack_itself_puts_an_agreement_in_force():
    with pytest.raises(NotPermitted):
        commands.apply_agreements(ctx(ED), ApplyAgreements([1], [1]))
