"""EDI 856 on their way: put into folders, fetched, sent again, and acknowledged by a customer's 997."""

from __future__ import annotations

from flowrack.platform.runner import Context, command
from flowrack.shared import x12
from flowrack.shared.refs import ref
from flowrack.shipping import locks_proofs, queries_sending, rules_messages, steps_proofs, steps_sending
from flowrack.shipping.queries_sending import SendingRow
from flowrack.shipping.rules_messages import Sending
from flowrack.shipping.steps_departures import SHIPMENT
from flowrack.shipping.types_messages import (
    AcknowledgedNotice,
    AcknowledgmentTaken,
    KeepPuts,
    MessageStands,
    NoMessage,
    NoteFetched,
    PutsKept,
    SendMessageAgain,
    TakeAcknowledgment,
)
from flowrack.shipping.types_proofs import Answer


@command(permission="shipping.notices", result=PutsKept)
def keep_notice_puts(ctx: Context, req: KeepPuts) -> PutsKept:
    """Keep which messages are in the folders of their customers; the others are tried again, ever more slowly.

    The files themselves were written before, outside of any transaction.
    """
    tries = locks_proofs.messages([one.message_id for one in req.puts])
    known = [one for one in req.puts if one.message_id in tries]
    sent = [one.message_id for one in known if not one.words]
    failed = [
        (one.message_id, one.words[:200], tries[one.message_id] + 1,
         rules_messages.again_at(tries[one.message_id] + 1, ctx.now))
        for one in known if one.words
    ]  # fmt: skip
    steps_sending.keep_puts(ctx, sent, failed)
    return PutsKept(len(sent), len(failed))


@command(permission="shipping.notices", result=MessageStands)
def send_notice_again(ctx: Context, req: SendMessageAgain) -> MessageStands:
    """Send the EDI 856 of a departure once more, byte for byte as it was. Refuses with NoMessage."""
    row = _held(ctx, req.shipment_id)
    steps_sending.set_sending(ctx, row.id, Sending.WAITING)
    return MessageStands(req.shipment_id, row.control, Sending.WAITING)


@command(permission="shipping.notices", result=MessageStands)
def note_notice_fetched(ctx: Context, req: NoteFetched) -> MessageStands:
    """Note that the customer's side has read the EDI 856 through the API. Refuses with NoMessage."""
    row = _held(ctx, req.shipment_id)
    steps_sending.set_sending(ctx, row.id, Sending.FETCHED)
    return MessageStands(req.shipment_id, row.control, Sending.FETCHED)


def _held(ctx: Context, shipment_id: int) -> SendingRow:
    """The message of a shipment, with its notice locked."""
    locks_proofs.notice(shipment_id)
    row = queries_sending.sending_of(shipment_id)
    if row is None or not ctx.may("shipping.view", row.site_id):
        raise NoMessage("No EDI 856 was written of this shipment.", fix="Write it on the page of its notice.")
    ctx.require("shipping.notices", row.site_id)
    ctx.subject = ref(SHIPMENT, shipment_id)
    return row


@command(permission="shipping.notices", result=AcknowledgmentTaken)
def take_acknowledgment(ctx: Context, req: TakeAcknowledgment) -> AcknowledgmentTaken:
    """Note what a customer's 997 says of notices of departure; one that was accepted before stays so.

    Refuses with BadX12, and with NoMessage when a control number is none of ours to this customer. As many statements
    for many messages as for one.
    """
    envelope = x12.read(req.content)
    said = rules_messages.acknowledged(envelope)
    of = queries_sending.shipments_answered([one.control for one in said], envelope.sender, envelope.receiver)
    unknown = [one.control for one in said if one.control not in of]
    if unknown:
        who = f"{envelope.sender.id} ({envelope.sender.qualifier})"
        words = f"No EDI 856 with control number {unknown[0]} went to {who}."
        raise NoMessage(words, fix="Ask the customer which message he means.")
    for site_id in sorted({site_id for _, site_id in of.values()}):
        ctx.require("shipping.notices", site_id)
    held = locks_proofs.notices([shipment_id for shipment_id, _ in of.values()])
    done: list[AcknowledgedNotice] = []
    answers: dict[int, tuple[str, str]] = {}
    for one in sorted(said, key=lambda one: of[one.control]):
        shipment_id, _ = of[one.control]
        notice_id, answer = held[shipment_id]
        is_new = answers.get(notice_id, (answer, ""))[0] != Answer.ACCEPTED
        if is_new:
            answers[notice_id] = (one.answer, one.words[:200])
        done.append(AcknowledgedNotice(shipment_id, one.control, one.answer, is_new))
    if answers:
        steps_proofs.answer_notices(ctx, answers, f"997-{envelope.control}")
    ctx.about(SHIPMENT, [one.shipment_id for one in done])
    return AcknowledgmentTaken(done)
