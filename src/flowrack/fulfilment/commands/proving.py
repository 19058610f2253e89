"""A closed carton is proved: weighed, labelled, and the label scanned where it sticks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flowrack.fulfilment import locks, queries_labels, queries_packing, rules_packing, steps_packing, steps_slips
from flowrack.fulfilment.locks import LockedCarton
from flowrack.fulfilment.queries_packing import CartonNow, PackRuleRow
from flowrack.fulfilment.states import CartonState
from flowrack.fulfilment.types import AlreadyPacked
from flowrack.fulfilment.types_packing import (
    CARTON,
    AcceptWeight,
    BadPackRule,
    CartonLabelVerified,
    CartonNotFound,
    CartonPrint,
    CartonsPrinted,
    CartonWeighed,
    LabelOfGone,
    PackRuleOf,
    PackRulesSet,
    PrintCartonLabels,
    SetPackRules,
    VerifyCartonLabel,
    WeighCarton,
    WeightOff,
    WrongLabel,
)
from flowrack.labels import steps as labels
from flowrack.labels.types import Printed
from flowrack.parties import queries as parties
from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context, command
from flowrack.purchasing.queries import business_days
from flowrack.shared import gs1
from flowrack.shared.errors import BadLine, Invalid
from flowrack.shared.refs import ref

GONE_RULE = "fulfilment.label.1"
HEAVIEST_G = 2_000_000
MOST_CARTONS, MOST_RULES = 500, 200
NOBODY_SAYS = "Nobody says why cartons are closed without a check of their content."
OTHER_SCAN = "Scan the label that sticks on the carton."


@command(permission="fulfilment.setup", result=PackRulesSet)
def set_pack_rules(ctx: Context, req: SetPackRules) -> PackRulesSet:
    """All rules of packing, in place of those before.

    Who may set up one site changes the rules of that site only; those for all sites are the house's. Refuses with
    NotPermitted or with BadPackRule, naming every bad row.
    """
    locks.rules("pack")
    before = {(one.site_id, one.customer, *_said(one)) for one in queries_packing.pack_rules()}
    after = {(one.site_id, one.customer, *_said(one)) for one in req.rules}
    for site_id in sorted({site_id for site_id, *_ in before ^ after}):
        ctx.require("fulfilment.setup", site_id)
    codes = sorted({rule.customer for rule in req.rules if rule.customer})
    customers = {code: party.party_id for code, party in parties.find_by_code(codes).items() if party.is_customer}
    sites = queries_packing.known_sites()
    seen = Counter((rule.site_id, rule.customer) for rule in req.rules)
    bad: list[BadLine] = []
    for n, rule in enumerate(req.rules, 1):
        if rule.customer and rule.customer not in customers:
            bad.append(BadLine(n, "customer", f"There is no customer {rule.customer}.", "Leave it empty for all."))
        if rule.site_id and rule.site_id not in sites:
            bad.append(BadLine(n, "site", "There is no such site.", "Leave it empty for all."))
        if seen[(rule.site_id, rule.customer)] > 1:
            bad.append(BadLine(n, "customer", "Two rules are for the same customer and site.", "Keep one of them."))
        if not 0 <= rule.tolerance_permille <= 500:
            bad.append(BadLine(n, "tolerance_permille", "A tolerance is 0 to 50 %.", "2 % is usual."))
        if not 0 <= rule.least_g <= 100_000:
            bad.append(BadLine(n, "least_g", "The least tolerance is 0 to 100,000 g.", "10 g is usual."))
        reason = rule.unchecked_reason.strip()
        if rule.must_check and reason:
            fix = "Leave the reason out, or say that the content need not be checked."
            bad.append(BadLine(n, "unchecked_reason", "The content is checked, and a reason says why not.", fix))
        elif not rule.must_check and not 3 <= len(reason) <= 200:
            said = f"“{reason[:40]}” does not say why." if reason else NOBODY_SAYS
            bad.append(BadLine(n, "unchecked_reason", said, "Say why, in 3 to 200 letters, or let it be checked."))
    if len(req.rules) > MOST_RULES:
        bad.append(BadLine(0, "rules", f"{MOST_RULES} rules are the most.", "Keep those that differ."))
    if bad:
        raise BadPackRule(bad[0].message, lines=bad, fix=bad[0].fix)
    steps_packing.replace_rules(req.rules, customers)
    return PackRulesSet(len(req.rules))


def _said(rule: PackRuleOf | PackRuleRow) -> tuple[int, int, bool, bool, str, bool]:
    reason = rule.unchecked_reason.strip()
    return rule.tolerance_permille, rule.least_g, rule.must_weigh, rule.must_check, reason, rule.prints_slip


@command(permission="fulfilment.pack", result=CartonWeighed)
def weigh_carton(ctx: Context, req: WeighCarton) -> CartonWeighed:
    """Write down what the scale says, beside what goods and carton should weigh.

    A weight that is off is kept, too: the label waits until it is weighed again or somebody lets it go. Refuses with
    CartonNotFound, AlreadyPacked or Invalid.
    """
    carton = _carton(ctx, req.carton_id)
    if not 0 < req.weight_g <= HEAVIEST_G:
        raise Invalid(f"{req.weight_g:,} g is no weight of a carton.", fix="Clear the scale and weigh it again.")
    weighed = queries_packing.judged(carton.carton_id, carton.order_id, req.weight_g)
    steps_packing.insert_weighing(ctx, weighed)
    ctx.subject = ref(CARTON, carton.carton_id)
    return weighed


@command(permission="fulfilment.accept_weight", result=CartonWeighed)
def accept_weight(ctx: Context, req: AcceptWeight) -> CartonWeighed:
    """Let a carton go whose weight is off, with a reason (and a photo).

    Refuses with CartonNotFound, AlreadyPacked, or Invalid when there is nothing to let go or no reason.
    """
    carton = _carton(ctx, req.carton_id, permission="fulfilment.accept_weight")
    now = queries_packing.cartons_now([carton.carton_id])[carton.carton_id]
    if now.weight_state != rules_packing.OFF:
        raise Invalid("The weight of this carton is not off.", fix="Weigh it first.")
    if not 3 <= len(req.reason.strip()) <= 200:
        raise Invalid("Say why it may go, in 3 to 200 letters.", lines=[BadLine(0, "reason", "A reason is missing.")])
    weighed = CartonWeighed(carton.carton_id, now.weight_g, now.expected_g, 0, rules_packing.ACCEPTED)
    steps_packing.insert_weighing(ctx, weighed, reason=req.reason.strip(), photo=req.photo)
    ctx.subject = ref(CARTON, carton.carton_id)
    return weighed


@command(permission="fulfilment.pack", result=CartonsPrinted)
def print_carton_labels(ctx: Context, req: PrintCartonLabels) -> CartonsPrinted:
    """Print the labels of closed cartons, by the spec of their customer, else of their carrier.

    A second print is counted as a reprint. With the last carton of an order goes its packing slip, where the
    packing rule asks for it. Of a carton that has left, a print is kept with its reason.

    Refuses with CartonNotFound, AlreadyPacked, WeightOff, NoLabelSpec or LabelNotPrintable, naming every carton, and
    with LabelOfGone where cartons have left and nobody says why they are labelled again.
    """
    if not 1 <= len(req.carton_ids) <= MOST_CARTONS or not 0 <= req.copies <= 20:
        raise Invalid(f"1 to {MOST_CARTONS} cartons are labelled at a time, 20 times at most.", fix="Split the list.")
    locks.cartons(req.carton_ids)  # whoever changes their content waits, or has ended before it is read
    now = queries_packing.cartons_now(req.carton_ids)
    wanted = queries_labels.label_values(req.carton_ids, copies=req.copies)
    for carton_id in req.carton_ids:
        if carton_id not in now or carton_id not in wanted:
            raise CartonNotFound("There is no such carton.", fix="Scan its tote again.")
        ctx.require("fulfilment.pack", now[carton_id].site_id)
    _refuse_unproved([now[carton_id] for carton_id in req.carton_ids])
    _say_why_again(ctx, [now[carton_id] for carton_id in req.carton_ids], req.reason.strip())
    days = business_days(sorted({now[carton_id].site_id for carton_id in req.carton_ids}), now=ctx.now)
    printed: dict[int, Printed] = {}
    for day in sorted(set(days.values())):  # one, or two where sites lie far apart
        ids = [carton_id for carton_id in req.carton_ids if days[now[carton_id].site_id] == day]
        done = labels.print_labels(ctx, [wanted[carton_id] for carton_id in ids], on=day)
        printed |= dict(zip(ids, done, strict=True))
    ctx.about(CARTON, req.carton_ids)
    return CartonsPrinted(
        [
            CartonPrint(
                carton_id, one.print_id, one.code, one.spec, one.version, one.copies, one.copy_of, one.is_scanned
            )
            for carton_id, one in ((carton_id, printed[carton_id]) for carton_id in req.carton_ids)
        ],
        steps_slips.with_the_last_carton(ctx, sorted({now[carton_id].order_id for carton_id in req.carton_ids})),
    )


def _say_why_again(ctx: Context, cartons: Sequence[CartonNow], reason: str) -> None:
    """A label of what has left goes round twice: it needs a reason, which stands with the carton. One statement."""
    gone = [one for one in cartons if one.state == CartonState.SHIPPED]
    if not gone:
        return
    if not 3 <= len(reason) <= 200:
        fix = "Say why it is printed again, in 3 to 200 letters."
        bad = [BadLine(n, "carton_ids", f"Carton {one.sscc} has left.", fix) for n, one in enumerate(gone, 1)]
        raise LabelOfGone(bad[0].message, lines=bad, fix=fix)
    said = f"Label printed after it left: {reason}."
    decisions.record(ctx, [DecisionRow("label", ref(CARTON, one.id), said, GONE_RULE) for one in gone])


def _refuse_unproved(cartons: Sequence[CartonNow]) -> None:
    """No label for a carton that was opened again, or whose weight is off or missing."""
    opened = [one for one in cartons if one.state == CartonState.UNPACKED]
    if opened:
        raise AlreadyPacked(f"Carton {opened[0].sscc} was opened again.", fix="Pack its goods anew.")
    rules = queries_packing.rules_of(one.order_id for one in cartons)
    bad = []
    for n, one in enumerate(cartons, 1):
        if one.weight_state == rules_packing.OFF:
            said = f"Carton {one.sscc} weighs {one.weight_g:,} g, and {one.expected_g:,} g were expected."
            bad.append(BadLine(n, "carton_ids", said, "Weigh it again, open it, or let a lead accept the weight."))
        elif not one.weight_state and rules[one.order_id].must_weigh and one.state == CartonState.PACKED:
            bad.append(BadLine(n, "carton_ids", f"Carton {one.sscc} was not weighed.", "Put it on the scale."))
    if bad:
        raise WeightOff(bad[0].message, lines=bad, fix=bad[0].fix)


@command(permission="fulfilment.pack", result=CartonLabelVerified)
def verify_carton_label(ctx: Context, req: VerifyCartonLabel) -> CartonLabelVerified:
    """Prove by a scan that the label on a carton is its own.

    Refuses with WrongLabel, saying whose label it is, or that none was printed since the content changed.
    """
    carton = _carton(ctx, req.carton_id)
    now = queries_packing.cartons_now([carton.carton_id])[carton.carton_id]
    scan = gs1.parse(req.scanned)
    code = scan.sscc or scan.raw.strip().upper()
    if code != now.sscc:
        other = queries_packing.carton_by_sscc(code)
        if other is None:
            raise WrongLabel(f"{code[:40]} is the label of no carton.", fix=OTHER_SCAN)
        whose = f"of {other.order} for {other.customer}"
        if other.state == CartonState.UNPACKED:
            raise WrongLabel(f"That label is used up: its carton {whose} was opened again.", fix="Take it off.")
        raise WrongLabel(f"That is the label {whose}.", fix=f"Take it off; this carton is {now.order}.")
    if not now.print_id:
        raise WrongLabel(f"No label of {now.sscc} was printed since it was closed.", fix="Print it first.")
    labels.scanned(now.print_id, by=ctx.actor_id, at=ctx.now)
    ctx.subject = ref(CARTON, carton.carton_id)
    return CartonLabelVerified(carton.carton_id, now.print_id)


def _carton(ctx: Context, carton_id: int, *, permission: str = "fulfilment.pack") -> LockedCarton:
    """A closed carton that is still in the house, locked."""
    carton = locks.carton(carton_id)
    if carton is None:
        raise CartonNotFound("There is no such carton.", fix="Scan its label again.")
    ctx.require(permission, carton.site_id)
    if carton.state != CartonState.PACKED:
        raise AlreadyPacked(f"This carton is {carton.state}.", fix="What has left comes back as a return.")
    return carton
