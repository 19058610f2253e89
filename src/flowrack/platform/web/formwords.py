"""What forms say of a field that is missing or wrong: our words in place of Django's, for every form at once.

Beside a field stands "Missing: type a whole number."; the summary on top says whose: "Quantity is missing: type a whole
number." (`summary`). A field whose form knows better words gives them as `error_messages`.
"""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.core import validators

MISSING = "Missing: "
NOT_A_NUMBER = "This is not a number. Type it with a point, for example 12.50."
NOT_WHOLE = "This is not a whole number. Type digits only, for example 12."
NO_DAY = "This is no day of the calendar. Write it as 2026-12-31."
NO_TIME = "This is no time of the day. Write it as 15:30."
NO_CHOICE = "“%(value)s” is not one of the choices. Choose one of them."
NOT_AS_ASKED = "This is not written as it must be. Check it for blanks and signs that do not belong there."

FIELDS: Mapping[type[forms.Field], Mapping[str, str]] = {
    forms.Field: {"required": f"{MISSING}fill it in."},
    forms.CharField: {"required": f"{MISSING}type it in."},
    forms.IntegerField: {"required": f"{MISSING}type a whole number.", "invalid": NOT_WHOLE},
    forms.DecimalField: {"required": f"{MISSING}type a number.", "invalid": NOT_A_NUMBER},
    forms.DateField: {"required": f"{MISSING}choose a day.", "invalid": NO_DAY},
    forms.TimeField: {"required": f"{MISSING}type a time.", "invalid": NO_TIME},
    forms.DateTimeField: {
        "required": f"{MISSING}type a day and a time.",
        "invalid": "This is no day and time. Write it as 2026-12-31 15:30.",
    },
    forms.RegexField: {"invalid": NOT_AS_ASKED},
    forms.BooleanField: {"required": f"{MISSING}tick it to go on."},
    forms.ChoiceField: {"required": f"{MISSING}choose one.", "invalid_choice": NO_CHOICE},
    forms.MultipleChoiceField: {
        "required": f"{MISSING}choose at least one.",
        "invalid_choice": NO_CHOICE,
        "invalid_list": "This is not a list of choices. Choose from those that are shown.",
    },
    forms.FileField: {
        "required": f"{MISSING}choose a file.",
        "invalid": "No file came along. Choose it again.",
        "missing": "No file came along. Choose it again.",
        "empty": "The file is empty. Choose another.",
        "max_length": "The name of the file has %(length)d characters, and %(max)d are the most. Shorten it.",
        "contradiction": "A file was chosen, and none was asked for. Do one of them.",
    },
}
VALIDATORS: Mapping[type[object], str] = {
    validators.MinValueValidator: "%(show_value)s is too little. Use %(limit_value)s or more.",
    validators.MaxValueValidator: "%(show_value)s is too much. Use %(limit_value)s or less.",
    validators.MinLengthValidator: "%(show_value)d characters are too few. Use %(limit_value)d or more.",
    validators.MaxLengthValidator: "%(show_value)d characters are too many. Use %(limit_value)d or fewer.",
    validators.RegexValidator: NOT_AS_ASKED,
    validators.EmailValidator: "This is no e-mail address. Write it as name@example.com.",
    validators.ProhibitNullCharactersValidator: "This has a sign that cannot be stored. Type it again.",
}
DECIMALS = {
    "invalid": NOT_A_NUMBER,
    "max_digits": "This number is too long. Use at most %(max)s digits.",
    "max_decimal_places": "This has too many decimal places. Use at most %(max)s.",
    "max_whole_digits": "This number is too large. Use at most %(max)s digits before the point.",
}


def use() -> None:
    """Let all forms speak so; called once when the program starts."""
    for field, words in FIELDS.items():
        field.default_error_messages = {**vars(field).get("default_error_messages", {}), **words}
    for validator, said in VALIDATORS.items():
        validator.message = said  # type: ignore[attr-defined]
    validators.DecimalValidator.messages = {**validators.DecimalValidator.messages, **DECIMALS}


def summary(label: str, error: str) -> str:
    """What the summary on top of a form says of one of its fields."""
    if error.startswith(MISSING):
        return f"{label} is missing: {error.removeprefix(MISSING)}"
    return f"{label}: {error}"
