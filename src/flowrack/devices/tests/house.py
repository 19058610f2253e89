"""A device in the tests: a key of its own, a journal in which each entry follows the one before, messages signed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from tests.cast import ADA, CY, Person, ctx, user_id

from flowrack.devices import commands, queries, rules
from flowrack.devices.types import ApproveDevice, NewEntry, NotePerson
from flowrack.platform.runner import Context
from flowrack.platform.web import journal
from flowrack.platform.web.journal import Asked, JournalFlow
from flowrack.shared import p256
from flowrack.tasks import commands as tasks
from flowrack.tasks.tests.house import site
from flowrack.tasks.types import ClaimNext


def _times(number: int, point: tuple[int, int]) -> tuple[int, int]:
    found, base = p256.NOWHERE, (*point, 1)
    for bit in range(number.bit_length() - 1, -1, -1):
        found = p256._double(found)
        if number >> bit & 1:
            found = p256._add(found, base)
    z = pow(found[2], -1, p256.P)
    return found[0] * z * z % p256.P, found[1] * z * z * z % p256.P


def public_of(secret: int) -> str:
    """The public key of a secret, as a browser exports it."""
    x, y = _times(secret, p256.G)
    return f"04{x:064x}{y:064x}"


def signed(secret: int, message: str) -> str:
    """The signature of a message; the chance in it comes from the message, so that tests repeat."""
    digest = int.from_bytes(hashlib.sha256(message.encode()).digest(), "big")
    k = int.from_bytes(hashlib.sha256(f"{secret}{message}".encode()).digest(), "big") % (p256.N - 1) + 1
    r = _times(k, p256.G)[0] % p256.N
    s = pow(k, -1, p256.N) * (digest + r * secret) % p256.N
    return f"{r:064x}{s:064x}"


@dataclass
class Scanner:
    """A device: `do` writes an entry down, `send` sends what the house has not answered for good."""

    secret: int
    code: str = ""
    id: int = 0
    entries: list[NewEntry] = field(default_factory=list)
    client: Client = field(default_factory=Client)
    answered: set[int] = field(default_factory=set)
    last: dict[str, Any] = field(default_factory=dict)
    clock: timedelta = timedelta()

    def ask(self, replaces: str = "") -> dict[str, Any]:
        """Show the key."""
        body = {"public_key": public_of(self.secret), "model": "Test phone", "replaces": replaces}
        told = self.client.post("/scan/device/ask", body, "application/json").json()
        self.code = told.get("device", "")
        return dict(told)

    def do(self, person: Person, flow: str = "test.take", at: datetime | None = None, **payload: Any) -> NewEntry:
        """Write an entry down, as the device does before it beeps."""
        before = self.entries[-1] if self.entries else None
        when = (at or datetime.now(UTC)) + self.clock
        entry = NewEntry(
            seq=before.seq + 1 if before else 1,
            key=uuid4().hex,
            person_id=user_id(person),
            flow=flow,
            payload=json.dumps(payload),
            claimed_at=when.isoformat().replace("+00:00", "Z"),
            prev_hash=before.hash if before else "",
            hash="",
        )
        entry = replace(entry, hash=rules.hash_of(self.code, entry))
        self.entries.append(entry)
        return entry

    def send(self, entries: list[NewEntry] | None = None, *, outbox: int = 0, version: str = "test") -> dict[str, Any]:
        """Send these entries, or all that are not answered for good; the house's answer."""
        chosen = [e for e in self.entries if e.seq not in self.answered] if entries is None else entries
        sent_at = (datetime.now(UTC) + self.clock).isoformat().replace("+00:00", "Z")
        head = max(chosen, key=lambda e: e.seq).hash if chosen else ""
        message = "\n".join(("flowrack-message-1", self.code, sent_at, str(outbox), version, head))
        body = {"device": self.code, "sent_at": sent_at, "outbox": outbox, "version": version,
                "entries": [asdict(e) for e in chosen], "signature": signed(self.secret, message)}  # fmt: skip
        answer = self.client.post("/scan/device/journal", body, "application/json")
        self.last = {"status": answer.status_code, **answer.json()}
        for one in self.last.get("answers", []):
            if one["result"] in ("applied", "review", "dropped"):
                self.answered.add(one["seq"])
        return self.last

    def results(self) -> dict[int, str]:
        """What became of each entry of the last message."""
        return {one["seq"]: one["result"] for one in self.last["answers"]}

    def sign_in(self, badge: str, pin: str) -> Any:
        """Scan a badge and type a PIN."""
        text = self.client.get("/scan/device/challenge").json()["challenge"]
        hashed = hashlib.sha256(badge.encode()).hexdigest()
        message = "\n".join(("flowrack-sign-in-1", self.code, text, hashed))
        body = {"device": self.code, "badge": badge, "pin": pin, "challenge": text,
                "signature": signed(self.secret, message)}  # fmt: skip
        return self.client.post("/scan/device/sign-in", body, "application/json")


def enrolled(*people: Person, secret: int = 7, at: int = 0) -> Scanner:
    """A device that Ada approved, on which these people (Cy when none) have signed in."""
    device = Scanner(secret)
    device.ask()
    found = queries.by_code(device.code)
    assert found is not None
    device.id = found.id
    commands.approve_device(ctx(ADA), ApproveDevice(device.id, at or site(), f"Test {secret}"))
    for person in people or (CY,):
        long_ago = datetime.now(UTC) - timedelta(days=30)
        commands.note_person(ctx(person, now=long_ago), NotePerson(device.id))
    return device


def take(ctx: Context, asked: Asked) -> str:
    """A kind of entry for the tests: take the next task of a site."""
    got = tasks.claim_next(ctx, ClaimNext(asked.number("site"))).tasks
    return f"Took {got[0].sequence}" if got else "Nothing to take"


TAKE = JournalFlow("test.take", "Take", "tasks.work", take, lambda asked: f"Took a task at site {asked.number('site')}")


def with_test_flow(monkeypatch: Any) -> None:
    """Let journals hold entries of the kind above."""
    flows = {**journal.all_journal_flows(), TAKE.code: TAKE}
    journal.all_journal_flows.cache_clear()
    monkeypatch.setattr("flowrack.devices.jobs_apply.all_journal_flows", lambda: flows)
    monkeypatch.setattr("flowrack.platform.web.journal.all_journal_flows", lambda: flows)
