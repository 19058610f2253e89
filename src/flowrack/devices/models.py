"""Tables of the devices kernel."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.devices.states import DeviceState, EntryState


class Device(models.Model):
    """A scanner, phone or terminal of the floor. Its private key never leaves it; we keep the public one."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60, default="", db_default="")
    model = models.CharField(max_length=120, default="", db_default="", help_text="what the browser says it is")
    public_key = models.CharField(max_length=130, unique=True, help_text="uncompressed point on P-256, hex")
    approval_code = models.CharField(max_length=8, help_text="letters on its screen while it waits")
    state = models.CharField(max_length=10, default=DeviceState.ASKED, db_default=DeviceState.ASKED)
    state_reason = models.CharField(max_length=200, default="", db_default="")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, null=True, related_name="+")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    asked_from = models.GenericIPAddressField(null=True, help_text="address from which it asked")
    approved_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    app_version = models.CharField(max_length=40, default="", db_default="")
    outbox_told = models.IntegerField(default=0, db_default=0, help_text="entries that it had not sent when last seen")
    clock_offset_ms = models.BigIntegerField(default=0, db_default=0, help_text="how far its clock is behind ours")
    last_seq = models.BigIntegerField(default=0, db_default=0)
    last_hash = models.CharField(max_length=64, default="", db_default="")
    tested_at = models.DateTimeField(null=True)
    test_passed = models.SmallIntegerField(default=0, db_default=0, help_text="codes of the sheet that came through")
    test_faults = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(name="device_state_known", condition=Q(state__in=list(DeviceState))),
            models.CheckConstraint(
                name="device_enrolled_has_site",
                condition=Q(state__in=["asked", "refused"]) | Q(site__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(name="device_counts_not_negative", condition=Q(outbox_told__gte=0, last_seq__gte=0)),
        ]


class DeviceZone(models.Model):
    """A zone in which a device works; a device without any works in all zones of its site."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="zones")
    zone = models.ForeignKey("locations.Zone", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(name="device_zone_once", fields=["device", "zone"])]


class DeviceStay(models.Model):
    """From when on a device has worked at a site: what was done on it is booked at the site where it was then."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="stays")
    site = models.ForeignKey("locations.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="device_stay_once", fields=["device", "since"])]


class JournalEntry(models.Model):
    """One thing that a person did on a device, in the device's own order; kept as it was sent."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="entries")
    seq = models.BigIntegerField()
    key = models.CharField(max_length=64)
    site = models.ForeignKey(
        "locations.Site", on_delete=models.PROTECT, null=True, related_name="+", db_index=False,
        help_text="where the device was when it was done",
    )  # fmt: skip
    person = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    run_as = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    flow = models.CharField(max_length=40)
    payload = models.TextField()
    claimed_at = models.CharField(max_length=32, help_text="the device's own words for its time")
    occurred_at = models.DateTimeField(help_text="by our clock")
    offset_ms = models.BigIntegerField()
    received_at = models.DateTimeField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10)
    code = models.CharField(max_length=60, default="", db_default="", help_text="why a person must look")
    message = models.TextField(default="", db_default="")
    fix = models.TextField(default="", db_default="")
    settled_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=20, default="", db_default="")
    reason = models.CharField(max_length=200, default="", db_default="")
    handed_to = models.ForeignKey(
        "platform.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="journal_seq_once", fields=["device", "seq"]),
            models.UniqueConstraint(name="journal_key_once", fields=["device", "key"]),
            models.CheckConstraint(name="journal_state_known", condition=Q(state__in=list(EntryState))),
            models.CheckConstraint(name="journal_seq_positive", condition=Q(seq__gte=1)),
            models.CheckConstraint(name="journal_review_says_why", condition=~Q(state="review") | ~Q(message="")),
            models.CheckConstraint(
                name="journal_dropped_says_why", condition=~Q(state="dropped") | (~Q(reason="") & ~Q(decided_by=None))
            ),
        ]
        indexes = [
            models.Index(name="journal_open", fields=["device", "seq"], condition=Q(state__in=["parked", "ready"])),
            models.Index(name="journal_review", fields=["id"], condition=Q(state="review")),
        ]


class DeviceSession(models.Model):
    """Somebody worked on a device from a time on: whose name its journal may bear."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="sessions")
    person = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=10)
    began_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="device_session_method", condition=Q(method__in=["badge", "pin", "password"]))
        ]
        indexes = [models.Index(name="device_session_of", fields=["device", "person", "began_at"])]


class Badge(models.Model):
    """A random value printed as a barcode. We keep its digest; it says nothing about the person."""

    person = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="badge_one_live", fields=["person"], condition=Q(revoked_at__isnull=True)),
            models.CheckConstraint(name="badge_not_by_oneself", condition=~Q(issued_by=models.F("person"))),
        ]


class Pin(models.Model):
    """A person's PIN, hashed with Argon2id."""

    person = models.OneToOneField("platform.User", on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=200)
    set_at = models.DateTimeField()


class PinTry(models.Model):
    """Wrong PINs of a person on a device since the last right one; five lock the PIN there."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("platform.User", on_delete=models.PROTECT, related_name="+")
    failures = models.SmallIntegerField()
    tried_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="pin_try_once", fields=["device", "person"]),
            models.CheckConstraint(name="pin_try_not_negative", condition=Q(failures__gte=0)),
        ]
