"""The API's root: one router per stage."""

from __future__ import annotations

from ninja import NinjaAPI

from flowrack.config.stages import edges

api = NinjaAPI(title="Flowrack", version="1")
for _stage, _module in edges("api"):
    api.add_router("", _module.router)
