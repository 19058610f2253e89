"""Builders for tests that change approved orders."""

from dataclasses import replace

from tests.cast import ED, NOW, OZ, ctx

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, PolicyStep, Seen, WritePolicy
from flowrack.platform import outbox
from flowrack.purchasing import queries_versions
from flowrack.purchasing.types_versions import PO_CHANGE_KIND, PoChange, RevisePos


def change(po, *lines, version=1, **more):
    return RevisePos([PoChange(po.po_id, version, "The customer wants fewer", list(lines), **more)])


def decided(po, verdict="approve", reason=""):
    """Ed decides on the change in the inbox, and the worker hears of it."""
    asked = queries_versions.changes_asked([po.po_id])[po.po_id]
    approvals.decide(ctx(ED), Decide([Seen(asked.request_id, asked.content_hash)], verdict, reason))
    outbox.drain(now=NOW)


def states(po):
    return [(v.version_no, v.origin, v.state) for v in queries_versions.versions(po.po_id)]


def changes_need_nobody():
    """Oz ends the policies that ask about what a buyer changes, and about money on top."""
    for code in ("another-person", "value-up"):
        ended = WritePolicy(PO_CHANGE_KIND, code, code, [], [PolicyStep(1, ("finance_controller",))], "trust")
        approvals.write_policy(ctx(OZ), replace(ended, is_active=False))
