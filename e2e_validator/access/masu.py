"""Masu, Koku's internal API (docs/contract/koku.md 3.2, 5.1); it knows no authentication."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from e2e_validator.access.http import Http
from e2e_validator.deployment import Target

# A port-forward that is cut takes its connections along.
_READS_AGAIN = 2


class Masu:
    """Announce payloads, look at the queues, enable tag keys."""

    def __init__(self, target: Target) -> None:
        """Talk to the target's masu."""
        self._http = Http("masu", target.masu_url)
        # Most of masu's GETs do things; those that only tell may be asked again.
        self._telling = Http("masu", target.masu_url, reads_again=_READS_AGAIN)
        self._url = target.masu_url
        self._org_id = target.org_id
        self._schema = target.schema_name

    def alive(self) -> bool:
        """Whether masu says it lives."""
        body = self._telling.request("GET", "status/", params={"liveness": "true"}).body
        return isinstance(body, dict) and body.get("alive") is True

    def status(self) -> Mapping[str, Any]:
        """The whole of ``status/``: Koku's clock and its retention; raises Refused with 500 when it has no Redis."""
        return self._telling.request("GET", "status/").mapping()

    def offers(self, path: str) -> bool:
        """Whether an endpoint is there: asked for nothing, it says that something is missing."""
        return self._telling.request("GET", path, expect=(400, 404)).status == 400

    def announce(self, path: str, object_key: str) -> Mapping[str, Any]:
        """Announce an object of the ingress bucket at the endpoint of its source type, as the Kafka message would.

        The 202 it answers says nothing of the payload's validity (docs/contract/koku.md 3.2).
        """
        params = {"org_id": self._org_id, "payload_name": object_key}
        return self._http.request("GET", path, params=params, expect=(202,)).mapping()

    def poll(self, path: str, provider_uuid: str, month: str) -> str:
        """Have Koku look for a new payload of the month (``YYYY-MM``) at the source; the id of the task.

        The answer says nothing of what it finds (docs/contract/clouds.md 3). Without a provider it would look at all.
        """
        params = {"provider_uuid": provider_uuid, "bill_date": f"{month}-01"}
        return str(self._http.request("GET", path, params=params).mapping()["Download Request Task ID"])

    def can_enable_tags(self) -> bool:
        """Whether ``enabled_tags/`` is there."""
        return self.offers("enabled_tags/")

    def switch_command(self, source_type: str, action: str, key: str) -> str:
        """What a user types to enable (``create``) or disable (``delete``) a tag key."""
        body = json.dumps(self._tags(source_type, action, [key]))
        return f"curl -X POST '{self._url}enabled_tags/' -H 'content-type: application/json' -d '{body}'"

    def enabled_tags(self, source_type: str) -> list[str]:
        """The tag keys of the source type that are enabled for the organisation."""
        params = {"schema": self._schema, "provider_type": source_type.lower()}
        return list(self._telling.request("GET", "enabled_tags/", params=params).body["tag_keys"])

    def change_tags(self, source_type: str, action: str, keys: Sequence[str]) -> None:
        """Enable (``create``) or disable (``delete``) tag keys of the source type for the organisation."""
        self._http.request("POST", "enabled_tags/", body=self._tags(source_type, action, keys))

    def _tags(self, source_type: str, action: str, keys: Sequence[str]) -> dict[str, Any]:
        kind = source_type.lower()
        return {"schema": self._schema, "provider_type": kind, "action": action, "tag_keys": list(keys)}

    def queued_for(self, *names: str) -> tuple[str, ...]:
        """Tasks that wait in a queue and name one of ``names`` (a provider's uuid), as ``queue: task``."""
        body = self._telling.request("GET", "celery_queue_tasks/").mapping()
        return tuple(
            f"{queue}: {task.get('name')}"
            for queue, tasks in sorted(body["queued_tasks"].items())
            for task in tasks
            if any(name in json.dumps(task, default=str) for name in names)
        )

    def busy(self) -> bool:
        """Whether a worker runs a task, of whomever (docs/contract/koku.md 5.1)."""
        return bool(self._telling.request("GET", "running_celery_tasks/").mapping()["active_tasks"])

    def summarise(self, provider_uuid: str, first_day: date, last_day: date) -> None:
        """Have the daily summary of these days, and after it the costs, made anew; no manifest is completed by it."""
        params = {
            "schema": self._schema,
            "provider_uuid": provider_uuid,
            "start_date": first_day.isoformat(),
            "end_date": last_day.isoformat(),
        }
        self._http.request("GET", "report_data/", params=params)

    def apply_costs(self, provider_uuid: str, first_day: date, last_day: date) -> bool:
        """Have the costs of these days made anew; False where masu does not offer that (docs/contract/koku.md 5.1)."""
        params = {
            "schema": self._schema,
            "provider_uuid": provider_uuid,
            "start_date": first_day.isoformat(),
            "end_date": last_day.isoformat(),
        }
        return self._http.request("GET", "update_cost_model_costs/", params=params, expect=(200, 404)).status == 200

    def forget_views(self) -> bool:
        """Drop the cached pages of the organisation's reports; False where masu does not offer that (5.1, 5.6)."""
        body = [{"schema_name": self._schema, "cache_name": "api"}]
        return self._http.request("POST", "invalidate_cache/", body=body, expect=(200, 404)).status == 200

    def queue_lengths(self) -> dict[str, int]:
        """Tasks waiting per queue."""
        body = self._telling.request("GET", "celery_queue_lengths/").mapping()
        return {str(name): int(length) for name, length in body.items()}
