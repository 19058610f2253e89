"""Packing proved: weights, labels, repacking and pallets; what is asked, answered and refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowrack.fulfilment.types_slips import SlipPrint
from flowrack.shared.errors import FlowrackError, Invalid, NotFound

CARTON, PALLET = "fulfilment.carton", "fulfilment.pallet"


@dataclass(frozen=True, slots=True)
class PackRuleOf:
    """How packing is proved at a site (0: all) for a customer ("": all); the most exact rule holds.

    The weight may differ by so many permille of what is expected, at least by `least_g`. The content of a carton is
    checked before it is closed, unless `unchecked_reason` says why not.
    """

    site_id: int = 0
    customer: str = ""
    tolerance_permille: int = 20
    least_g: int = 10
    must_weigh: bool = False
    must_check: bool = True
    prints_slip: bool = False
    unchecked_reason: str = ""


@dataclass(frozen=True, slots=True)
class SetPackRules:
    """All rules, in place of those before."""

    rules: list[PackRuleOf]


@dataclass(frozen=True, slots=True)
class PackRulesSet:
    """How many rules hold."""

    in_use: int


@dataclass(frozen=True, slots=True)
class WeighCarton:
    """What the scale says of a closed carton."""

    carton_id: int
    weight_g: int


@dataclass(frozen=True, slots=True)
class CartonWeighed:
    """The weight beside what was expected. State: ok, off, accepted, or unknown where something was never weighed."""

    carton_id: int
    weight_g: int
    expected_g: int | None
    tolerance_g: int
    state: str


@dataclass(frozen=True, slots=True)
class AcceptWeight:
    """Let a carton go whose weight is off. `photo` is the digest of a kept picture."""

    carton_id: int
    reason: str
    photo: str = ""


@dataclass(frozen=True, slots=True)
class PrintCartonLabels:
    """Labels of closed cartons. Copies 0 = as the spec says. Of a carton that has left, `reason` says why once more."""

    carton_ids: list[int]
    copies: int = 0
    reason: str = ""


class LabelOfGone(FlowrackError):
    """The carton has left with its label; another print of it needs a reason."""

    code = "label_of_gone"


@dataclass(frozen=True, slots=True)
class CartonPrint:
    """A label that was printed for a carton."""

    carton_id: int
    print_id: int
    sscc: str
    spec: str
    version: int
    copies: int
    copy_of: int
    is_scanned: bool


@dataclass(frozen=True, slots=True)
class CartonsPrinted:
    """The prints, in the order of the request, and slips that came with the last carton of an order."""

    prints: list[CartonPrint] = field(default_factory=list)
    slips: list[SlipPrint] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VerifyCartonLabel:
    """What a scanner read on the carton after its label was stuck on."""

    carton_id: int
    scanned: str


@dataclass(frozen=True, slots=True)
class CartonLabelVerified:
    """The print that was proved."""

    carton_id: int
    print_id: int


class BadPackRule(Invalid):
    """A rule of packing that makes no sense; names every bad row."""

    code = "bad_pack_rule"


class CartonNotFound(NotFound):
    """No such carton."""

    code = "carton_not_found"


class WeightOff(FlowrackError):
    """The carton weighs other than its content, or was not weighed though it must be."""

    code = "weight_off"


class NotChecked(FlowrackError):
    """The content must be scanned before the carton is closed."""

    code = "not_checked"


class NotProved(FlowrackError):
    """A carton may not leave: its weight is off, or its label was not scanned though the customer asks for it."""

    code = "not_proved"


class WrongLabel(FlowrackError):
    """The label on the carton is another carton's, or its own was never printed."""

    code = "wrong_label"


@dataclass(frozen=True, slots=True)
class RepackLine:
    """Units of one order line (and lot) that change their carton."""

    line_id: int
    units: int
    lot_id: int = 0


@dataclass(frozen=True, slots=True)
class RepackUnits:
    """Move units out of a carton: into another one of the order, or (0) into a new one of this type."""

    carton_id: int
    lines: list[RepackLine]
    to_carton_id: int = 0
    carton_type: str = ""


@dataclass(frozen=True, slots=True)
class Repacked:
    """Both cartons, the SSCC of a new one, and whether the first one is empty now."""

    carton_id: int
    to_carton_id: int
    sscc: str
    units: int
    is_empty: bool


@dataclass(frozen=True, slots=True)
class SortUnits:
    """Units of one order line (and lot) go out of a tote of several orders into the tote of their own order."""

    from_tote_id: int
    line_id: int
    lot_id: int
    units: int
    tote_id: int


@dataclass(frozen=True, slots=True)
class UnitsSorted:
    """The order, the tote that holds its goods, and how many units the other tote still holds for orders."""

    order_id: int
    tote_id: int
    units: int
    left_units: int
