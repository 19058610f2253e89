"""set_template: templates are kept, in their order of match, or refused field by field."""

from __future__ import annotations

import pytest
from tests.cast import EVE, MAY, ctx

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands_setup as commands
from flowrack.waves import queries_pool
from flowrack.waves.tests import cases
from flowrack.waves.types import BadTemplate, SetTemplate, TemplateNotFound, TemplateOf

pytestmark = pytest.mark.django_db(transaction=True)


def names() -> list[tuple[int, str]]:
    return sql.fetch_all("SELECT position, name FROM waves_template WHERE is_active ORDER BY position")


def test_a_template_is_kept_as_it_is_written():
    at = cases.house()
    of = TemplateOf("Cold", temperatures=["chilled", "frozen"], tiers=["A"], max_lines=20, weekdays=[1, 2])
    commands.set_template(ctx(MAY), SetTemplate(at.site, of))
    (kept,) = queries_pool.templates(at.site)
    assert (kept.name, kept.temperatures, kept.tiers, kept.max_lines, kept.weekdays, kept.dock_minutes) == (
        "Cold",
        frozenset({"chilled", "frozen"}),
        frozenset({"A"}),
        20,
        frozenset({1, 2}),
        35,
    )


def test_a_template_goes_where_it_is_put_in_the_order_of_match():
    at = cases.house()
    first, second, third = (cases.template(at, name) for name in ("One", "Two", "Three"))
    assert names() == [(1, "One"), (2, "Two"), (3, "Three")]
    commands.set_template(ctx(MAY), SetTemplate(at.site, TemplateOf("Three", position=1), third))
    assert names() == [(1, "Three"), (2, "One"), (3, "Two")]
    commands.set_template(ctx(MAY), SetTemplate(at.site, TemplateOf("Three", position=3), third))
    assert names() == [(1, "One"), (2, "Two"), (3, "Three")]
    assert {first, second, third} == {t.template_id for t in queries_pool.templates(at.site)}


def test_every_bad_field_is_named_and_nothing_is_kept():
    at = cases.house()
    before = cases.books()
    of = TemplateOf(
        " ", services=["NOBODY"], tiers=["D"], hazards=["acid"], min_lines=9, max_lines=3, mode="continuous",
        weekdays=[8],
    )  # fmt: skip
    with pytest.raises(BadTemplate) as refused:
        commands.set_template(ctx(MAY), SetTemplate(at.site, of))
    assert {line.field for line in refused.value.lines} == {
        "name", "services", "tiers", "hazards", "max_lines", "wip_lines", "weekdays",
    }  # fmt: skip
    assert cases.books() == before


def test_two_templates_of_a_site_have_two_names():
    at = cases.house()
    cases.template(at, "Parcels")
    with pytest.raises(BadTemplate) as refused:
        cases.template(at, "Parcels")
    assert refused.value.lines[0].message == "There is a template “Parcels” already."


def test_a_template_of_another_site_is_not_found():
    at = cases.house()
    theirs = cases.template(at)
    before = cases.books()
    with pytest.raises(TemplateNotFound):
        commands.set_template(ctx(MAY), SetTemplate(at.site + 1, TemplateOf("Mine"), theirs))
    assert cases.books() == before


def test_an_outsider_writes_none():
    at = cases.house()
    before = cases.books()
    with pytest.raises(NotPermitted):
        commands.set_template(ctx(EVE), SetTemplate(at.site, TemplateOf("X")))
    assert cases.books() == before
