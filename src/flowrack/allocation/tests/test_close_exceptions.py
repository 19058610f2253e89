from datetime import date

import pytest
from tests import outbound
from tests.cast import CY, DI, KIM, NOW, bearer, ctx, signed_in
from tests.supply import approved, supplier

from flowrack.allocation import commands_exceptions as commands
from flowrack.allocation.types_exceptions import CloseExceptions, ExceptionClosed
from flowrack.platform import outbox, sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing.types import CancelPo
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


def test_an_exception_is_closed_once_with_what_was_done(client):
    at = outbound.house()
    outbound.customer("ACME")
    po = approved(at.site, supplier(), (outbound.item("V-200"), 100, "4"), due=date(2026, 3, 9))
    for _ in range(3):
        outbound.order(at.site, "ACME", ("V-200", 10), on=date(2026, 3, 10))
    outbox.drain(now=NOW)
    purchasing.cancel_po(ctx(DI), CancelPo([po.po_id], "no more"))
    outbox.drain(now=NOW)
    one, two, three = (row[0] for row in sql.fetch_all("SELECT id FROM allocation_promiseexception ORDER BY id"))
    done = commands.close_exceptions(ctx(KIM, "k"), CloseExceptions([one], "Customer told"))
    assert commands.close_exceptions(ctx(KIM, "k"), CloseExceptions([one], "Customer told")) == done
    form = {"note": "Other supply", "idempotency_key": "a"}
    assert signed_in(KIM).post(f"/allocation/exceptions/close?ids={two}", form).status_code == 303
    body = {"exception_ids": [three], "note": "Told"}
    url = "/api/v1/promise-exceptions/close"
    assert client.post(url, body, "application/json", headers=bearer(DI)).json() == {"exception_ids": [three]}
    kept = sql.fetch_all("SELECT closing, closed_by_id FROM allocation_promiseexception ORDER BY id")
    assert kept == [("Customer told", KIM.id), ("Other supply", KIM.id), ("Told", DI.id)]
    with pytest.raises(ExceptionClosed):
        commands.close_exceptions(ctx(DI), CloseExceptions([one], "again"))
    with pytest.raises(Invalid):
        commands.close_exceptions(ctx(DI), CloseExceptions([one], " "))
    with pytest.raises(NotPermitted):
        commands.close_exceptions(ctx(CY), CloseExceptions([one], "mine"))
