"""What is dear to set up is set up by one worker: the tests that share it go there together."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.xdist_group("groups")


def test_the_tests_of_a_group_go_to_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist sends together what bears one group's name behind its id. Without workers there is no need to."""
    _, _, group = request.node.nodeid.rpartition("@")
    assert (group == "groups") is ("PYTEST_XDIST_WORKER" in os.environ)
