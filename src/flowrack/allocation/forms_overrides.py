"""The forms of overrides: give units by hand, take them back, end an override, review one."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class GiveForm(forms.Form):
    """Units for one line, from where, until when and why."""

    units = forms.IntegerField(label="Units", min_value=1)
    from_line_id = forms.TypedChoiceField(label="From", coerce=int)
    until_on = forms.DateField(
        label="Stands until the end of",
        widget=DAY,
        help_text="What no picker has by then goes back, and the rules decide.",
    )
    reason = forms.CharField(
        label="Why the rules should not decide here", max_length=200, help_text="Somebody else reviews it."
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)  # whose promise breaks, as it was shown

    def __init__(self, *args: object, sources: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        source = self.fields["from_line_id"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = [("0", "free stock"), *sources]


class TakeBackForm(forms.Form):
    """Why promises are taken back, and whether the order is left out for a while."""

    reason = forms.CharField(label="Why they are taken back", max_length=200, help_text="Somebody else reviews it.")
    until_on = forms.DateField(
        label="Not reserved again before the end of",
        widget=DAY,
        required=False,
        help_text="Empty: the rules decide at once, and may reserve them for this order again.",
    )


class EndForm(forms.Form):
    """Why an override ends before its day."""

    reason = forms.CharField(label="Why it ends", max_length=200)


class ObjectForm(forms.Form):
    """Why a decision was not right."""

    note = forms.CharField(label="What was wrong with it", max_length=300)
