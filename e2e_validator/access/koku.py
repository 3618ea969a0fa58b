"""The public API of Koku, as an organisation administrator sees it (docs/contract/koku.md 5.2-5.5)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from e2e_validator.access.http import Answer, Http, Refused
from e2e_validator.access.tokens import tokens_for
from e2e_validator.deployment import Target
from e2e_validator.moments import now

# The first source of an organisation makes Koku clone the tenant's schema: 60 to 183 s were seen
# (docs/contract/koku.md 5.2).
FIRST_SOURCE_SECONDS = 600.0
# A port-forward that is cut takes its connections along; masu's GETs do things, the API's only tell.
_READS_AGAIN = 2
_PAGE = 100
_TAGS = "settings/tags/"
# How far Koku's clock may be behind ours: preflight complains of more.
_CLOCKS = timedelta(seconds=2)
_ALLOWED = re.compile(r"must be from (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)")


@dataclass(frozen=True, slots=True)
class Source:
    """A source that this run made; ``uuid`` is also the provider's (docs/contract/koku.md 2.1)."""

    id: str
    uuid: str
    name: str
    key: str


class KokuApi:
    """Sources and reports."""

    def __init__(self, target: Target) -> None:
        """Authenticate with tokens of the target's client, else with the identity header of its organisation."""
        tokens = tokens_for(target.auth, target.verify) if target.auth else None
        headers = {} if target.auth else {"x-rh-identity": identity(target)}
        name, url = "the Koku API", target.koku_url
        self._http = Http(name, url, headers, verify=target.verify, tokens=tokens, reads_again=_READS_AGAIN)

    def status(self) -> Mapping[str, Any]:
        """The body of ``status/`` (needs no identity); raises Refused when what answers is not Koku."""
        return self._http.request("GET", "status/").mapping()

    def create_source(self, name: str, key: str, body: Mapping[str, Any]) -> Source:
        """Create a source; raises Refused unless Koku answers 201 (200 means it was rolled back, 0.13)."""
        created = self._http.request(
            "POST", "sources/", body=body, expect=(201,), timeout_seconds=FIRST_SOURCE_SECONDS
        ).mapping()
        return Source(str(created["id"]), str(created["uuid"]), name, key)

    def source(self, uuid: str) -> Mapping[str, Any] | None:
        """The source's detail, or None when Koku does not know it."""
        answer = self._http.request("GET", f"sources/{uuid}/", expect=(200, 404))
        return answer.mapping() if answer.status == 200 else None

    def listed(self, name: str, limit: int) -> Mapping[str, Any] | None:
        """The source as the list shows it; a ``limit`` that was not asked for before is answered by no cache."""
        answer = self._http.request("GET", "sources/", params={"name": name, "limit": limit})
        return next((source for source in answer.mapping()["data"] if source["name"] == name), None)

    def sources(self, name: str) -> list[Mapping[str, Any]]:
        """Every source whose name is exactly ``name``."""
        answer = self._http.request("GET", "sources/", params={"name": name, "limit": 100})
        return [source for source in answer.mapping()["data"] if source["name"] == name]

    def delete_source(self, uuid: str) -> None:
        """Delete a source; one that is gone already is fine.

        By its uuid: Koku gives the number of a deleted source to the next one, which may belong to another run.
        """
        self._http.request("DELETE", f"sources/{uuid}/", expect=(204, 404))

    def create_cost_model(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Create a cost model; the whole answer (docs/contract/koku.md 5.5)."""
        created: Mapping[str, Any] = self._http.request("POST", "cost-models/", body=body, expect=(201,)).body
        return created

    def cost_model(self, uuid: str) -> Mapping[str, Any] | None:
        """A cost model, or None when Koku does not know it."""
        answer = self._http.request("GET", f"cost-models/{uuid}/", expect=(200, 404))
        return answer.body if answer.status == 200 else None

    def delete_cost_model(self, uuid: str) -> None:
        """Delete a cost model; one that is gone already is fine."""
        self._http.request("DELETE", f"cost-models/{uuid}/", expect=(204, 404))

    def delete_price_list(self, uuid: str) -> None:
        """Delete a price list, which a deleted cost model leaves behind; one that is gone already is fine."""
        self._http.request("DELETE", f"price-lists/{uuid}/", expect=(204, 404))

    def price_list_exists(self, uuid: str) -> bool:
        """Whether Koku knows the price list."""
        return self._http.request("GET", f"price-lists/{uuid}/", expect=(200, 404)).status == 200

    def move_price_list(self, uuid: str, start: str, end: str) -> Mapping[str, Any]:
        """Give a price list other days (ISO dates, both included); what it is afterwards."""
        body = {"effective_start_date": start, "effective_end_date": end}
        changed: Mapping[str, Any] = self._http.request("PUT", f"price-lists/{uuid}/", body=body).body
        return changed

    def tag_settings(self, source_type: str) -> list[Mapping[str, Any]]:
        """Every tag key of the type that Koku knows: ``key``, ``uuid``, ``enabled`` (docs/contract/koku.md 5.5).

        Not asked with ``filter[source_type]``: Koku allows there only what one of its keys has, and answers 400 to
        a type as long as it knows no key of it at all, which is how every new organisation begins.
        """
        return [entry for entry in self.key_settings(_TAGS) if entry["source_type"] == source_type]

    def switch_tags(self, uuids: Sequence[str], *, enable: bool) -> None:
        """Enable or disable tag keys; raises Refused with 412 where too many would be enabled.

        See docs/contract/koku.md 5.5.
        """
        self.switch_keys(_TAGS, uuids, enable=enable)

    def key_settings(self, path: str) -> list[Mapping[str, Any]]:
        """Every key in a list of the settings: ``key``, ``uuid``, ``enabled`` (docs/contract/clouds.md 11)."""
        found: list[Mapping[str, Any]] = []
        while True:
            params = {"limit": _PAGE, "offset": len(found)}
            page = self._http.request("GET", path, params=params).mapping()
            found += page["data"]
            if not page["data"] or len(found) >= int(page["meta"]["count"]):
                return found

    def switch_keys(self, path: str, uuids: Sequence[str], *, enable: bool) -> None:
        """Enable or disable keys of such a list; raises as ``switch_tags``."""
        body = {"ids": list(uuids)}
        self._http.request("PUT", f"{path}{'enable' if enable else 'disable'}/", body=body, expect=(204,))

    def ask(self, path: str, params: Mapping[str, Any] | Sequence[tuple[str, str]]) -> Answer:
        """Any question that only reads: a path below the API's root and its parameters; numbers come as Decimal.

        Asked once more after a 500 while another request made a cost model.

        For every report Koku reads the cost models, and then which source has which: one that is made between the
        two makes the report of any source a 500 (docs/contract/koku.md 5.5). Any other refusal stands.
        """
        began = now()
        try:
            return self._http.request("GET", path, params=params)
        except Refused as refused:
            if refused.status != HTTPStatus.INTERNAL_SERVER_ERROR or not self._cost_model_made_since(began):
                raise
        return self._http.request("GET", path, params=params)

    def _cost_model_made_since(self, moment: datetime) -> bool:
        newest = {"ordering": "-updated_timestamp", "limit": "1"}
        try:
            found = self._http.request("GET", "cost-models/", params=newest).mapping()["data"]
        except Refused:
            # Then nothing speaks for it, and the report's own refusal is what counts.
            return False
        return any(datetime.fromisoformat(model["created_timestamp"]) >= moment - _CLOCKS for model in found)

    def report_currency(self, report: str) -> str | None:
        """The currency that reports come in; None for an organisation without data (docs/contract/koku.md 5.5).

        ``report`` is the path of the report that is asked.
        """
        currency = self.ask(report, {}).mapping().get("meta", {}).get("currency")
        return str(currency) if currency else None

    def report_days(self, report: str) -> tuple[date, date] | None:
        """First and last day that ``report`` (its path) may be asked for: Koku says so when it refuses 1970.

        See docs/contract/koku.md 5.4.

        They reach back as many months as the organisation's data are kept. None where Koku answers for 1970.

        Raises:
            Refused: it says something else.
        """
        try:
            self.ask(report, {"start_date": "1970-01-01", "end_date": "1970-01-02"})
        except Refused as refusal:
            if allowed := _ALLOWED.search(refusal.body):
                return date.fromisoformat(allowed[1]), date.fromisoformat(allowed[2])
            raise
        return None


def identity(target: Target, username: str = "e2e_validator") -> str:
    """An administrator of the target's organisation, as the header ``x-rh-identity`` says it.

    See docs/contract/koku.md 5.2.
    """
    who = {
        "identity": {
            "account_number": target.account,
            "org_id": target.org_id,
            "type": "User",
            "user": {
                "username": username,
                "email": f"{username}@example.com",
                "is_org_admin": True,
                "access": {},
            },
        },
        "entitlements": {"cost_management": {"is_entitled": True}},
    }
    return base64.b64encode(json.dumps(who).encode()).decode()


__all__ = ["KokuApi", "Refused", "Source"]
