"""A page that says what was not done leads back to where one came from, and nowhere else."""

from __future__ import annotations

import pytest
from django.test import RequestFactory

from flowrack.platform.web.access import _came_from


@pytest.mark.parametrize(
    ("came", "back"),
    [
        ("http://testserver/cartons/5?tab=audit", "/cartons/5?tab=audit"),
        ("http://testserver/cartons/5/print", ""),
        ("http://evil.example/cartons/5", ""),
        ("http://testserver//evil.example", ""),
        ("http://testserver/\\evil.example", ""),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_back_is_a_page_of_ours(came, back):
    assert _came_from(RequestFactory().post("/cartons/5/print", headers={"referer": came})) == back
