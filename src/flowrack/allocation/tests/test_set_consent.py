"""What a customer says of a substitute counts until he says something else."""

import pytest
from tests import outbound
from tests.cast import CY, KIM, bearer, ctx, signed_in

from flowrack.allocation import commands_substitutes as commands
from flowrack.allocation.types_substitutes import BadConsent, SetConsent
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def said() -> list[tuple[bool, bool]]:
    rows = sql.fetch_all("SELECT takes, ended_at IS NULL FROM allocation_substituteconsent ORDER BY id")
    return [(row[0], row[1]) for row in rows]


def test_the_last_word_counts_and_all_words_stay(client):
    outbound.item("P")
    outbound.item("S")
    outbound.customer("CARE")
    yes = SetConsent("CARE", "P", "S", True, "Ms Lee")
    done = commands.set_consent(ctx(KIM, "k"), yes)
    assert commands.set_consent(ctx(KIM, "k"), yes) == done
    form = {
        "customer": "CARE",
        "sku": "P",
        "substitute": "S",
        "takes": "never",
        "reason": "Mr Fox",
        "idempotency_key": "f",
    }
    assert signed_in(KIM).post("/allocation/consents/new", form).status_code == 303
    assert said() == [(True, False), (False, True)]
    assert "never" in signed_in(KIM).get("/allocation/consents").content.decode()
    body = {"customer": "CARE", "sku": "P", "substitute": "S", "takes": None, "reason": "nothing any more"}
    answer = client.put("/api/v1/substitute-consents", body, "application/json", headers=bearer(KIM))
    assert (answer.json(), said()) == ({"consent_id": 0}, [(True, False), (False, False)])


def test_every_bad_field_is_named():
    outbound.item("P")
    with pytest.raises(BadConsent) as refused:
        commands.set_consent(ctx(KIM), SetConsent("NOBODY", "P", "S", True, " "))
    assert [line.field for line in refused.value.lines] == ["substitute", "customer", "reason"]
    with pytest.raises(NotPermitted):
        commands.set_consent(ctx(CY), SetConsent("NOBODY", "P", "S", True, "mine"))
