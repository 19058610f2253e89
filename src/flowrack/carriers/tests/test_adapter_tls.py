"""A carrier's system over https: whose certificate counts, and what is said of one that does not."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrack.carriers.adapter import NoAnswer
from flowrack.carriers.adapter_http import HttpAdapter
from flowrack.carriers.rules_live import Outcome
from flowrack.carriers.tests import carrier
from flowrack.carriers.tests.certificates import Holder, certificate, written
from flowrack.carriers.tests.test_adapter_http import ASKED, door
from flowrack.carriers.types_live import AllowedHost

HOUSE, STRANGER, SYSTEM = Holder("House authority"), Holder("Some other authority"), Holder("rates of North")
HERE = "127.0.0.1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of the authorities, of the system's key and of its certificates: a good one, and three that are not."""
    made = tmp_path_factory.mktemp("tls")
    written(made, "house.pem", certificate(HOUSE, HOUSE, is_authority=True))
    written(made, "stranger.pem", certificate(STRANGER, STRANGER, is_authority=True))
    for name, text in (
        ("good", certificate(SYSTEM, HOUSE, HERE)),
        ("over", certificate(SYSTEM, HOUSE, HERE, days=(-9, -2))),
        ("early", certificate(SYSTEM, HOUSE, HERE, days=(2, 9))),
        ("other", certificate(SYSTEM, HOUSE, "rates.north.example")),
    ):
        written(made, f"{name}.pem", text + SYSTEM.pem_key())
    return made


@pytest.fixture(scope="module")
def system() -> Iterator[carrier.System]:
    with carrier.running(is_safe=True) as found:
        yield found


def asked(system: carrier.System, authority: str | None) -> tuple[str, str]:
    """How the call ends, in words; a system that answers gives prices."""
    system.seen = []
    system.prices(AIR="7.57")
    at = door(
        system, address=f"https://{HERE}:{system.port}/v1", authority=authority,
        hosts=[AllowedHost(HERE, system.port, is_inside=True)],
    )  # fmt: skip
    try:
        [rate] = HttpAdapter(at).rates(ASKED)
    except NoAnswer as no:
        assert system.seen == [], "the secret is sent to nobody who is not trusted"
        return no.outcome, no.words
    return "ok", str(rate.total)


def test_the_authority_of_the_account_is_the_only_one_that_counts(system, folder):
    system.shows(folder / "good.pem")
    assert asked(system, str(folder / "house.pem")) == ("ok", "7.57")
    unknown = (Outcome.UNTRUSTED, "its certificate is of an authority that is not trusted here")
    assert asked(system, str(folder / "stranger.pem")) == unknown
    assert asked(system, None) == unknown


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        ("over", "its certificate is over"),
        ("early", "its certificate is not valid yet, or the clock of this machine is wrong"),
        ("other", "its certificate is for another name than 127.0.0.1"),
    ],
)
def test_a_certificate_that_does_not_count_is_refused_in_plain_words(system, folder, shown, words):
    system.shows(folder / f"{shown}.pem")
    assert asked(system, str(folder / "house.pem")) == (Outcome.UNTRUSTED, words)


def test_a_file_that_is_not_there_or_no_certificate_trusts_nobody(system, folder):
    unread = (Outcome.UNTRUSTED, "the file of its authority cannot be read here")
    assert asked(system, str(folder / "gone.pem")) == unread
    assert asked(system, written(folder, "words.pem", "no certificate")) == unread
    assert asked(system, "") == (Outcome.UNTRUSTED, "the variable with the file of its authority is not set here")


def test_a_system_without_tls_behind_an_https_address_could_not_be_reached(folder):
    with carrier.running() as plain:
        outcome, words = asked(plain, str(folder / "house.pem"))
    assert outcome == Outcome.UNREACHABLE and words.startswith("its system does not speak https as it should")


def test_the_look_at_the_name_counts_towards_the_deadline(system, monkeypatch):
    is_told = threading.Event()

    def slow(*args: object, **more: object) -> list[object]:
        is_told.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    at = door(system, timeout_ms=200)
    began = time.monotonic()
    try:
        with pytest.raises(NoAnswer) as refused:
            HttpAdapter(at).rates(ASKED)
    finally:
        is_told.set()
    assert (refused.value.outcome, refused.value.words) == (Outcome.TIMEOUT, "its system did not answer within 200 ms")
    assert time.monotonic() - began < 5


def test_what_is_shown_is_a_real_certificate(folder):
    context = ssl.create_default_context(cafile=str(folder / "house.pem"))
    assert context.get_ca_certs()[0]["subject"] == ((("commonName", "House authority"),),)
