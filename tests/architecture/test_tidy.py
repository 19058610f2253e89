"""The repository is tidy, but for the known offences, whose list may only shrink."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest

from tests.architecture.tidy import commands_of, violations, violations_below

pytestmark = pytest.mark.xdist_group("tidy")  # the repository is read once, by one worker
ROOT = Path(__file__).resolve().parents[2]
KNOWN = Path(__file__).with_name("known.txt")


def known() -> set[str]:
    lines = KNOWN.read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def test_nothing_new_is_untidy() -> None:
    fresh = [v for v in violations_below(ROOT) if v.key not in known()]
    assert not fresh, "Mend these (STYLE.md says why):\n" + "\n".join(map(str, fresh))


def test_every_command_has_a_test_file_of_its_name() -> None:
    missing = [
        f"no test file src/flowrack/{stage}/tests/test_{name}.py"
        for stage, name in commands_of(ROOT)
        if not (ROOT / "src/flowrack" / stage / "tests" / f"test_{name}.py").exists()
    ]
    assert not [m for m in missing if m not in known()], "Each command has its own file of claims:\n" + "\n".join(
        missing
    )


def test_the_list_of_known_offences_only_shrinks() -> None:
    tests = {
        f"no test file src/flowrack/{stage}/tests/test_{name}.py"
        for stage, name in commands_of(ROOT)
        if not (ROOT / "src/flowrack" / stage / "tests" / f"test_{name}.py").exists()
    }
    mended = known() - {v.key for v in violations_below(ROOT)} - tests
    assert not mended, f"Well done; now delete these lines from {KNOWN.name}:\n" + "\n".join(sorted(mended))


PLANTED = [
    (
        "inbound/steps.py",
        "from django.db import transaction\ndef f():\n    with transaction.atomic(): ...\n",
        "transaction.atomic",
    ),
    ("inbound/steps.py", "from django.db.transaction import atomic\n", "transaction.atomic"),
    ("inbound/queries.py", "def f(rows):\n    return rows.select_for_update()\n", "select_for_update"),
    ("inbound/pages.py", "def f(po):\n    po.save()\n", "ORM write .save()"),
    ("inbound/queries.py", "def f():\n    Po.objects.create(number=1)\n", "ORM write .create()"),
    ("inbound/pages.py", "def f():\n    Po.objects.filter(pk=1).update(state='x')\n", "ORM write .update()"),
    ("inbound/api.py", "SQL = 'UPDATE inbound_receipt SET state = 1'\n", "SQL write"),
    ("inbound/commands.py", "from datetime import datetime\ndef f():\n    return datetime.now()\n", "now()"),
    ("inbound/rules.py", "from django.utils import timezone\nNOW = timezone.now()\n", "now()"),
    ("platform/runner.py", "from datetime import date\ndef f():\n    return date.today()\n", "today()"),
    ("inbound/rules.py", "def f(units):\n    return float(units)\n", "float"),
    ("planning/queries.py", "def f(units):\n    return round(units)\n", "round"),
    ("inbound/models.py", "from django.db.models.signals import post_save\n", "signals"),
    ("platform/models.py", "from django.dispatch import receiver\n", "signals"),
    ("inbound/models.py", "from django.db import models\nclass A:\n    b = models.JSONField()\n", "JSONField"),
    ("inbound/steps.py", "def f():\n    import os\n", "import inside a function"),
    ("platform/x.py", "def f():\n" + "    pass\n" * 70, "function over 70 lines"),
    ("inbound/tests/test_x.py", "x = 1\n" * 401, "file over 400 lines"),
    ("inbound/steps.py", "# " + "TODO: later\n", "unfinished work in a comment"),
    (
        "inbound/commands.py",
        "@command(permission='receive', result=R)\ndef f(ctx, req):\n    'Doc.'\n",
        "command permission",
    ),
    ("inbound/commands.py", "@command(permission='inbound.x', result=R)\ndef f(ctx, req): ...\n", "command docstring"),
]

ALLOWED = [
    ("catalog/bench.py", "SQL = 'INSERT INTO t'\ndef f(seconds):\n    return float(seconds)\n"),
    ("platform/runner.py", "from django.db import transaction\ndef f():\n    with transaction.atomic(): ...\n"),
    ("inbound/locks.py", "def f(rows):\n    return rows.select_for_update()\n"),
    ("inbound/steps.py", "def f():\n    Po.objects.create(number=1)\n"),
    ("inbound/commands.py", "SQL = 'UPDATE inbound_receipt SET state = 1'\n"),
    ("inbound/rules.py", "def f(seen, more):\n    seen.update(more)\n"),
    ("planning/rules.py", "def f(units):\n    return round(float(units))\n"),
    ("platform/http.py", "from django.utils import timezone\ndef f():\n    return timezone.now()\n"),
    ("inbound/tests/test_x.py", "from datetime import date\ndef f():\n    import os\n    return date.today()\n"),
    ("inbound/migrations/0001_initial.py", "x = 1\n" * 401),
    ("platform/x.py", "def f():\n" + "    pass\n" * 69),
    ("inbound/commands.py", "@command(permission='inbound.x', result=R)\ndef f(ctx, req):\n    'Doc.'\n"),
]


@pytest.mark.parametrize(("path", "text", "rule"), PLANTED)
def test_a_planted_offence_is_caught_and_its_replacement_named(path: str, text: str, rule: str) -> None:
    found = violations(PurePosixPath("src/flowrack") / path, text)
    assert [v.rule for v in found] == [rule]
    assert found[0].instead


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_what_is_allowed_is_left_alone(path: str, text: str) -> None:
    assert violations(PurePosixPath("src/flowrack") / path, text) == []
