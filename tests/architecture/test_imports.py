"""The import contracts hold, and each of them bites."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PLANTED = {
    "flow": ("catalog/queries_planted.py", "import flowrack.inbound.types\n"),
    "inside": ("inbound/types.py", "import flowrack.inbound.models\n"),
    "pure": ("inbound/rules.py", "import django.db.models\n"),
    "own": ("sales/queries.py", "import flowrack.ledger.models\n"),
    "files": ("inbound/queries_planted.py", "import flowrack.inbound.steps_planted\n"),
    "entry": ("inbound/steps.py", "import flowrack.purchasing.commands_planted\n"),
    "edges": ("inbound/forms.py", "import flowrack.purchasing.pages_planted\n"),
}
NEEDED = ("inbound/types.py", "inbound/models.py", "purchasing/commands.py", "purchasing/pages.py", "ledger/models.py",
          "inbound/steps_planted.py", "purchasing/commands_planted.py", "purchasing/pages_planted.py")  # fmt: skip


def lint(root: Path) -> dict[str, bool]:
    """Contract -> whether it is kept."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    environment = {"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": "/usr/bin:/bin", "COLUMNS": "500"}
    told = subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=root, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    verdicts = {}
    for line in told.stdout.splitlines():
        name, found, rest = line.partition(": ")
        for verdict in ("KEPT", "BROKEN"):
            if found and f" {verdict}" in rest:
                verdicts[name] = verdict == "KEPT"
    assert set(verdicts) == set(PLANTED), told.stdout + told.stderr
    if not all(verdicts.values()):
        print(told.stdout)
    return verdicts


def test_imports_point_upstream() -> None:
    broken = [name for name, kept in lint(ROOT).items() if not kept]
    assert broken == [], "see the captured output, and the guidance in .importlinter"


def test_each_contract_catches_its_planted_offence(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for file in (ROOT / "src/flowrack").glob("*/__init__.py"):
        copy = tmp_path / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True)
        copy.touch()
    (tmp_path / "src/flowrack/__init__.py").touch()
    (tmp_path / "src/flowrack/__main__.py").write_text("import flowrack.config.cli\n")
    (tmp_path / "src/flowrack/config/cli.py").touch()
    for path in NEEDED:
        (tmp_path / "src/flowrack" / path).touch()
    assert lint(tmp_path) == dict.fromkeys(PLANTED, True), "the bare skeleton breaks nothing"
    for path, text in PLANTED.values():
        with (tmp_path / "src/flowrack" / path).open("a") as file:
            file.write(text)
    assert lint(tmp_path) == dict.fromkeys(PLANTED, False)
