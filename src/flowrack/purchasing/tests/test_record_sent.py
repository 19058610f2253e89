import pytest
from tests.cast import BO, DI, ctx
from tests.supply import approved, draft, house, item, supplier

from flowrack.platform import sql
from flowrack.purchasing import commands_documents as commands
from flowrack.purchasing.types_confirmations import BadSending, RecordSent, SentPo
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_which_version_went_how_and_to_whom_is_kept_once_for_each_key():
    here, seller, hose = house(), supplier(), item("V-200")
    one, two, raw = (make(here.site, seller, (hose, 10, "4")) for make in (approved, approved, draft))
    asked = RecordSent([SentPo(one.po_id, 1, "email", "orders@ostler.example"), SentPo(two.po_id, 1, "portal")])
    done = commands.record_sent(ctx(DI, "k"), asked)
    assert commands.record_sent(ctx(DI, "k"), asked) == done and len(done.sent_ids) == 2
    kept = "SELECT v.po_id, v.version_no, s.means, s.sent_to, s.sent_by_id FROM purchasing_posent s JOIN "
    kept += "purchasing_poversion v ON v.id = s.version_id ORDER BY s.id"
    assert sql.fetch_all(kept) == [
        (one.po_id, 1, "email", "orders@ostler.example", DI.id),
        (two.po_id, 1, "portal", "", DI.id),
    ]
    with pytest.raises(BadSending) as refused:
        commands.record_sent(ctx(DI), RecordSent([SentPo(raw.po_id, 1, "fax"), SentPo(one.po_id, 2, "email")]))
    assert [(x.line, x.field) for x in refused.value.lines] == [(1, "version_no"), (1, "means"), (2, "version_no")]
    with pytest.raises(NotPermitted):
        commands.record_sent(ctx(BO), asked)
