"""switch_carrier_account: a system is asked once its carrier has a rate card, and can be left out at any time."""

from __future__ import annotations

import pytest
from tests.cast import GUS, PAM, bearer, ctx, signed_in

from flowrack.carriers import commands_live, queries_live
from flowrack.carriers.tests import accounts
from flowrack.carriers.tests.house import carrier, in_force
from flowrack.carriers.types_live import AccountNotFound, NoRateCard, SwitchAccount
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_a_rate_card_it_is_not_asked():
    carrier()
    made = accounts.account(is_on=False)
    with pytest.raises(NoRateCard):
        commands_live.switch_carrier_account(ctx(PAM), SwitchAccount(made.account_id, True))
    with pytest.raises(NotPermitted):
        commands_live.switch_carrier_account(ctx(GUS), SwitchAccount(made.account_id, True))
    with pytest.raises(AccountNotFound):
        commands_live.switch_carrier_account(ctx(PAM), SwitchAccount(made.account_id + 1, True))
    assert queries_live.accounts_on() == []


def test_it_is_switched_on_page_and_api_and_a_breaker_begins_anew(client):
    carrier()
    in_force()
    made = accounts.account(is_on=False)
    pam = signed_in(PAM)
    assert pam.post(f"/carrier-systems/{made.account_id}/switch", {"is_on": "1"}).status_code == 303
    sql.execute("UPDATE carriers_carrieraccount SET failures = 5, open_until = now() + interval '1 hour'")
    assert "5 in a row" in pam.get(f"/carrier-systems/{made.account_id}").content.decode()
    url = f"/api/v1/carrier-accounts/{made.account_id}/switch"
    said = client.post(url, {"is_on": True}, content_type="application/json", headers=bearer(PAM)).json()
    assert said["is_on"] is True
    [row] = queries_live.accounts_on()
    assert (row.failures, row.open_until, row.services) == (0, None, 2)
    client.post(url, {"is_on": False}, content_type="application/json", headers=bearer(PAM))
    assert queries_live.accounts_on() == []
