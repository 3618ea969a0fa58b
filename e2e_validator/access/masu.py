"""Masu, Koku's internal API (koku contract 3.2, 5.1); it knows no authentication."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from e2e_validator.access.http import Http
from e2e_validator.target import Target


class Masu:
    """Announce payloads and look at the queues."""

    def __init__(self, target: Target) -> None:
        """Talk to the target's masu."""
        self._http = Http("masu", target.masu_url)
        self._org_id = target.org_id

    def alive(self) -> bool:
        """Whether masu says it lives."""
        body = self._http.request("GET", "status/", params={"liveness": "true"}).body
        return isinstance(body, dict) and body.get("alive") is True

    def can_ingest(self) -> bool:
        """Whether ``ingest_ocp_payload/`` is there: asked for nothing, it says that something is missing."""
        return self._http.request("GET", "ingest_ocp_payload/", expect=(400, 404)).status == 400

    def ingest(self, object_key: str) -> Mapping[str, Any]:
        """Announce an object of the ingress bucket, as the Kafka message would.

        The 202 it answers says nothing of the payload's validity (koku contract 3.2).
        """
        params = {"org_id": self._org_id, "payload_name": object_key}
        return self._http.request("GET", "ingest_ocp_payload/", params=params, expect=(202,)).mapping()

    def queue_lengths(self) -> dict[str, int]:
        """Tasks waiting per queue."""
        body = self._http.request("GET", "celery_queue_lengths/").mapping()
        return {str(name): int(length) for name, length in body.items()}
