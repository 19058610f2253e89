import pytest
from tests.cast import BO, MAY, ctx
from tests.supply import counts_of, house, item, sells, supplier

from flowrack.planning import commands
from flowrack.planning.types import DismissProposals, ProposalGone, Propose
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


def test_a_proposal_is_dismissed_once_with_a_reason():
    here, one = house(), item("ONE")
    sql.execute("UPDATE catalog_item SET reorder_point = 20, order_up_to = 100 WHERE id = %s", (one,))
    sells(supplier(), one)
    [proposal] = commands.propose(ctx(MAY), Propose(here.site)).proposal_ids
    may, bo = ctx(MAY), ctx(BO)
    before = counts_of()
    for who, ids, reason, kind in (
        (bo, [proposal], "no", NotPermitted),
        (may, [proposal], " ", Invalid),
        (may, [], "no", Invalid),
        (may, [proposal, 999_999], "no", ProposalGone),
    ):
        with pytest.raises(kind):
            commands.dismiss_proposals(who, DismissProposals(ids, reason))
        assert counts_of() == before

    done = commands.dismiss_proposals(ctx(MAY, "k"), DismissProposals([proposal], "season is over"))

    assert commands.dismiss_proposals(ctx(MAY, "k"), DismissProposals([proposal], "season is over")) == done
    assert sql.fetch_one("SELECT state, reason, ended_by_id FROM planning_proposal") == (
        "dismissed",
        "season is over",
        MAY.id,
    )
    with pytest.raises(ProposalGone):
        commands.dismiss_proposals(ctx(MAY), DismissProposals([proposal], "again"))
