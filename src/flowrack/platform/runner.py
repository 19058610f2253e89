"""The command door: the only way to write.

A command is one function, `(ctx, request) -> result`, for one intention of one person or partner. The door checks
permission, makes the key idempotent, opens the one durable transaction, stores request and result (the command record
is the audit trail), writes events to the outbox and retries what the database asks to retry.
"""

from __future__ import annotations

import functools
import hashlib
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import structlog
from django.db import DataError, ProgrammingError, connection, transaction
from django.db import Error as DatabaseError
from pydantic import TypeAdapter

from flowrack.platform import constraints, records, sql
from flowrack.platform.constraints import constraint_of, refusal_for_constraint, sqlstate_of
from flowrack.shared.errors import Busy, DutiesConflict, FlowrackError, KeyMissing, NotPermitted
from flowrack.shared.refs import ref

log = structlog.get_logger()
refuse_on = constraints.refuse_on  # stages find it beside the door

Request = TypeVar("Request")
Result = TypeVar("Result")

RETRY_STATES = {"40001", "40P01", "55P03", "57P01", "57P02", "57P03"}
NOT_AS_READ = "FR003"  # a last act found its rows other than the command had read them
MAX_TRIES = 5
LOCK_TIMEOUT_MS = 3_000


class Event(Protocol):
    """A fact that a command tells later stages: a frozen dataclass with a `kind` such as "inbound.line_received"."""

    kind: str


class RightsChanged(Exception):
    """Rights changed since they were remembered; the door reads them anew and begins again."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Rights that were not read for this request. The door believes them while `version` is the database's; else
    `renew` reads them, or refuses with NotSignedIn when there are none any more."""

    version: int
    renew: Callable[[], dict[str, frozenset[int]]]


@dataclass(slots=True)
class Context:
    """Who asks, from where, when, with which key and with which rights.

    `answered` is there when Flowrack follows an event: the keys that this delivery of it used already. The keys come
    from the event, so one of an earlier delivery stands for the same wish, however the request reads by now.
    """

    actor_id: int
    key: str
    now: datetime
    grants: dict[str, frozenset[int]]
    device: str = ""
    address: str | None = None
    command_id: int = 0
    subject: str = ""
    subjects: list[str] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    remembered: Remembered | None = None
    last_acts: list[tuple[str, Sequence[Any]]] = field(default_factory=list)
    was_beaten: bool = False
    locks_first: bool = False
    answered: set[str] | None = None

    def may(self, permission: str, site_id: int | None = None) -> bool:
        """Whether the actor holds the permission (at that site, if one is named). Site 0 stands for all sites."""
        sites = self.grants.get(permission)
        return sites is not None and (site_id is None or 0 in sites or site_id in sites)

    def require(self, permission: str, site_id: int | None = None) -> None:
        """Refuse with NotPermitted unless the actor may."""
        if not self.may(permission, site_id):
            where = "" if site_id is None or permission not in self.grants else " at this site"
            raise NotPermitted(
                f"You may not do this{where}: it needs the permission {permission}.",
                fix="Ask an administrator for a role that has it.",
                permission=permission,
                elsewhere=bool(where),
            )

    def require_other_person(self, other_id: int | None, *, rule: str, sentence: str) -> None:
        """Segregation of duties within one document: refuse when `other_id` is the actor."""
        if other_id == self.actor_id:
            raise DutiesConflict(sentence, fix="Ask a colleague to do this step.", rule=rule)

    def keyed(self, suffix: str) -> Context:
        """The same person at the same time with a key of its own, for one command among several."""
        return Context(
            actor_id=self.actor_id,
            key=f"{self.key}:{suffix}",
            now=self.now,
            grants=self.grants,
            device=self.device,
            address=self.address,
            remembered=self.remembered,
            answered=self.answered,
        )

    def about(self, kind: str, ids: Iterable[int]) -> None:
        """Name the documents that the command is about. The timeline of each shows it, however many there are."""
        refs = [ref(kind, key) for key in dict.fromkeys(ids)]
        if not self.subject and len(refs) == 1:
            self.subject = refs[0]
        else:
            self.subjects += refs

    def emit(self, event: Any) -> None:
        """Tell later stages; delivered after the commit, at least once."""
        self.events.append(event)

    def at_last(self, statement: str, params: Sequence[Any]) -> None:
        """Run this as the last statement, in one message with the COMMIT, so that rows which many want are locked for
        that moment only.

        A statement that finds the rows other than the command assumed fails with SQLSTATE FR003. The door then begins
        again; if that happens twice, `locks_first` tells the command to do it in its own place.
        """
        self.last_acts.append((statement, params))


@dataclass(frozen=True)
class CommandSpec:
    """What is known of a command: its name, permission and the shapes of request and result."""

    name: str
    permission: str
    request_type: type
    result_type: type
    summary: str
    run: Callable[[Context, Any], Any]
    is_small: Callable[[Any], bool]

    @functools.cached_property
    def request(self) -> TypeAdapter[Any]:
        """Reads and writes requests; made when first used, for making all of them is most of a second."""
        return TypeAdapter(self.request_type)

    @functools.cached_property
    def result(self) -> TypeAdapter[Any]:
        """Reads and writes results; made when first used."""
        return TypeAdapter(self.result_type)


REGISTRY: dict[str, CommandSpec] = {}


def command(
    *, permission: str, result: type[Result], is_small: Callable[[Any], bool] = lambda req: False
) -> Callable[[Callable[[Context, Request], Result]], Callable[[Context, Request], Result]]:
    """Make a function the door's: `permission` is `stage.verb`, `result` the type it returns.

    `is_small` says of a request whether it is a document's work, a few dozen rows. PostgreSQL then keeps the plans of
    its statements; it would plan many of them anew at every call, which costs more than to run them. The plan of a
    kept statement knows no sizes, so a request over a whole site or a long batch must not be called small.
    """

    def wrap(body: Callable[[Context, Request], Result]) -> Callable[[Context, Request], Result]:
        stage = body.__module__.split(".")[1]
        name = f"{stage}.{body.__name__}"
        request_type = [v for k, v in _hints(body).items() if k != "return"][1]
        spec = CommandSpec(
            name=name,
            permission=permission,
            request_type=request_type,
            result_type=result,
            summary=(body.__doc__ or "").strip().split("\n")[0],
            run=body,
            is_small=is_small,
        )
        REGISTRY[name] = spec

        @functools.wraps(body)
        def through_the_door(ctx: Context, req: Request) -> Result:
            return run(spec, ctx, req)  # type: ignore[no-any-return]

        return through_the_door

    return wrap


def _hints(body: Callable[..., Any]) -> dict[str, Any]:
    import typing

    return typing.get_type_hints(body)


def run(spec: CommandSpec, ctx: Context, req: Any) -> Any:
    """Pass one request through the door; see the module's text."""
    try:
        if not ctx.key or len(ctx.key) > 255:
            raise KeyMissing("A write needs an idempotency key of 1 to 255 characters.", fix="Send Idempotency-Key.")
        ctx.require(spec.permission)
        request_json = spec.request.dump_json(req)
        fingerprint = hashlib.sha256(spec.name.encode() + b"\0" + request_json).digest()
        result = _answered(spec, ctx, req, request_json, fingerprint)
        if ctx.answered is not None:
            ctx.answered.add(ctx.key)
        return result
    except FlowrackError as refusal:
        _record_refusal(spec, ctx, refusal)
        raise


def _answered(spec: CommandSpec, ctx: Context, req: Any, request_json: bytes, fingerprint: bytes) -> Any:
    """The answer, or that of the same request when that was quicker.

    Of two that come at once the second may find that the first has done everything already, and be refused for it.
    """
    try:
        return _with_retries(spec, ctx, req, request_json, fingerprint)
    except FlowrackError:
        if not connection.in_atomic_block and (found := records.answers_meanwhile(spec, ctx, fingerprint)):
            return found[0]
        raise


def _with_retries(spec: CommandSpec, ctx: Context, req: Any, request_json: bytes, fingerprint: bytes) -> Any:
    deadline = time.monotonic() + 3.0
    for attempt in range(1, MAX_TRIES + 1):
        ctx.subject, ctx.subjects, ctx.events, ctx.last_acts = "", [], [], []
        # A dead connection shows itself at the claim and is replaced below: spares a SELECT 1.
        connection.health_check_done = True  # type: ignore[attr-defined]
        try:
            return _once(spec, ctx, req, request_json, fingerprint)
        except RightsChanged:
            assert ctx.remembered is not None
            ctx.grants, ctx.remembered = ctx.remembered.renew(), None
            ctx.require(spec.permission)
        except DatabaseError as error:
            state = sqlstate_of(error)
            if state == NOT_AS_READ:
                ctx.was_beaten, ctx.locks_first = True, ctx.was_beaten
                continue
            if state is None and isinstance(error, ProgrammingError | DataError):
                raise  # a statement that was never sent, as with a NUL in a text: no try will mend it
            if constraint_of(error) == records.ONCE_PER_KEY and not connection.in_atomic_block:
                continue  # the same request was answered at this moment: its answer is this one's
            lost = state is None or state.startswith("08") or not connection.is_usable()
            if not lost and state not in RETRY_STATES:
                refusal = refusal_for_constraint(error)
                if refusal is not None:
                    raise refusal from error
                raise
            if connection.in_atomic_block:
                raise
            if lost:
                connection.close()
            log.warning("command_retry", command=spec.name, sqlstate=state, attempt=attempt)
            if attempt == MAX_TRIES or time.monotonic() > deadline:
                raise _busy() from error
            time.sleep(random.uniform(0.005, 0.05) * attempt)
    raise _busy()


def _busy() -> Busy:
    return Busy(
        "Somebody else is working on the same stock or document.", fix="Nothing was changed. Try again in a moment."
    )


def _once(spec: CommandSpec, ctx: Context, req: Any, request_json: bytes, fingerprint: bytes) -> Any:
    db: Any = connection
    db.flowrack_begins_late = True  # the claim of the key carries the BEGIN
    try:
        with transaction.atomic(durable=True):
            db.flowrack_begins_late = False
            return _once_inside(spec, ctx, req, request_json, fingerprint)
    finally:
        db.flowrack_begins_late = False


class _Undone(Exception):
    """Ends a rehearsal."""


def once_undone(
    spec: CommandSpec,
    ctx: Context,
    req: Any,
    request_json: bytes,
    fingerprint: bytes,
    look: Callable[[Context, Any], None] | None = None,
) -> None:
    """The work of one try, looked at and rolled back: for rehearsals."""
    try:
        with transaction.atomic(durable=True):
            result = _once_inside(spec, ctx, req, request_json, fingerprint)
            if look is not None:
                sql.execute_waiting()
                look(ctx, result)
            raise _Undone
    except _Undone:
        return


def _once_inside(spec: CommandSpec, ctx: Context, req: Any, request_json: bytes, fingerprint: bytes) -> Any:
    """The work of one try, inside its transaction; for the door and for rehearsals."""
    claimed = records.claim(ctx, is_small=spec.is_small(req))
    _prove(ctx, claimed.rights_version)
    if claimed.stored is not None:
        return records.answer_of(spec, ctx, fingerprint, claimed.stored)
    ctx.command_id = claimed.command_id
    result = spec.run(ctx, req)
    records.write(spec, ctx, request_json, fingerprint, result)
    for statement, params in ctx.last_acts:
        sql.execute_at_commit(statement, params)
    return result


def _prove(ctx: Context, version: int) -> None:
    """Rights that were remembered must be those that the database knows at the claim."""
    if ctx.remembered is not None and ctx.remembered.version != version:
        raise RightsChanged


def _record_refusal(spec: CommandSpec, ctx: Context, refusal: FlowrackError) -> None:
    if connection.in_atomic_block and connection.needs_rollback:
        return
    sql.execute(
        """
        INSERT INTO platform_refusal (actor_id, command, code, message, device, address)
        VALUES (%s, %s, %s, %s, %s, %s::inet)
        """,
        (ctx.actor_id or None, spec.name, refusal.code, refusal.message[:2000], ctx.device, ctx.address),
    )
