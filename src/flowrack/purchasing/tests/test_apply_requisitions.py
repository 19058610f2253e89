import pytest
from tests.cast import ED, NOW, ctx

from flowrack.approvals.queries import standing
from flowrack.platform.outbox import context_for_system
from flowrack.purchasing import commands_requisitions
from flowrack.purchasing.tests.asking import ask, decide, line, scene, state
from flowrack.purchasing.types_requisitions import ApplyRequisitions
from flowrack.shared.errors import NotPermitted
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db


def test_only_what_people_decided_about_this_very_request_counts():
    here, _, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 50))
    subject = ref("purchasing.requisition", made.requisition_id)
    request_id = standing([subject], "purchasing.requisition")[subject].request_id

    def apply(request_id, key):
        system = context_for_system(NOW, key)
        return commands_requisitions.apply_requisitions(system, ApplyRequisitions([made.requisition_id], [request_id]))

    assert apply(request_id, "a").requisition_ids == [], "it still waits"
    decide(made, "reject", reason="too much")
    assert (state(made), apply(request_id, "b").requisition_ids) == ("rejected", [])
    assert apply(request_id + 1, "c").requisition_ids == []


def test_only_flowrack_itself_applies():
    here, _, _, hose, _, _ = scene()
    made = ask(here.site, line(hose, 50))
    with pytest.raises(NotPermitted):
        commands_requisitions.apply_requisitions(ctx(ED), ApplyRequisitions([made.requisition_id], [1]))
    assert state(made) == "requested"
