"""Inspect by scan: the pallet or item, check by check, how many were tested, then the verdict."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import path

from flowrack.catalog import queries as catalog
from flowrack.inspection import commands, queries
from flowrack.inspection.forms import as_decimal
from flowrack.inspection.queries import CheckRow, InspectionRow
from flowrack.inspection.types import CheckKind, CheckResult, Decide, RecordResults, StartInspection, Verdict
from flowrack.platform.web.scan import (
    DONE,
    MORE,
    OK,
    Go,
    Keypad,
    ScanAction,
    ScanFlow,
    ScanPage,
    ScanStep,
    Tick,
    Visit,
    WrongScan,
)
from flowrack.platform.web.viewer import Viewer, site_of
from flowrack.shared import gs1
from flowrack.shared.quantity import parse_units

REASONS = (("leaking", "Leaking"), ("damaged", "Damaged"), ("wrong goods", "Wrong goods"), ("out of limits", "Limits"))
VERDICTS = {"release": Verdict.RELEASE, "hold": Verdict.HOLD, "sort": Verdict.SORT}


def draw(visit: Visit) -> ScanStep:
    """The question of the moment: which goods, the next check, how many were tested, the verdict or its reason."""
    state = visit.state
    if "id" not in state:
        return _draw_start(visit)
    about: dict[str, Any] = {"task": state["number"], "item": state["what"], "done": _ticks(visit)}
    if state["step"] == "checks":
        return _draw_check(state, about)
    if state["step"] == "tested":
        pad = Keypad(state["sample"], f"of {state['sample']:,} to look at", (), "Tested")
        return ScanStep(prompt="How many tested?", keypad=pad, actions=[ScanAction("again", "Start over")], **about)
    if state["step"] == "reason":
        return ScanStep(
            prompt="Why?", actions=[ScanAction(f"because:{code}", label) for code, label in REASONS], **about
        )
    word = {"passes": "The lot passes", "fails": "The lot fails", "open": "Test the whole sample"}[state["outlook"]]
    if state.get("missing"):
        word = "Measure all units first"
    return ScanStep(prompt=word, sub=state["score"], actions=_verdicts(state), **about)


def _draw_start(visit: Visit) -> ScanStep:
    waiting = queries.waiting_list([visit.site_id], limit=99)
    first = waiting[0] if waiting else None
    return ScanStep(
        task="Inspect",
        prompt="Scan pallet or item" if first else "Nothing to inspect",
        fact=(first.places or "").split(", ")[0] if first else "",
        item=f"{first.sku} {first.name}" if first else "",
        sub=f"{len(waiting)} waiting, the oldest first" if first else "",
        accepts="Pallet, item, or the inspection's number",
        done=_ticks(visit),
        virtual=[("Inspection", first.number)] if first else [],
    )


def _draw_check(state: dict[str, Any], about: dict[str, Any]) -> ScanStep:
    check = state["checks"][state["at"]]
    if check["kind"] == CheckKind.MEASURE:
        got = state["measured"].get(str(check["id"]), [])
        return ScanStep(
            prompt=check["name"],
            sub=f"{check['limits']}, unit {len(got) + 1} of {state['sample']:,}",
            accepts="Type the measured value, for example 9.95",
            actions=[ScanAction("next", "Next check", f"{len(got)} of {state['sample']:,} measured", ghost=True)],
            **about,
        )
    pad = Keypad(state["failed"].get(str(check["id"]), 0), f"of {state['sample']:,} fail", (), "Next")
    return ScanStep(prompt=f"{check['name']}: how many fail?", keypad=pad, **about)


def _verdicts(state: dict[str, Any]) -> list[ScanAction]:
    passes = state["outlook"] == "passes"
    found = [ScanAction("hold", "Hold all", state["lot_words"]), ScanAction("over", "Test again")]
    if state.get("missing"):
        found.append(ScanAction("rest", "Measure the rest", state["missing"], primary=True))
    if state["outlook"] != "open":
        found.append(ScanAction("sort", "Sort every unit"))
    if passes:
        found.append(ScanAction("release", "Release", state["lot_words"], primary=True))
    return found


def _ticks(visit: Visit) -> list[Tick]:
    return [Tick(text, end, kind) for text, end, kind in visit.state.get("ticks", [])]


def scanned(visit: Visit, code: str) -> str | Go:
    """The goods at first; a measured value where one is asked for."""
    state = visit.state
    if "id" not in state:
        return _open(visit, code)
    if state["step"] == "checks" and state["checks"][state["at"]]["kind"] == CheckKind.MEASURE:
        value = as_decimal(code)
        if value is None:
            raise WrongScan(f"“{code[:20]}” is no measured value.", "Type it with a point, for example 9.95.")
        check = state["checks"][state["at"]]
        state["measured"].setdefault(str(check["id"]), []).append(str(value))
        if len(state["measured"][str(check["id"])]) >= state["sample"]:
            _next(state)
        return MORE
    raise WrongScan("A number or a button is asked for.", "Answer below.")


def _open(visit: Visit, code: str) -> str:
    label = gs1.parse(code)
    items = sorted({hit.item_id for hits in catalog.find_codes(label.codes).values() for hit in hits})
    found = queries.find_waiting(visit.site_id, number=code, lpn=label.sscc or code, item_ids=items)
    mine = [n for n in found if not label.lot or n.lot == label.lot]
    if not mine:
        raise WrongScan(f"“{code[:40]}” waits for no inspection.", "Scan a pallet or item that does.")
    row = mine[0]
    if row.state == "open":
        commands.start_inspection(visit.ctx(), StartInspection(row.id))
    elif row.state == "sorting":
        raise WrongScan(f"{row.number} is being sorted.", "Enter what sorting finds on its page.")
    _begin(visit, row)
    return OK


def _begin(visit: Visit, row: InspectionRow) -> None:
    lot = f", lot {row.lot}" if row.lot else ""
    checks = [_plain(check) for check in queries.checks_of(row.id)]
    checks = checks or [{"id": 0, "name": "Any defect", "kind": "yes_no", "limits": ""}]
    visit.state.update(
        id=row.id, number=row.number, what=f"{row.sku} {row.name}{lot}", sample=row.sample_units,
        lot_words=f"{row.lot_units:,} {row.base_uom}", checks=checks, at=0, measured={}, failed={},
        step="checks", limits=f"{row.accept} pass, {row.reject} reject",
    )  # fmt: skip


def _plain(check: CheckRow) -> dict[str, Any]:
    return {"id": check.id, "name": check.name, "kind": check.kind, "limits": check.limits}


def _first_unmeasured(state: dict[str, Any]) -> int:
    """The place of the first check that lacks values of the sample; what was answered before stays."""
    return next(
        at
        for at, check in enumerate(state["checks"])
        if check["kind"] == CheckKind.MEASURE and len(state["measured"].get(str(check["id"]), [])) < state["sample"]
    )


def _next(state: dict[str, Any]) -> None:
    state["at"] += 1
    if state["at"] >= len(state["checks"]):
        state["step"] = "tested"


def counted(visit: Visit, units: str, reason: str) -> str | Go:
    """How many failed a check, or how many were tested by now; the last one stores all answers."""
    state = visit.state
    if "id" not in state:
        raise WrongScan("Scan the goods first.", "Then answer.")
    if state["step"] == "checks":
        check = state["checks"][state["at"]]
        failed = parse_units(units or "0")
        if check["kind"] == CheckKind.MEASURE or not 0 <= failed <= state["sample"]:
            raise WrongScan(f"{failed} of {state['sample']} cannot be.", "Answer what the screen asks.")
        state["failed"][str(check["id"])] = failed
        _next(state)
        return MORE
    if state["step"] != "tested":
        raise WrongScan("A button is asked for.", "Choose one below.")
    results = [
        *(CheckResult(int(key), 0, None, failed) for key, failed in state["failed"].items()),
        *(
            CheckResult(int(key), n, Decimal(value))
            for key, values in state["measured"].items()
            for n, value in enumerate(values, start=1)
        ),
    ]
    done = commands.record_results(visit.ctx(), RecordResults(state["id"], parse_units(units or "0"), results))
    found = done.critical + done.major + done.minor
    short = queries.unmeasured(state["id"]) if done.outlook == "open" else []
    state["missing"] = "; ".join(row.words for row in short)
    state.update(
        step="verdict", outlook=done.outlook, score=f"{found} defective in {done.tested_units:,}; {state['limits']}"
    )
    return OK


def acted(visit: Visit, action: str) -> str | Go:
    """Next check, test again, or a verdict with its reason."""
    state = visit.state
    if "id" not in state:
        raise WrongScan("Scan the goods first.", "Then choose.")
    if action == "next" and state["step"] == "checks":
        _next(state)
        return OK
    if action in ("again", "over") and state["step"] in ("tested", "verdict"):
        state.update(step="checks", at=0, measured={}, failed={})
        return OK
    if action == "rest" and state["step"] == "verdict" and state.get("missing"):
        state.update(step="checks", at=_first_unmeasured(state))
        return OK
    if action in ("hold", "sort") and state["step"] == "verdict":
        state.update(step="reason", verdict=action)
        return OK
    if action == "release" and state["step"] == "verdict":
        return _decide(visit, Decide(state["id"], Verdict.RELEASE))
    if action.startswith("because:") and state["step"] == "reason":
        return _decide(visit, Decide(state["id"], VERDICTS[state["verdict"]], reason=action[8:]))
    raise WrongScan("This step does not know that.", "Choose a button of this screen.")


def _decide(visit: Visit, req: Decide) -> str:
    done = commands.decide(visit.ctx(), req)
    kind = "ok" if req.verdict == Verdict.RELEASE else "warn"
    words = {"release": "released", "hold": "held", "sort": "to be sorted"}[req.verdict]
    tick = [f"{done.number} {words}", visit.state["lot_words"], kind]
    ticks = [tick, *visit.state.get("ticks", [])][:5]
    visit.state.clear()
    visit.state["ticks"] = ticks
    return DONE


def waiting(viewer: Viewer) -> int:
    """Inspections that wait."""
    return len(queries.waiting_list([site_of(viewer)], limit=99))


INSPECT = ScanPage("inspect", "inspection.inspect", draw, scanned, acted, counted)
SCAN_FLOWS = [
    ScanFlow("inspect", "Inspect", "scan_inspect", "inspection.inspect", order=15, note="Samples and verdicts",
             count=waiting)
]  # fmt: skip
urlpatterns = [path("scan/inspect", INSPECT.view, name="scan_inspect")]
