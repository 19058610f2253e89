"""Forms of the platform's pages."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from flowrack.platform.passwords import SHORTEST
from flowrack.platform.roles import ROLES
from flowrack.platform.types import ChangePassword, CreateToken, CreateUser, GrantRole, HeldRole

ROLE_CHOICES = [(code, name) for code, name in ROLES.items() if code != "system"]
EVERY_SITE = (0, "Every site")

Sites = Iterable[tuple[int, str]]


class SignInForm(forms.Form):
    """User name and password."""

    username = forms.CharField(max_length=80)
    password = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)


class UserForm(forms.Form):
    """A new person with a first role."""

    username = forms.CharField(label="User name", max_length=80)
    full_name = forms.CharField(label="Full name", max_length=160)
    email = forms.EmailField(label="Email", required=False)
    password = forms.CharField(
        label="First password",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput,
        help_text=f"At least {SHORTEST} characters. The person changes it after signing in.",
    )
    role = forms.ChoiceField(label="Role", choices=[("", "none yet"), *ROLE_CHOICES], required=False)
    site_id = forms.TypedChoiceField(label="Site", coerce=int, choices=[EVERY_SITE])

    def __init__(self, *args: object, sites: Sites, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["site_id"].choices = [EVERY_SITE, *sites]  # type: ignore[attr-defined]

    def to_request(self) -> CreateUser:
        """The command's request."""
        data = self.cleaned_data
        roles = [HeldRole(data["role"], data["site_id"])] if data["role"] else []
        return CreateUser(data["username"], data["full_name"], data["password"], data["email"], roles)


class RoleForm(forms.Form):
    """A role to give."""

    role = forms.ChoiceField(label="Role", choices=ROLE_CHOICES)
    site_id = forms.TypedChoiceField(label="Site", coerce=int, choices=[EVERY_SITE])

    def __init__(self, *args: object, sites: Sites, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["site_id"].choices = [EVERY_SITE, *sites]  # type: ignore[attr-defined]

    def to_request(self, user_id: int) -> GrantRole:
        """The command's request."""
        return GrantRole(user_id, self.cleaned_data["role"], self.cleaned_data["site_id"])


class PasswordForm(forms.Form):
    """One's own password."""

    old = forms.CharField(label="Old password", max_length=256, strip=False, widget=forms.PasswordInput)
    new = forms.CharField(
        label="New password",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput,
        help_text=f"At least {SHORTEST} characters; four or five unrelated words are a good one.",
    )

    def to_request(self) -> ChangePassword:
        """The command's request."""
        return ChangePassword(self.cleaned_data["old"], self.cleaned_data["new"])


class TokenForm(forms.Form):
    """A new API token of a person."""

    name = forms.CharField(label="What is it for?", max_length=80)
    scopes = forms.MultipleChoiceField(
        label="Scopes", required=False, help_text="Nothing chosen: all that its owner may do."
    )
    days = forms.IntegerField(label="Days until it expires", min_value=1, max_value=365, initial=90)

    def __init__(self, *args: object, scopes: Iterable[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["scopes"].choices = [(scope, scope) for scope in scopes]  # type: ignore[attr-defined]

    def to_request(self, user_id: int) -> CreateToken:
        """The command's request."""
        data = self.cleaned_data
        return CreateToken(user_id, data["name"], scopes=data["scopes"], days=data["days"])
