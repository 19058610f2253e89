"""The scan app's own GS1 parser against the server's: every vector of GS1, in one evaluation of a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrack.shared import gs1
from flowrack.shared.gs1_dictionary import SOURCE, check
from flowrack.shared.tests.test_gs1 import linter_rows, needs_vectors, rows
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)
STATIC = Path(gs1.__file__).parents[1] / "static" / "js"

BOTH = """async ({ labels, values }) => {
  const { parse } = await import("/static/js/gs1.js");
  const { check } = await import("/static/js/gs1-checks.js");
  const read = labels.map((label) => {
    try { return parse(label); } catch (error) { return `${error.constructor.name}`; }
  });
  return { read, judged: values.map(([name, value]) => check(name, value)) };
}"""

MORE = [
    "A-03-4", "SO-5203", "4711", "", "T-03", "85123A", "96385074", "96385075", "416000336108", "]E09520123456788",
    "9520123456788", "9520123456789", "006141411234567890", "00006141411234567890", "(00)006141411234567891",
    "]C1010952012345678817270331104711\x1d3712", "]d2010952012345678817270331104711{GS}3712", "~", "]C1", "\x1d",
    "010952012345678817270331104711|3712", "(01)09520123456788(17)270229", "(01)09520123456788(17)280200",
    "(01)09520123456788(11)260101(15)270101(30)7", "(10)A\\(1(21)9", "]C1891234", "https://example.com/help",
    "https://a/417/9520123456788", "https://a/255/95201234567881234", "https://a/8010/AB123",
    "(01)09520123456788(3103)000195(21)A/B", "01095201234567889999", "]C110ABCDEFGHIJKLMNOPQRSTU", "(10)", "(01)123",
]  # fmt: skip


def server_side(label: str) -> object:
    """What the server's parser says, by the names of the device's."""
    try:
        scan = gs1.parse(label)
    except gs1.BadCode:
        return "BadCode"
    return {
        "kind": scan.kind,
        "elements": [list(pair) for pair in scan.elements],
        "gtin": scan.gtin,
        "contentGtin": scan.content_gtin,
        "sscc": scan.sscc,
        "lot": scan.lot,
        "serial": scan.serial,
        "expiresOn": scan.expires_on.isoformat() if scan.expires_on else "",
        "bestBefore": scan.best_before.isoformat() if scan.best_before else "",
        "madeOn": scan.made_on.isoformat() if scan.made_on else "",
        "quantity": scan.quantity,
        "count": scan.count,
    }


def test_the_device_has_the_same_dictionary():
    text = (STATIC / "gs1-dictionary.js").read_text(encoding="utf-8")
    assert text.partition("`")[2].rpartition("`")[0] == SOURCE.read_text(encoding="utf-8")


@needs_vectors
def test_the_device_reads_every_vector_as_the_server_does(visit):
    labels = [row["input"].replace("^", "\x1d") for row in rows("ai_vectors.csv")]
    labels += [row["uri"] for row in rows("digital_link_vectors.csv")] + MORE
    values = [row[:2] for row in linter_rows()]
    page = visit("/scan", size=PHONE)
    there = page.evaluate(BOTH, {"labels": labels, "values": values})
    here = [server_side(label) for label in labels]
    assert [(label, a) for label, a, b in zip(labels, there["read"], here, strict=True) if a != b] == [
        (label, b) for label, a, b in zip(labels, there["read"], here, strict=True) if a != b
    ]
    assert there["judged"] == [check(name, value) for name, value in values]
    assert (len(labels), len(values)) == (106 + 83 + len(MORE), 1_483)
