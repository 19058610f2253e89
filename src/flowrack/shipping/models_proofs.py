"""Tables of what is kept about departures: papers, notices to customers, proofs of delivery."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from flowrack.platform.fields import UnitsField, named
from flowrack.shipping.models_loads import Load
from flowrack.shipping.types_proofs import Answer, Kept, Outcome, PaperKind, Retention

TEXT: dict[str, Any] = {"default": "", "db_default": ""}
SHIPMENT = "shipping.Shipment"


class Paper(models.Model):
    """A paper as it was printed, byte by byte, with its hash."""

    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16)
    load = models.ForeignKey(Load, on_delete=models.PROTECT, null=True, related_name="papers")
    carrier = models.CharField(max_length=80, help_text="of a manifest", **TEXT)
    day = models.DateField(null=True, help_text="of a manifest")
    printed_at = models.DateTimeField()
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="paper_kind_known", condition=Q(kind__in=list(PaperKind))),
            models.CheckConstraint(name="paper_hash", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="paper_is_of_a_load_or_a_day",
                condition=Q(kind="manifest", load=None, day__isnull=False)
                | (~Q(kind="manifest") & Q(load__isnull=False, day=None)),
            ),
        ]
        indexes = [models.Index(name="paper_of_day", fields=["site", "day"], condition=Q(day__isnull=False))]


class NoticeTerms(models.Model):
    """A customer gets a notice of each departure, and confirms it within so many hours."""

    customer = models.OneToOneField("parties.Party", on_delete=models.CASCADE, related_name="+")
    hours = models.IntegerField()
    edi_sender = models.CharField(max_length=15, help_text="as whom his system knows us; empty = no EDI 856", **TEXT)
    edi_receiver = models.CharField(max_length=15, help_text="his id in the envelope", **TEXT)
    edi_qualifier = models.CharField(max_length=2, default="ZZ", db_default="ZZ", help_text="what kind of ids they are")
    edi_folder = models.CharField(max_length=40, help_text="into which each 856 is put; empty = it is fetched", **TEXT)
    is_edi_test = models.BooleanField(default=False, db_default=False, help_text="marked as a test in the envelope")

    class Meta:
        constraints = [
            models.CheckConstraint(name="notice_hours_sensible", condition=Q(hours__gte=1, hours__lte=720)),
            models.CheckConstraint(
                name="notice_edi_names_both",
                condition=Q(edi_sender="", edi_receiver="") | ~Q(edi_sender="") & ~Q(edi_receiver=""),
            ),
            models.CheckConstraint(
                name="notice_edi_folder",
                condition=Q(edi_folder="") | (Q(edi_folder__regex="^[A-Za-z0-9][A-Za-z0-9_-]*$") & ~Q(edi_sender="")),
            ),
        ]


class DepartureNotice(models.Model):
    """The notice of a shipment's departure to a customer who asked for it, and his answer."""

    shipment = models.OneToOneField(SHIPMENT, on_delete=models.PROTECT, related_name="notice", db_constraint=False)
    customer = named("parties.Party")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.CharField(max_length=8, default=Answer.WAITING, db_default=Answer.WAITING)
    answered_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=80, help_text="of the customer's answer", **TEXT)
    note = models.CharField(max_length=200, **TEXT)

    class Meta:
        constraints = [
            models.CheckConstraint(name="notice_answer_known", condition=Q(answer__in=list(Answer))),
            models.CheckConstraint(
                name="notice_answered_says_when", condition=Q(answer="waiting") ^ Q(answered_at__isnull=False)
            ),
        ]
        indexes = [models.Index(name="notice_waiting", fields=["due_at"], condition=~Q(answer="accepted"))]


class NoticeMessage(models.Model):
    """The EDI 856 of a departure as it was written, once; its control number is that of its notice."""

    notice = models.OneToOneField(DepartureNotice, on_delete=models.PROTECT, related_name="message")
    control = models.IntegerField(help_text="of its interchange and group; the customer's 997 names it")
    sender = models.CharField(max_length=15, help_text="our id in its envelope", **TEXT)
    sender_qualifier = models.CharField(max_length=2, **TEXT)
    receiver = models.CharField(max_length=15, help_text="the customer's id in its envelope", **TEXT)
    receiver_qualifier = models.CharField(max_length=2, **TEXT)
    made_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    content = models.TextField()
    state = models.CharField(max_length=8, default="waiting", db_default="waiting", help_text="how far it is")
    sends = models.IntegerField(default=0, db_default=0, help_text="how often it was put into its folder")
    tries = models.IntegerField(default=0, db_default=0, help_text="that failed since it waits")
    said = models.CharField(max_length=200, help_text="why the last try failed", **TEXT)
    next_at = models.DateTimeField(null=True, help_text="when it is tried again")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="notice_message_state", condition=Q(state__in=["waiting", "sent", "fetched"], sends__gte=0)
            ),
            models.CheckConstraint(
                name="notice_message_control", condition=Q(control__gte=1, control__lte=999_999_999)
            ),
            models.CheckConstraint(name="notice_message_hash", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
        ]
        indexes = [models.Index(name="notice_message_waiting", fields=["id"], condition=Q(state="waiting"))]


class ProofChain(models.Model):
    """The newest proof of a site: the next one carries its hash."""

    site = models.OneToOneField("locations.Site", on_delete=models.PROTECT, related_name="+")
    last_no = models.IntegerField(default=0, db_default=0)
    last_sha256 = models.CharField(max_length=64, **TEXT)


class Proof(models.Model):
    """How a shipment was handed over. Written once; its hash covers it and the proof before it."""

    number = models.CharField(max_length=20, unique=True)
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    shipment = models.OneToOneField(SHIPMENT, on_delete=models.PROTECT, related_name="proof")
    outcome = models.CharField(max_length=9)
    received_by = models.CharField(max_length=120)
    signature = models.CharField(max_length=64, help_text="digest of the picture", **TEXT)
    happened_at = models.DateTimeField()
    place = models.CharField(max_length=160, **TEXT)
    latitude_e7 = models.IntegerField(null=True, help_text="10^-7 degrees")
    longitude_e7 = models.IntegerField(null=True, help_text="10^-7 degrees")
    note = models.CharField(max_length=400, **TEXT)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    retention = models.CharField(max_length=10)
    keep_until = models.DateField()
    chain_no = models.IntegerField()
    previous_sha256 = models.CharField(max_length=64, **TEXT)
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="proof_chain_once", fields=["site", "chain_no"]),
            models.CheckConstraint(name="proof_outcome_known", condition=Q(outcome__in=list(Outcome))),
            models.CheckConstraint(name="proof_retention_known", condition=Q(retention__in=list(Retention))),
            models.CheckConstraint(name="proof_hash", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
            models.CheckConstraint(
                name="proof_on_earth",
                condition=Q(latitude_e7=None, longitude_e7=None)
                | Q(
                    latitude_e7__gte=-900_000_000,
                    latitude_e7__lte=900_000_000,
                    longitude_e7__gte=-1_800_000_000,
                    longitude_e7__lte=1_800_000_000,
                ),
            ),
        ]


class ProofPhoto(models.Model):
    """A photo taken at the delivery."""

    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="photos")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(name="proof_photo_once", fields=["proof", "digest"])]


class ProofLine(models.Model):
    """Units of a shipment's line that the customer did not take."""

    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="lines")
    shipment_line = models.ForeignKey("shipping.ShipmentLine", on_delete=models.PROTECT, related_name="+")
    units = UnitsField()
    reason = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="proof_line_once", fields=["proof", "shipment_line", "reason"]),
            models.CheckConstraint(name="proof_line_units", condition=Q(units__gt=0)),
            models.CheckConstraint(name="proof_line_says_why", condition=Q(reason__in=list(Kept))),
        ]
