"""Classes and quotas as text: what is written comes back, and what cannot be read is named by its line."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from flowrack.allocation.rules_text import Codes, class_text, quota_text, read_classes, read_quotas
from flowrack.allocation.types_rules import FACTORS, SEMANTICS, ClassRule, Quota, Weights

CODES = Codes({"C-1": 11, "C-2": 12}, {"GLOVES": 5})
days = st.one_of(st.none(), st.integers(0, 365))
tiers = st.lists(st.sampled_from("ABC"), unique=True).map(tuple)
people = st.sampled_from(((), (11,), (11, 12)))


@given(
    st.builds(
        ClassRule,
        name=st.sampled_from(("Key", "All other orders")),
        semantics=st.sampled_from(SEMANTICS),
        tiers=tiers,
        customers=people,
        families=st.sampled_from(((), (5,))),
        wanted_from=days,
        wanted_to=days,
        margin_from=st.one_of(st.none(), st.integers(-50, 90)),
        margin_to=days,
        age_from=days,
        horizon_days=days,
        weights=st.builds(Weights, **{name: st.integers(0, 1000) for name in FACTORS}),
    )
)
def test_a_class_comes_back_as_it_was(one):
    assert read_classes(class_text(one, CODES), CODES) == ([one], [])


@given(
    st.builds(
        Quota,
        name=st.just("Clinics"),
        kind=st.sampled_from(("protect", "limit")),
        percent=st.integers(0, 100),
        tiers=tiers,
        customers=people,
        starts_on=st.one_of(st.none(), st.dates()),
        ends_on=st.one_of(st.none(), st.dates()),
    )
)
def test_a_quota_comes_back_as_it_was(one):
    assert read_quotas(quota_text(one, CODES), CODES) == ([one], [])


def test_every_line_that_cannot_be_read_is_named():
    text = """
        Key: guarantee; tier A
        nothing here
        Next: win
        More: keep; customer C-9
        Days: keep; wanted soon
        Score: keep; score luck 3
        What: keep; colour red
        Age: keep; age old
    """
    found, bad = read_classes(text, CODES)
    assert found == [ClassRule("Key", "guarantee", tiers=("A",))]
    assert [(line.line, line.message) for line in bad] == [
        (2, "“nothing here” has no name, or says nothing after it."),
        (3, "“win” is nothing that a class can do: guarantee, keep, share, improve, hold, release."),
        (4, "There is no customer C-9."),
        (5, "“wanted soon” is no span: 0 to 3, 5 or more, up to 9."),
        (6, f"“score luck 3”: a score is made of {', '.join(FACTORS)}, each with a whole number."),
        (7, "“colour red” cannot be read."),
        (8, "“age old” names no number of days."),
    ]
    quotas, bad = read_quotas("Q: keep 3 %\nR: limit 20 %; until June", CODES)
    assert (quotas, [line.message for line in bad]) == (
        [], ["“keep 3 %” is no quota: protect 20 %, or limit 20 %.", "“until June” names no day: 2026-05-01."]
    )  # fmt: skip
    assert read_quotas("R: limit 20 %; tier A; until 2026-06-01", CODES)[0] == [
        Quota("R", "limit", 20, tiers=("A",), ends_on=date(2026, 6, 1))
    ]


def test_all_that_is_wrong_with_a_line_is_named_and_not_the_first_alone():
    _, bad = read_classes("Key: hoard; customer C-8, C-9; age soon; tier A", CODES)
    assert [line.message for line in bad] == [
        f"“hoard” is nothing that a class can do: {', '.join(SEMANTICS)}.",
        "There is no customer C-8.",
        "There is no customer C-9.",
        "“age soon” names no number of days.",
    ]
    _, bad = read_quotas("Clinics: keep 20; family TOYS; until May", CODES)
    assert [line.message for line in bad] == [
        "“keep 20” is no quota: protect 20 %, or limit 20 %.",
        "There is no family TOYS.",
        "“until May” names no day: 2026-05-01.",
    ]
    assert {line.fix.partition(":")[0] for line in bad} == {"Write it as “Name"}
