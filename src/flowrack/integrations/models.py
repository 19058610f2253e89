"""Tables of integrations: how far each replay has come, so that a killed one goes on where it stopped."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class ReplayRun(models.Model):
    """One replay of one file with one seed, and the last step that it finished."""

    code = models.CharField(max_length=40, unique=True, help_text="fingerprint of file, seed and settings")
    settings = models.TextField(help_text="the settings in words, for people")
    day = models.DateField(null=True, help_text="day of the last finished step; empty before the first")
    step = models.CharField(max_length=40, default="", db_default="")
    started_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
