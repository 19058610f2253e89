"""After a carton was closed: the scale, its label, and the scan that proves the label."""

from __future__ import annotations

from django.urls import reverse

from flowrack.catalog import queries as catalog
from flowrack.fulfilment import commands, queries_packing, rules_packing
from flowrack.fulfilment.queries_packing import CartonNow
from flowrack.fulfilment.types import UnpackCarton
from flowrack.fulfilment.types_packing import AcceptWeight, PrintCartonLabels, VerifyCartonLabel, WeighCarton
from flowrack.platform.web.scan import DONE, MORE, OK, Keypad, ScanAction, ScanStep, Tick, Visit
from flowrack.platform.web.scan import WrongScan as Wrong
from flowrack.shared.errors import FlowrackError

WEIGH, OFF, WHY, LABEL, PRINT = "weigh", "off", "why", "label", "print"
MOST_DIGITS = 8  # of a weight in grams
UNLIKELY_TIMES = 6  # of what is expected: such a weight is asked about, and kept when it comes twice
TURNS = {("again", WEIGH): WEIGH, ("again", OFF): WEIGH, ("back", WHY): OFF, ("why", OFF): WHY}
REASONS = [
    ("packing material", "More packing material"),
    ("item weight wrong", "The item's weight on file is wrong"),
    ("counted by hand", "Counted again by hand"),
]


def begin(visit: Visit, carton_id: int, order_id: int) -> str:
    """A carton was just closed: what has to be proved of it first?"""
    rule = queries_packing.rules_of([order_id])[order_id]
    visit.state |= {"carton": carton_id, "closed": order_id}
    if rule.must_weigh:
        visit.state["stage"] = WEIGH
        return OK
    return print_label(visit)


def scanned_again(visit: Visit, now: CartonNow, code: str) -> str:
    """The label of a closed carton was scanned: go on where its proof stopped, or take the scan as the proof."""
    rule = queries_packing.rules_of([now.order_id])[now.order_id]
    visit.state = {"sscc": now.sscc, "packed": now.order, "carton": now.id, "closed": now.order_id}
    if now.weight_state == rules_packing.OFF:
        visit.state["stage"] = OFF
        return MORE
    if not now.weight_state and rule.must_weigh:
        visit.state["stage"] = WEIGH
        return MORE
    where = queries_packing.went_onto([now.sscc]).get(now.sscc, "")
    if not now.print_id:
        if where:
            visit.state |= {"stage": PRINT, "where": where}
            return MORE
        visit.state["packed"] = f"{now.order}, had no label"
        return print_label(visit)
    visit.state["print"] = now.print_id
    if now.must_scan and now.scanned_at is None:
        commands.verify_carton_label(visit.ctx(), VerifyCartonLabel(now.id, code))
        visit.state["packed"] = "label proved"
        return DONE
    visit.state["packed"] = f"is {where}" if where else "may be loaded"
    return DONE


def is_open(visit: Visit) -> bool:
    """Whether a closed carton still has to be proved."""
    if "stage" not in visit.state:
        return False
    now = _now(visit)
    return now is not None and now.state == "packed"


def _now(visit: Visit) -> CartonNow | None:
    return queries_packing.cartons_now([visit.state["carton"]]).get(visit.state["carton"])


def print_label(visit: Visit) -> str:
    """Print the label. What hinders that is told; the carton stays closed and is labelled from its page."""
    visit.state.pop("stage", None)
    visit.state.pop("fault", None)
    visit.state.pop("printed", None)
    try:
        done = commands.print_carton_labels(visit.ctx("label"), PrintCartonLabels([visit.state["carton"]]))
    except FlowrackError as refusal:
        visit.state["fault"] = f"No label: {refusal.message}"[:300]
        return DONE
    [label] = done.prints
    visit.state["print"] = label.print_id
    copies = f"{label.copies} copies" if label.copies > 1 else "1 copy"
    again = f", print {label.copy_of} of it" if label.copy_of > 1 else ""
    visit.state["printed"] = f"Label {label.spec} printed, {copies}{again}: open it below."
    visit.state["slip"] = done.slips[0].print_id if done.slips else 0
    if label.is_scanned:
        visit.state["stage"] = LABEL
        return OK
    return DONE


def link(visit: Visit) -> tuple[str, str] | None:
    """The label that was printed last, to open beside the flow."""
    found = visit.state.get("print")
    return ("Open the carton's label", reverse("label_print_pdf", args=[found])) if found else None


def slip_link(visit: Visit) -> tuple[str, str] | None:
    """The packing slip that came with the last carton."""
    found = visit.state.get("slip")
    return ("Open the packing slip", reverse("label_print_pdf", args=[found])) if found else None


def draw(visit: Visit) -> ScanStep:
    """The question about the closed carton."""
    stage, now = visit.state["stage"], _now(visit)
    if "sure" in visit.state:
        step = _draw_sure(*visit.state["sure"])
    elif stage == LABEL:
        step = ScanStep(
            prompt="Scan the label", sub="Stick it on, then scan it there.", accepts="The label on this carton",
            note=visit.state.get("printed", ""),
            actions=[ScanAction("reprint", "Reprint"), ScanAction("later", "Later")],
            virtual=[("Label", now.sscc if now else "")],
        )  # fmt: skip
    elif stage == WHY:
        pad = Keypad(now.weight_g if now else 0, "g, as weighed", REASONS, "Accept it", choose="Why may it go?")
        step = ScanStep(prompt="Accept the weight", keypad=pad, actions=[ScanAction("back", "Back", wide=True)])
    elif stage == OFF and now is not None:
        step = _draw_off(visit, now)
    elif stage == PRINT:
        step = ScanStep(
            prompt="Print its label?", sub=f"It is {visit.state['where']}, and no label of it was printed.",
            note="The label must be stuck on before the truck is closed.",
            actions=[ScanAction("later", "Not now"), ScanAction("print", "Print label", primary=True)],
        )  # fmt: skip
    else:
        step = ScanStep(
            prompt="Put it on the scale", keypad=Keypad(0, "g", verb="Weigh"),
            accepts="Weight in g, from the scale or typed",
            actions=[ScanAction("later", "Later", "without a label", wide=True)],
        )  # fmt: skip
    step.task = now.order if now else "Pack"
    step.wraps = True  # what tells one SSCC from another stands at its end
    step.done = [Tick(f"Carton {now.sscc if now else ''}", visit.state.get("packed", ""))]
    step.link, step.second_link = link(visit), slip_link(visit)
    return step


def _draw_sure(grams: int, expected: int) -> ScanStep:
    return ScanStep(
        prompt=f"Really {grams:,} g?", sub=f"{expected:,} g are expected of what is in it.",
        accepts="The weight once more, if it is right",
        actions=[ScanAction("again", "Weigh again", primary=True), ScanAction("sure", f"It weighs {grams:,} g")],
    )  # fmt: skip


def _draw_off(visit: Visit, now: CartonNow) -> ScanStep:
    may = visit.viewer.may("fulfilment.accept_weight", now.site_id)
    actions = [ScanAction("open", "Open it", "and count again"), ScanAction("again", "Weigh again", primary=True)]
    actions.append(ScanAction("why", "Accept it") if may else ScanAction("later", "Later", "set it aside"))
    return ScanStep(
        prompt="Weight is off", qty=_off(now), qty_note="against what is in it", item=f"{now.weight_g:,} g weighed",
        item_note=f"{now.expected_g or 0:,} g expected",
        note="" if may else "A lead may let it go. No label until then.", actions=actions,
    )  # fmt: skip


def _off(now: CartonNow) -> str:
    by = now.weight_g - (now.expected_g or 0)
    return f"{'+' if by > 0 else '−'}{abs(by):,} g"


def scanned(visit: Visit, code: str) -> str:
    """The scale types a number; a scanner reads the label."""
    if visit.state["stage"] == LABEL:
        commands.verify_carton_label(visit.ctx(), VerifyCartonLabel(visit.state["carton"], code))
        visit.state.pop("stage")
        return DONE
    if visit.state["stage"] in (WEIGH, OFF):  # the scale sends another weight: it is weighed again
        _refuse_item(visit, code)
        if not _grams(code).isdecimal():
            raise Wrong(
                f"{code[:20]} is no weight, and this carton is to be weighed.",
                "Put it on the scale, or tap Later and scan the next one then.",
            )
        return counted(visit, code, "")
    raise Wrong("Nothing is scanned here.", "Weigh it again, or open it.")


def _refuse_item(visit: Visit, code: str) -> None:
    """The code of an item is no weight, unless it is what the carton should weigh, or g stands after it."""
    if not code.isdecimal() or not any(catalog.find_codes([code]).values()):
        return
    carton_id, order_id = visit.state["carton"], visit.state["closed"]
    is_right = (
        len(code) <= MOST_DIGITS and queries_packing.judged(carton_id, order_id, int(code)).state == rules_packing.OK
    )
    if not is_right:
        raise Wrong(
            f"{code[:20]} is an item, no weight.", "Put the carton on the scale, or type the grams with a g: 900g."
        )


def counted(visit: Visit, text: str, reason: str) -> str:
    """A weight, typed or sent by the scale; or the reason why it may be off."""
    if visit.state["stage"] == WHY:
        said = dict(REASONS).get(reason)
        if said is None:
            raise Wrong("Why may it go?", "Choose a reason.")
        commands.accept_weight(visit.ctx(), AcceptWeight(visit.state["carton"], said))
        return print_label(visit)
    digits = _grams(text)
    if not digits.isdecimal() or len(digits) > MOST_DIGITS:
        raise Wrong(f"“{text[:20]}” is no weight.", "Send it from the scale, or type the grams.")
    if _is_unlikely(visit, int(digits)):
        return MORE
    weighed = commands.weigh_carton(visit.ctx(), WeighCarton(visit.state["carton"], int(digits)))
    if weighed.state == "off":
        visit.state["stage"] = OFF
        return MORE
    return print_label(visit)


def _grams(text: str) -> str:
    return text.lower().removesuffix("g").strip().replace(",", "")


def _is_unlikely(visit: Visit, grams: int) -> bool:
    """Whether a weight is many times what is expected, and was not told twice: it is kept for good, so it is asked."""
    asked = visit.state.pop("sure", None)
    expected = queries_packing.judged(visit.state["carton"], visit.state["closed"], grams).expected_g
    if expected is None or grams < UNLIKELY_TIMES * expected or (asked and asked[0] == grams):
        return False
    visit.state["sure"] = [grams, expected]
    return True


def acted(visit: Visit, action: str) -> str:
    """A button."""
    stage = visit.state["stage"]
    if action == "sure" and "sure" in visit.state:
        return counted(visit, str(visit.state["sure"][0]), "")
    visit.state.pop("sure", None)
    if action == "print" and stage == PRINT:
        return print_label(visit)
    if action == "later" and stage in (WEIGH, LABEL, OFF, PRINT):
        visit.state.pop("stage")
        return OK
    if action == "reprint" and stage == LABEL:
        return print_label(visit)
    if (action, stage) in TURNS:
        visit.state["stage"] = TURNS[action, stage]
        return MORE if action == "why" else OK
    if action == "open" and stage == OFF:
        commands.unpack_carton(visit.ctx(), UnpackCarton(visit.state["carton"]))
        order_id = visit.state["closed"]
        now = _now(visit)
        visit.state = {"order": order_id, "number": now.order if now else ""}
        return OK
    raise Wrong("This step does not know that.", "Do what the screen asks for.")
