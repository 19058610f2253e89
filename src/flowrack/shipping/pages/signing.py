"""Signatures: drawn on a phone, or a photo of a signed paper; and the page on which a driver signs for a truck."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform import photos
from flowrack.platform.photos import PhotoRefused
from flowrack.platform.photos import save as keep_photo
from flowrack.platform.web.access import page
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError
from flowrack.shipping import commands
from flowrack.shipping.forms import SignForm
from flowrack.shipping.pages.loads import seen
from flowrack.shipping.types_loads import SignLoad

DRAWN = "data:image/png;base64,"


def signature_of(request: HttpRequest) -> str:
    """The digest of what was drawn, or of the photo of a signed paper; empty when there is neither.

    Refuses with PhotoRefused what is no picture.
    """
    drawn = request.POST.get("signature", "")
    if drawn.startswith(DRAWN):
        try:
            return keep_photo(base64.b64decode(drawn[len(DRAWN) :], validate=True)).digest
        except binascii.Error:
            raise PhotoRefused("The signature did not arrive whole.", fix="Sign again.") from None
    sent = request.FILES.get("paper")
    return photos.save_upload(sent).digest if sent is not None else ""


@page("shipping.load")
def sign(request: HttpRequest, load_id: int) -> HttpResponse:
    """The driver signs for what is on the truck."""
    row = seen(request, load_id)
    form = SignForm(request.POST or None, request.FILES or None, initial={"signed_by": row.driver})
    home = reverse("shipping_load", args=[load_id])
    is_floor = request.GET.get("from") == "scan"
    if is_floor:  # back to the seal, with the reason that was given for what stays behind
        kept = {"load": row.number, "closing": "seal", "behind": request.GET.get("behind", "")[:20]}
        home = f"{reverse('scan_load')}?{urlencode({name: value for name, value in kept.items() if value})}"

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Sign for {row.number}", verb="Sign", refusal=refusal,
            template="shipping/sign_floor.html" if is_floor else "shipping/sign.html",
            back=(row.number, home), sub=f"{row.plates} are on the truck at door {row.door}.",
            sign_label="Driver's signature",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    try:
        digest = signature_of(request)
    except PhotoRefused as refusal:
        return drawn(refusal)
    if not digest:
        return drawn(PhotoRefused("Nobody has signed.", fix="Sign in the box, or send a photo of the signed paper."))
    return perform(
        request, commands.sign_load, SignLoad(load_id, form.cleaned_data["signed_by"], digest),
        to=home, toast="" if is_floor else "Signed", again=drawn,
    )  # fmt: skip


urlpatterns = [path("loads/<int:load_id>/sign", sign, name="shipping_load_sign")]
