"""Build a pallet by scan: the pallet's label, then its cartons."""

from __future__ import annotations

from django.urls import reverse

from flowrack.platform.web.scan import MORE, OK, ScanAction, ScanFlow, ScanPage, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.shared import gs1
from flowrack.shared.errors import FlowrackError
from flowrack.shipping import commands, queries_pallets
from flowrack.shipping.types_pallet_labels import PrintPalletLabel
from flowrack.shipping.types_pallets import StackCartons, UnstackCarton

TICKS = 6
NEW = "new"


def _code(text: str) -> str:
    scan = gs1.parse(text)
    return scan.sscc or scan.raw.strip().upper()


def _link(state: dict[str, object]) -> tuple[str, str] | None:
    found = state.get("print")
    return ("Open the pallet's label", reverse("label_print_pdf", args=[found])) if found else None


def _draw(visit: Visit) -> ScanStep:
    state = visit.state
    if "pallet" not in state:
        built = [Tick(state["built"], f"{state['count']} cartons")] if "built" in state else []
        return ScanStep(
            task="Build pallet", prompt="Scan pallet", accepts="A pallet's label, new or begun", done=built,
            note=state.get("fault", ""), link=_link(state),
            actions=[ScanAction(NEW, "New number", "write it on the pallet", primary=True)],
        )  # fmt: skip
    pallet = state["pallet"]
    there = queries_pallets.on_pallet(state["id"]) if state.get("id") else []
    if "off" in state:
        return ScanStep(
            task=pallet, prompt="Take it off?", item=state["off"], item_note="It stands on this pallet.",
            accepts="Or scan the next carton",
            actions=[ScanAction("keep", "Leave it on", wide=True), ScanAction("off", "Take off", primary=True)],
        )  # fmt: skip
    return ScanStep(
        task=pallet if pallet != NEW else "New pallet",
        prompt="Scan carton",
        qty=str(len(there)) if there else "",
        qty_note="on the pallet",
        done=[Tick(code, "") for code in reversed(there[-TICKS:])],
        accepts="A packed carton; one that stands on it comes off",
        actions=[ScanAction("done", "Pallet is built", f"{len(there)} cartons", primary=True)],
    )


def _scanned(visit: Visit, code: str) -> str:
    state = visit.state
    state.pop("off", None)
    if "pallet" not in state:
        text = _code(code)
        if queries_pallets.cartons([text]):
            raise Wrong(f"{text} is a carton.", "Scan the pallet's label, or take a new number.")
        visit.state = {"pallet": text}
        return OK
    text = _code(code)
    known = queries_pallets.cartons([text]).get(text)
    if known is not None and known.pallet == state["pallet"]:
        state["off"] = text
        return MORE
    wanted = "" if state["pallet"] == NEW else state["pallet"]
    done = commands.stack_cartons(visit.ctx(), StackCartons(visit.site_id, [text], wanted))
    visit.state = {"pallet": done.pallet, "id": done.pallet_id}
    return OK


def _labelled(visit: Visit, pallet: str, count: int) -> dict[str, object]:
    """The pallet is built and its label printed; what hinders that is told."""
    state: dict[str, object] = {"built": pallet, "count": count}
    try:
        done = commands.print_pallet_label(visit.ctx("label"), PrintPalletLabel(visit.site_id, pallet))
    except FlowrackError as refusal:
        return state | {"fault": f"No label: {refusal.message}"[:300]}
    return state | {"print": done.print_id}


def _acted(visit: Visit, action: str) -> str:
    state = visit.state
    if action == NEW and "pallet" not in state:
        visit.state = {"pallet": NEW}
    elif action == "keep":
        state.pop("off", None)
    elif action == "off" and "off" in state:
        commands.unstack_carton(visit.ctx(), UnstackCarton(visit.site_id, state.pop("off")))
    elif action == "done" and "pallet" in state:
        count = len(queries_pallets.on_pallet(state["id"])) if state.get("id") else 0
        visit.state = _labelled(visit, state["pallet"], count) if count else {}
    else:
        raise Wrong("That button does nothing here.", "Scan what the screen asks for.")
    return OK


PALLET = ScanPage("pallet", "shipping.load", _draw, _scanned, _acted)
FLOW = ScanFlow(
    "pallet", "Build pallet", "scan_pallet", "shipping.load", order=46, note="Cartons of one address together"
)
