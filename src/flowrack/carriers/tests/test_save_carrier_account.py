"""save_carrier_account: how a carrier's system is reached, at a host that the administrator allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.cast import GUS, PAM, QUIN, bearer, ctx, signed_in

from flowrack.carriers import commands_live, queries_live
from flowrack.carriers.tests import accounts
from flowrack.carriers.tests.house import carrier
from flowrack.carriers.types_live import BadAccount, SaveAccount
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_account_is_not_asked_and_names_its_secret_only(monkeypatch):
    monkeypatch.setenv(accounts.VARIABLE, "hush")
    carrier()
    made = accounts.account(is_on=False)
    row = queries_live.account_row(made.account_id)
    assert (row.code, row.is_on, row.address, row.secret_env, row.services) == (
        "NORTH", False, "https://rates.north.example/v1", "FLOWRACK_CARRIER_NORTH", 0,
    )  # fmt: skip
    again = commands_live.save_carrier_account(ctx(PAM), SaveAccount("NORTH", replace(accounts.ACCOUNT, tries=3)))
    assert (again.account_id, queries_live.account_row(made.account_id).tries) == (made.account_id, 3)
    kept = sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE request::text LIKE %s", ("%hush%",))
    assert kept == 0


def test_a_new_account_does_not_replace_the_one_that_is_there():
    carrier()
    made = accounts.account(is_on=False)
    other = replace(accounts.ACCOUNT, secret_env="FLOWRACK_CARRIER_OTHER")
    with pytest.raises(BadAccount) as refused:
        commands_live.save_carrier_account(ctx(PAM), SaveAccount("NORTH", other, is_new=True))
    assert [(line.field, line.message) for line in refused.value.lines] == [("carrier", "NORTH has an account.")]
    assert queries_live.account_row(made.account_id).secret_env == accounts.VARIABLE
    form = signed_in(PAM).post(
        "/carrier-systems/new",
        {
            "carrier": "NORTH", "address": accounts.ACCOUNT.address, "secret_env": "FLOWRACK_CARRIER_OTHER",
            "currency": "GBP", "timeout_ms": 900, "tries": 2, "break_after": 3, "break_seconds": 60,
            "answer_minutes": 30,
        },
    )  # fmt: skip
    assert (form.status_code, b"Open it from the list, and edit it." in form.content) == (422, True)
    assert queries_live.account_row(made.account_id).secret_env == accounts.VARIABLE


def test_faults_are_named_by_field_and_nothing_is_kept():
    carrier()
    accounts.allowed()
    wrong = {"secret_env": "DATABASE_URL", "ca_env": "/etc/passwd", "currency": "pounds", "timeout_ms": 60_000}
    bad = replace(accounts.ACCOUNT, **wrong)
    with pytest.raises(BadAccount) as refused:
        commands_live.save_carrier_account(ctx(PAM), SaveAccount("NORTH", bad))
    assert [(line.field, line.message) for line in refused.value.lines] == [
        ("address", "The administrator has not allowed this host, or not without https."),
        ("secret_env", "The name of the variable begins with FLOWRACK_CARRIER_, in capitals."),
        ("ca_env", "The name of the variable begins with FLOWRACK_CARRIER_, in capitals."),
        ("currency", "This is no currency code."),
        ("timeout_ms", "Out of range: 60,000."),
    ]
    with pytest.raises(NotPermitted):
        commands_live.save_carrier_account(ctx(GUS), SaveAccount("NORTH", accounts.ACCOUNT))
    assert sql.fetch_value("SELECT count(*) FROM carriers_carrieraccount") == 0


def test_pages_and_api_keep_the_same(client):
    carrier()
    accounts.account(is_on=False)
    pam = signed_in(PAM)
    body = {
        "carrier": "NORTH", "address": "https://rates.north.example/v2/", "secret_env": "FLOWRACK_CARRIER_N2",
        "currency": "gbp", "timeout_ms": 900, "tries": 2, "break_after": 3, "break_seconds": 60, "answer_minutes": 30,
        "ca_env": "FLOWRACK_CARRIER_N2_CA",
    }  # fmt: skip
    [row] = queries_live.accounts_after(0, limit=5)
    assert pam.post(f"/carrier-systems/{row.id}/edit", body).status_code == 303
    read = client.get(f"/api/v1/carrier-accounts/{row.id}", headers=bearer(PAM)).json()
    assert (read["address"], read["answer_minutes"], read["calls"]) == ("https://rates.north.example/v2", 30, [])
    assert read["ca_env"] == "FLOWRACK_CARRIER_N2_CA"
    assert "North Freight" in pam.get("/carrier-systems").content.decode()
    refused = pam.post("/carrier-systems/new", body | {"address": "http://169.254.169.254/latest"})
    assert refused.status_code == 422
    assert "has not allowed this host" in refused.content.decode()
    hosts = client.get("/api/v1/carrier-hosts", headers=bearer(QUIN)).json()
    assert hosts == [{"host": "rates.north.example", "port": 443, "is_inside": False}]
    assert client.get("/api/v1/carrier-hosts", headers=bearer(PAM)).status_code == 403
