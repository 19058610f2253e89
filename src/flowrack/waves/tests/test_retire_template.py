"""retire_template: a template takes no orders any more, and the others close up."""

from __future__ import annotations

import pytest
from tests.cast import EVE, MAY, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands_setup as commands
from flowrack.waves.tests import cases
from flowrack.waves.types import RetireTemplate, TemplateNotFound

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_others_close_up():
    at = cases.house()
    first = cases.template(at, "One")
    cases.template(at, "Two")
    commands.retire_template(ctx(MAY), RetireTemplate(first))
    assert sql.fetch_all("SELECT position, name FROM waves_template WHERE is_active") == [(1, "Two")]
    with pytest.raises(TemplateNotFound):
        commands.retire_template(ctx(MAY), RetireTemplate(first))


def test_an_outsider_retires_none():
    at = cases.house()
    first = cases.template(at)
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.retire_template(ctx(EVE), RetireTemplate(first))
    assert cases.books() == before
    assert sql.fetch_value("SELECT is_active FROM waves_template WHERE id = %s", (first,))
