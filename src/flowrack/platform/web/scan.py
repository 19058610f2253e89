"""The scan shell: a stage writes what a scan means, the shell does keys, queue, feedback, screen and undo.

    def draw(visit: Visit) -> ScanStep:                     # the step for visit.state; reads only
        if "po" not in visit.state:
            return ScanStep(task="Receive", prompt="Scan order", accepts="Purchase order number")
        return ScanStep(task=visit.state["po"], prompt="Scan item", done=[...], undo=visit.state.get("last", ""),
                        actions=[ScanAction("close", "Close receipt", primary=True)])

    def scanned(visit: Visit, code: str) -> str:            # one scan: change visit.state, run a command
        if "po" not in visit.state:
            visit.state["po"] = find_po(code)               # else raise WrongScan("That is bin A-1.", "Scan an order.")
            return OK
        commands.receive(visit.ctx(), Receive(...))         # the scan's own key: a repeat answers from the record
        return DONE if all_received else OK

    def acted(visit: Visit, action: str) -> str: ...        # a button: its code, "undo" among them
    def counted(visit: Visit, units: str, reason: str) -> str: ...   # the keypad
    RECEIVE = ScanPage("receive", "inbound.receive", draw, scanned, acted, counted)
    SCAN_FLOWS = [ScanFlow("receive", "Receive", "scan_receive", "inbound.receive", order=10, note="Trucks and orders")]
    urlpatterns = [path("scan/receive", RECEIVE.view, name="scan_receive")]

Protocol: GET draws the page; POST {kind: code|action|qty, value, reason, key, state} answers a fragment and the header
`X-Scan-Feedback: ok|more|wrong|done|held` (held: stored, but the goods must be set apart; `ScanStep.held` says why).
A refusal leaves the state as it was and draws it with the red panel. `visit.state` is a small JSON dict, signed for the
person and kept in the page. `X-Scan-Go` sends the device on. Each POST says in `by` for whom the page was drawn: what
one person scanned is never taken from another (409, `X-Scan-Feedback: other`). A flow with `begun` keeps its state
while that says so; the page sends it as kind `begun` when it opens. A code of the start page goes along as `?scanned=`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from flowrack.platform.http import context_from
from flowrack.platform.runner import Context
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.registry import edge_modules
from flowrack.platform.web.viewer import Viewer, code_of, site_of, viewer_of
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.ids import uuid7

OK, MORE, WRONG, DONE, HELD, OTHER = "ok", "more", "wrong", "done", "held", "other"
LONGEST_CODE = 512
CARRIED_SECONDS = 600
BEGUN_SECONDS = 24 * 3_600
_CARRIED = "flowrack.scan.carried"
_SURE = "sure_of"


class NotYours(Invalid):
    """The scan, or the screen it was made on, is another person's."""

    code = "not_your_scan"
    status = 409


class WrongScan(Invalid):
    """Not what this step wants: the message says what was scanned, the fix what to scan instead and where it is."""

    code = "wrong_scan"
    status = 409

    def __init__(self, was: str, wanted: str = "") -> None:
        super().__init__(was, fix=wanted)


@dataclass(frozen=True, slots=True)
class Go:
    """Instead of a feedback: send the device to another address."""

    url: str


@dataclass(frozen=True, slots=True)
class ScanAction:
    """A button. One may be `primary`; `ghost` is a primary that is not the usual way."""

    code: str
    label: str
    note: str = ""
    primary: bool = False
    ghost: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """Something done (or not yet): words, a note at the end, a glyph: ok, warn, wait."""

    text: str
    end: str = ""
    kind: str = "ok"


@dataclass(frozen=True, slots=True)
class Keypad:
    """Ask for a quantity: `value` is prefilled, `of` explains it ("of 12 EA, 4711"), `reasons` are codes and words.

    The first reason is chosen already, unless `choose` says that a person must ("Which grade?"). `codes` are labels of
    digits that mean the goods themselves: however slowly a scanner types them, they are no quantity. A number above
    `usual` is asked about once more (0: none is). With `fills`, digits and Enter only fill it in: the button books it.
    """

    value: int = 0
    of: str = ""
    reasons: Sequence[tuple[str, str]] = ()
    verb: str = "Confirm"
    choose: str = ""
    codes: Sequence[str] = ()
    usual: int = 0
    fills: bool = False


@dataclass(slots=True)
class ScanStep:
    """One question on the screen. `fact` is the bin, set big with its last part heaviest."""

    prompt: str
    task: str = ""
    fact: str = ""
    sub: str = ""
    qty: str = ""
    qty_note: str = ""
    item: str = ""
    item_note: str = ""
    done: Sequence[Tick] = ()
    wraps: bool = False  # its ticks are names and labels that must be read whole, on two lines if need be
    stored: str = ""  # what was just stored, for the green panel; the first tick where it says nothing
    progress: tuple[int, int] | None = None
    accepts: str = ""
    actions: Sequence[ScanAction] = ()
    undo: str = ""
    keypad: Keypad | None = None
    note: str = ""
    held: tuple[str, str] | None = None  # what was just stored must be set apart: what, and why and what next
    virtual: Sequence[tuple[str, str]] = ()
    picture: str = ""  # safe markup, such as what lies where in a carton
    second_link: tuple[str, str] | None = None
    link: tuple[str, str] | None = None  # words and address of a page that opens beside the flow, such as a photo's

    @property
    def fact_parts(self) -> tuple[str, str]:
        """The fact in two: A-03- and 4."""
        head, dash, tail = self.fact.rpartition("-")
        return head + dash, tail

    @property
    def share(self) -> int:
        """How far, in percent."""
        if not self.progress or not self.progress[1]:
            return 0
        return min(100 * self.progress[0] // self.progress[1], 100)

    @property
    def buttons(self) -> list[ScanAction]:
        """Secondary buttons, undo, then the primary one."""
        side = [a for a in self.actions if not a.primary and not a.ghost]
        if self.undo:
            side.append(ScanAction("undo", "Undo", self.undo))
        if len(side) % 2:
            last = side[-1]
            side[-1] = ScanAction(last.code, last.label, last.note, wide=True)
        return side + [a for a in self.actions if a.primary or a.ghost]


@dataclass(slots=True)
class Visit:
    """One request of a device in a flow."""

    request: HttpRequest
    viewer: Viewer
    state: dict[str, Any] = field(default_factory=dict)
    key: str = ""

    def ctx(self, part: str = "") -> Context:
        """The command context with the scan's own key; `part` when one scan runs more than one command."""
        return context_from(self.request, key=f"{self.key}:{part}" if part else self.key)

    @property
    def site_id(self) -> int:
        """The site the person works at; the first they may use when none is chosen."""
        found = site_of(self.viewer)
        clock.at_own_site(found)
        return found


@dataclass(slots=True)
class ScanPage:
    """A flow's server side; see the module's text. `view` is the Django view."""

    name: str
    permission: str
    draw: Callable[[Visit], ScanStep]
    scanned: Callable[[Visit, str], str | Go]
    acted: Callable[[Visit, str], str | Go] | None = None
    counted: Callable[[Visit, str, str], str | Go] | None = None
    start: Callable[[Visit], None] | None = None
    begun: Callable[[Visit], bool] | None = None  # whether the state is work to go on with when the page opens again
    fleeting: Sequence[str] = ()  # of that state, questions of a moment: not asked again when the page opens anew
    template: str = "scan/flow.html"
    fragment: str = "scan/_step.html"
    view: Callable[..., HttpResponse] = field(init=False)

    def __post_init__(self) -> None:
        self.view = page(self.permission)(self._respond)

    def _respond(self, request: HttpRequest) -> HttpResponse:
        visit = Visit(request, viewer_of(request))
        if request.method != "POST":
            problem = None
            if self.start is not None:
                try:
                    self.start(visit)
                except FlowrackError as refusal:
                    problem = refusal
            return self._answer(visit, "", problem, self.template)
        if request.POST.get("kind") == "begun":
            return self._go_on(visit)
        visit.key = request.POST.get("key", "")[:200] or str(uuid7())
        kept: dict[str, Any] = {}
        try:
            visit.state = self._read_state(visit, request.POST.get("state", ""), request.POST.get("by", ""))
            kept = copy.deepcopy(visit.state)
            outcome = self._handle(visit, request)
        except NotYours as refusal:
            return HttpResponse(refusal.message, status=409, headers={"X-Scan-Feedback": OTHER})
        except FlowrackError as refusal:
            visit.state = kept
            return self._answer(visit, WRONG, refusal, self.fragment)
        if isinstance(outcome, Go):
            return HttpResponse(status=204, headers={"X-Scan-Feedback": OK, "X-Scan-Go": outcome.url})
        return self._answer(visit, outcome or OK, None, self.fragment)

    def _go_on(self, visit: Visit) -> HttpResponse:
        """The page was left: what this device kept of its person's work is there again, for a day, while it waits."""
        try:
            person, state = signing.loads(visit.request.POST["state"], salt=self._salt, max_age=BEGUN_SECONDS)
        except (signing.BadSignature, KeyError, ValueError):
            person, state = 0, {}
        visit.state = {name: value for name, value in state.items() if name not in self.fleeting}
        if person != visit.viewer.user.pk or self.begun is None or not self.begun(visit):
            visit.state = {}
        return self._answer(visit, OK, None, self.fragment)

    def _handle(self, visit: Visit, request: HttpRequest) -> str | Go:
        kind, value = request.POST.get("kind"), request.POST.get("value", "")[:LONGEST_CODE]
        asked = visit.state.pop(_SURE, None)  # the question is of this one number, here and now
        if kind == "code" and value.strip():
            return self.scanned(visit, value.strip(" \r\n\t"))
        if kind == "action" and self.acted is not None:
            return self.acted(visit, value)
        if kind == "qty" and self.counted is not None:
            if self._is_unusual(visit, value.strip(), asked):
                return MORE
            return self.counted(visit, value.strip(), request.POST.get("reason", ""))
        raise WrongScan("This step does not know that.", "Scan what the screen asks for.")

    def _is_unusual(self, visit: Visit, typed: str, asked: str | None) -> bool:
        """Whether the number is beyond what the keypad calls usual, and was not typed twice."""
        pad = self.draw(visit).keypad
        if pad is None or not pad.usual or not typed.isdecimal() or int(typed) <= pad.usual or asked == typed:
            return False
        visit.state[_SURE] = typed
        return True

    def _answer(self, visit: Visit, feedback: str, refusal: FlowrackError | None, template: str) -> HttpResponse:
        step = self.draw(visit)
        typed = visit.request.POST.get("value", "")[:5] if refusal and visit.request.POST.get("kind") == "qty" else ""
        if step.keypad and typed.isdecimal():
            step.keypad = replace(step.keypad, value=int(typed))  # what was refused can be mended
        if visit.state.get(_SURE) and step.keypad:
            number, pad = int(visit.state[_SURE]), step.keypad
            step.keypad = replace(pad, value=number)
            step.held = (f"Really {number:,}?", f"More than {pad.usual:,} is unusual. If it is right, tap {pad.verb}.")
        context = {
            "step": step,
            "flow": self,
            "refusal": refusal,
            "feedback": feedback,
            "state_token": signing.dumps([visit.viewer.user.pk, visit.state], salt=self._salt, compress=True),
            "begun": self.begun(visit) if self.begun is not None else None,
            "virtual": visit.request.GET.get("virtual") == "1",
            "clock_free": True,
            "scanned": _brought(visit.request) if template == self.template else None,
        }
        response = render(visit.request, template, context)
        if feedback:
            response["X-Scan-Feedback"] = feedback
        return response

    @property
    def _salt(self) -> str:
        return f"flowrack.scan.{self.name}"

    def _read_state(self, visit: Visit, token: str, by: str) -> dict[str, Any]:
        me = visit.viewer.user.pk
        try:
            person, state = signing.loads(token, salt=self._salt) if token else (me, {})
        except (signing.BadSignature, ValueError):
            raise WrongScan(
                "This screen is out of date.", "Open the job again; what was stored stays stored."
            ) from None
        if person != me or by not in ("", str(me)):
            raise NotYours(
                "Somebody else scanned this.", fix="They send it when they sign in again; nothing was stored."
            )
        return dict(state)


@dataclass(frozen=True, slots=True)
class ScanFlow:
    """A tile on the start page. `count` shows how much work waits.

    `opens(code, viewer)` may claim a code scanned there; `starts` says in words which codes those are.
    """

    code: str
    label: str
    url_name: str
    permission: str
    order: int = 100
    note: str = ""
    count: Callable[[Viewer], int] | None = None
    opens: Callable[[str, Viewer], str | None] | None = None
    starts: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def all_flows() -> tuple[ScanFlow, ...]:
    """Every flow of every stage."""
    flows: list[ScanFlow] = []
    for module in edge_modules("scan"):
        flows += getattr(module, "SCAN_FLOWS", [])
    return tuple(sorted(flows, key=lambda f: (f.order, f.label)))


def flows_for(viewer: Viewer) -> list[tuple[ScanFlow, str, int]]:
    """The flows a person may use: flow, address, work waiting."""
    found = []
    for flow in all_flows():
        if viewer.may(flow.permission):
            try:
                found.append((flow, reverse(flow.url_name), flow.count(viewer) if flow.count else 0))
            except NoReverseMatch:
                continue
    return found


def _draw_start(visit: Visit) -> ScanStep:
    flows = [flow for flow in all_flows() if flow.opens and visit.viewer.may(flow.permission)]
    words = list(dict.fromkeys(word for flow in flows for word in flow.starts))
    named = f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)
    task = f"Flowrack scan, {code_of(visit.viewer, site_of(visit.viewer))}".removesuffix(", ")
    return ScanStep(prompt="Choose a job", task=task, accepts=f"or scan a {named}" if named else "")


def _scan_at_start(visit: Visit, code: str) -> str | Go:
    for flow in all_flows():
        url = flow.opens(code, visit.viewer) if flow.opens and visit.viewer.may(flow.permission) else None
        if url:
            return Go(url if "?" in url else _with_code(visit, url, code))
    raise WrongScan(f"No job starts with “{code[:40]}”.", "Choose a job, then scan.")


def _with_code(visit: Visit, url: str, code: str) -> str:
    """The flow's address with the code and its key: signed, so that no link from elsewhere can scan for somebody."""
    known = {"scanned": signing.dumps([visit.viewer.user.pk, code, visit.key], salt=_CARRIED)}
    if visit.request.GET.get("virtual") == "1":
        known["virtual"] = "1"
    return f"{url}?{urlencode(known)}"


def _brought(request: HttpRequest) -> tuple[str, str] | None:
    """The code and key that the start page sent along, if it was this person's scan of the last minutes."""
    try:
        person, code, key = signing.loads(request.GET.get("scanned", ""), salt=_CARRIED, max_age=CARRIED_SECONDS)
    except signing.BadSignature:
        return None
    return (code, key) if person == request.user.pk else None


START = ScanPage("start", "", _draw_start, _scan_at_start, template="scan/start.html", fragment="scan/_start.html")
