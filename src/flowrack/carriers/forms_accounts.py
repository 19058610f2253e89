"""Forms of carriers' own systems: an account, and the hosts that accounts may name."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms

from flowrack.carriers.rules_accounts import NUMBERS
from flowrack.carriers.types_live import AccountOf, AllowedHost
from flowrack.platform.web.grid import GridColumn
from flowrack.shared.errors import BadLine

HOST_COLUMNS = [
    GridColumn("host", "Host", placeholder="rates.example.com"),
    GridColumn("port", "Port", kind="number", placeholder="443"),
    GridColumn("is_inside", "In our own network", placeholder="no"),
]


def _number(label: str, name: str, words: str) -> forms.IntegerField:
    least, most = NUMBERS[name]
    initial = getattr(AccountOf("", "", ""), name)
    return forms.IntegerField(label=label, min_value=least, max_value=most, initial=initial, help_text=words)


class AccountForm(forms.Form):
    """How a carrier's own system is reached."""

    carrier = forms.CharField(max_length=40, help_text="Code of the carrier.")
    address = forms.CharField(max_length=300, help_text="https://rates.example.com/v1; its host must be allowed.")
    secret_env = forms.CharField(
        label="Variable with the secret", max_length=60,
        help_text="The name of an environment variable, FLOWRACK_CARRIER_...; the secret itself is entered nowhere.",
    )  # fmt: skip
    ca_env = forms.CharField(
        label="Variable with its authority", max_length=60, required=False,
        help_text="Only where its certificate is of an authority of your own: an environment variable, "
        "FLOWRACK_CARRIER_..., with the path of that authority's PEM file. No other authority counts then.",
    )  # fmt: skip
    account_no = forms.CharField(label="Our account with the carrier", max_length=40, required=False)
    currency = forms.CharField(max_length=3, initial="GBP", help_text="In which he answers; that of the house.")
    timeout_ms = _number("Waits for an answer, ms", "timeout_ms", "For each try.")
    tries = _number("Tries", "tries", "When he does not answer; a refusal is final.")
    break_after = _number("Left alone after failures", "break_after", "In a row. The rate card prices meanwhile.")
    break_seconds = _number("Left alone for, s", "break_seconds", "Then one call tries again.")
    answer_minutes = _number("An answer counts for, minutes", "answer_minutes", "For the same goods, place and day.")

    def account(self) -> AccountOf:
        """The account as it was filled in."""
        said = {**self.cleaned_data}
        said.pop("carrier")
        return AccountOf(**{**said, "currency": said["currency"].upper(), "address": said["address"].strip()})


def hosts_of(rows: Sequence[dict[str, str]], bad: list[BadLine]) -> list[AllowedHost]:
    """The allowed hosts as the grid says them."""
    found = []
    for n, row in enumerate(rows, 1):
        port = row.get("port", "").strip() or "443"
        if not (port.isascii() and port.isdigit() and len(port) < 6):
            bad.append(BadLine(n, "port", f"“{port[:20]}” is no port.", "Write digits only."))
            port = "443"
        inside = row.get("is_inside", "").strip().lower() in ("yes", "y", "true", "1", "x")
        found.append(AllowedHost(row.get("host", "").strip().lower(), int(port), inside))
    return found
