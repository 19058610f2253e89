"""Tables of the platform: people and roles, the command record, outbox, decisions, jobs and seals."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flowrack.platform.fields import named


class UserManager(BaseUserManager["User"]):
    """Finds people by their sign-in name."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person, or a living person's robot (integration client), who signs in."""

    username = models.CharField(max_length=80, unique=True)
    full_name = models.CharField(max_length=160)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "username"
    objects = UserManager()

    def __str__(self) -> str:
        return self.full_name or self.username


class Role(models.Model):
    """A named bundle of permissions, as in the separation-of-duties table."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    permissions = ArrayField(models.CharField(max_length=80), default=list)

    def __str__(self) -> str:
        return self.name


class UserRole(models.Model):
    """A role that a person holds, at one site or (site 0) at all of them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="held_roles")
    role = models.ForeignKey(Role, on_delete=models.PROTECT)
    site_id = models.BigIntegerField(default=0, help_text="0 = every site")
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(name="user_role_once", fields=["user", "role", "site_id"]),
            models.CheckConstraint(
                name="user_role_not_self_granted", condition=Q(granted_by=None) | ~Q(granted_by=models.F("user"))
            ),
        ]


class LoginAttempt(models.Model):
    """A failed sign-in; the lock-out counts these by name and by address."""

    username = models.CharField(max_length=80)
    address = models.GenericIPAddressField(null=True)
    attempted_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["username", "attempted_at"]), models.Index(fields=["address", "attempted_at"])]


class ApiToken(models.Model):
    """A hashed API token; the plain text is shown once and never stored."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    public_id = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32)
    scopes = ArrayField(
        models.CharField(max_length=80), default=list, help_text="permissions; empty = all the owner has"
    )
    site_ids = ArrayField(models.BigIntegerField(), default=list, help_text="empty = all the owner has")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)


class RightsVersion(models.Model):
    """One row that counts every change of anybody's rights (roles, tokens, disabled people); triggers write it.

    What a web process remembers of a caller is good for one version.
    """

    version = models.BigIntegerField()

    class Meta:
        constraints = [models.CheckConstraint(name="rights_version_one_row", condition=models.Q(id=1))]


class CommandRecord(models.Model):
    """One accepted command: the idempotency key, what was asked, what came of it. It is the audit trail."""

    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=255)
    command = models.CharField(max_length=80)
    subject = models.CharField(max_length=80, default="", help_text="what it is about, e.g. purchasing.po:17")
    device = models.CharField(max_length=80, default="")
    address = models.GenericIPAddressField(null=True)
    fingerprint = models.BinaryField(max_length=32)
    request = models.JSONField()
    result = models.JSONField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))

    class Meta:
        constraints = [models.UniqueConstraint(name="command_record_once_per_key", fields=["actor", "key"])]
        indexes = [
            models.Index(fields=["subject", "id"]),
            models.Index(fields=["command", "id"]),
            models.Index(fields=["recorded_at"]),
        ]


class CommandSubject(models.Model):
    """One of several documents that a command was about: so that the timeline of each shows it. Append-only."""

    command = named(CommandRecord)
    subject = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="command_subject_once", fields=["subject", "command"]),
            models.CheckConstraint(name="command_subject_not_empty", condition=~models.Q(subject="")),
        ]


class Refusal(models.Model):
    """A command that was refused; written outside its transaction, so that the rollback cannot erase it."""

    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    command = models.CharField(max_length=80)
    code = models.CharField(max_length=60)
    message = models.TextField()
    device = models.CharField(max_length=80, default="")
    address = models.GenericIPAddressField(null=True)
    recorded_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))

    class Meta:
        indexes = [models.Index(fields=["recorded_at"])]


class OutboxEvent(models.Model):
    """A fact for later stages, written in the command's transaction and delivered at least once."""

    command = models.ForeignKey(CommandRecord, on_delete=models.PROTECT, related_name="events", db_constraint=False)
    kind = models.CharField(max_length=80)
    body = models.JSONField()
    occurred_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    next_try_at = models.DateTimeField(db_default=Now())
    leased_until = models.DateTimeField(null=True)
    last_error = models.TextField(db_default="")
    parked_reason = models.TextField(default="")

    class Meta:
        indexes = [
            models.Index(name="outbox_open", fields=["id"], condition=Q(done_at=None, parked_reason="")),
            models.Index(name="outbox_parked", fields=["id"], condition=Q(done_at=None) & ~Q(parked_reason="")),
        ]


class Decision(models.Model):
    """Why the system chose what it chose: one row per automated decision, replayable to the same result."""

    kind = models.CharField(max_length=40, help_text="allocation, putaway, promise, ...")
    subject = models.CharField(max_length=80, help_text="what was decided about, e.g. sales.line:991")
    sentence = models.TextField(help_text="the answer to Why? in one sentence")
    rule = models.CharField(max_length=80, help_text="rule name and version")
    detail = models.JSONField(help_text="inputs, chosen, rejected with reasons, what would change it")
    command_id = models.BigIntegerField(help_text="the command record that decided")
    decided_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["subject", "id"])]


class Seal(models.Model):
    """A hash over a block of postings or audit rows and over the previous seal."""

    chain = models.CharField(max_length=20)
    block = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    rows = models.IntegerField()
    digest = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField(db_default=models.Func(function="clock_timestamp"))

    class Meta:
        constraints = [models.UniqueConstraint(name="seal_one_per_block", fields=["chain", "block"])]


class Job(models.Model):
    """Long work that a person started: progress, log and result."""

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=160)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    arguments = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12,
        default="queued",
        choices=[(s, s) for s in ("queued", "running", "done", "failed", "cancelled")],
    )
    done_count = models.BigIntegerField(default=0)
    total_count = models.BigIntegerField(null=True)
    message = models.TextField(default="")
    log = models.TextField(default="")
    result = models.JSONField(null=True)
    cancel_asked = models.BooleanField(default=False)
    attempts = models.SmallIntegerField(db_default=0)
    queued_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "-id"]),
            models.Index(name="job_open", fields=["id"], condition=Q(state__in=["queued", "running"])),
        ]


class WorkerBeat(models.Model):
    """A background worker that was alive a moment ago."""

    host = models.CharField(max_length=80)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(name="worker_beat_once", fields=["host", "pid"])]


class SavedView(models.Model):
    """A named set of filters, sort and columns of one list, kept as the URL's query string."""

    page = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    query = models.TextField()
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    is_shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="saved_view_name_once", fields=["page", "name", "owner"])]


class ImportFile(models.Model):
    """A file that was uploaded to be imported, kept by its digest."""

    digest = models.CharField(max_length=64, unique=True)
    filename = models.CharField(max_length=200)
    content = models.BinaryField()
    stored_at = models.DateTimeField(db_default=Now())
