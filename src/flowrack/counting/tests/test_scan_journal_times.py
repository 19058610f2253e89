"""How long ago something was seen in a bin: an absurd time is refused, not computed."""

from __future__ import annotations

import pytest

from flowrack.counting.scan_journal import ago
from flowrack.platform.web.journal import Asked, UnreadableEntry


def test_a_count_does_not_reach_back_more_than_a_week():
    assert ago(Asked({"ago": 604_800})).days == 7
    for seconds in (604_801, 10**12, 2**61):
        with pytest.raises(UnreadableEntry, match="more than a week"):
            ago(Asked({"ago": seconds}))
