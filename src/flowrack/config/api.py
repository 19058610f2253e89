"""The API's root: one router per stage."""

from __future__ import annotations

from flowrack.config.stages import edges
from flowrack.platform.apiroot import FlowrackApi

api = FlowrackApi(
    title="Flowrack",
    version="1",
    description="Everything a page can do. Writes need `Idempotency-Key`; errors are RFC 9457 problem documents.",
    urls_namespace="api",
)
for _stage, _module in edges("api"):
    api.add_router("", _module.router)
api.close_gates()
