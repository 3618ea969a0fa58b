"""The clients of Koku's two APIs: what they send, and what they do not take for success."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from loopback import Asked, Loopback, Reply, loopback

from e2e_validator.access.http import Refused, Unreachable
from e2e_validator.access.koku import KokuApi, Source
from e2e_validator.access.masu import Masu
from e2e_validator.deployment import Target
from e2e_validator.providers.ocp.provider import PROVIDER

CREATED = b'{"id": 7, "uuid": "aaaa", "name": "n"}'

COSTS = "reports/openshift/costs/"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as there:
        yield there


def target(server: Loopback) -> Target:
    url = f"{server.url}/api/cost-management/v1/"
    more = {"s3_url": "http://127.0.0.1:1", "s3_access_key": "a", "s3_secret_key": "s", "dsn": "host=h"}
    return Target.load({"koku_url": url, "masu_url": url, **more, "org_id": "7654321", "account": "42"})


def query(server: Loopback) -> dict[str, list[str]]:
    return parse_qs(urlsplit(server.asked[-1].path).query)


def test_every_request_is_of_the_organisations_administrator(server: Loopback) -> None:
    KokuApi(target(server)).status()
    identity = json.loads(base64.b64decode(server.asked[0].headers["x-rh-identity"]))
    assert (identity["identity"]["org_id"], identity["identity"]["account_number"]) == ("7654321", "42")
    assert identity["identity"]["type"] == "User"
    assert identity["identity"]["user"]["is_org_admin"] is True
    assert identity["entitlements"] == {"cost_management": {"is_entitled": True}}
    assert server.asked[0].path == "/api/cost-management/v1/status/"


def test_a_page_that_answers_200_is_not_koku(server: Loopback) -> None:
    server.reply = Reply(body=b"<html>Log in</html>", content_type="text/html")
    with pytest.raises(Refused):
        KokuApi(target(server)).status()


@pytest.mark.parametrize(
    ("made", "again"),
    [(timedelta(0), True), (timedelta(minutes=-1), False), (None, False)],
)
def test_a_500_is_asked_again_if_a_cost_model_was_made_meanwhile(
    server: Loopback, made: timedelta | None, again: bool
) -> None:
    models = [] if made is None else [{"created_timestamp": (datetime.now(UTC) + made).isoformat()}]
    failed = [Reply(500, b"{}")]

    def answer(asked: Asked) -> Reply:
        if "/cost-models/" in asked.path:
            return Reply(body=json.dumps({"data": models}).encode())
        return failed.pop() if failed else Reply(body=b'{"meta": {"count": 7}}')

    server.answers = answer
    if again:
        assert KokuApi(target(server)).ask(COSTS, {}).mapping() == {"meta": {"count": 7}}
    else:
        with pytest.raises(Refused, match="500"):
            KokuApi(target(server)).ask(COSTS, {})


def test_a_500_that_stays_is_told(server: Loopback) -> None:
    models = json.dumps({"data": [{"created_timestamp": datetime.now(UTC).isoformat()}]}).encode()
    server.answers = lambda asked: Reply(body=models) if "/cost-models/" in asked.path else Reply(500, b"{}")
    with pytest.raises(Refused, match="500"):
        KokuApi(target(server)).ask(COSTS, [])
    assert len([one for one in server.asked if "/reports/" in one.path]) == 2


def test_a_500_without_a_list_of_cost_models_is_told(server: Loopback) -> None:
    server.reply = Reply(500, b"{}")
    with pytest.raises(Refused, match="reports/openshift/costs/"):
        KokuApi(target(server)).ask(COSTS, [])


def test_a_created_source_is_an_ocp_source_with_its_cluster(server: Loopback) -> None:
    server.reply = Reply(201, CREATED)
    assert KokuApi(target(server)).create_source("n", "cluster-1", PROVIDER.source_body("n", "cluster-1")) == Source(
        "7", "aaaa", "n", "cluster-1"
    )
    body = json.loads(server.asked[0].body)
    assert (server.asked[0].method, body["name"], body["source_type"]) == ("POST", "n", "OCP")
    assert body["authentication"] == {"credentials": {"cluster_id": "cluster-1"}}


@pytest.mark.parametrize("reply", [Reply(200, b"[]"), Reply(200, CREATED), Reply(400, b'{"errors": []}')])
def test_only_201_is_a_created_source_as_200_was_rolled_back(server: Loopback, reply: Reply) -> None:
    server.reply = reply
    with pytest.raises(Refused) as failure:
        KokuApi(target(server)).create_source("n", "cluster-1", PROVIDER.source_body("n", "cluster-1"))
    assert failure.value.status == reply.status


def test_a_source_that_koku_does_not_know_is_none(server: Loopback) -> None:
    server.reply = Reply(404)
    assert KokuApi(target(server)).source("aaaa") is None
    server.reply = Reply(200, b'{"provider_linked": true}')
    assert KokuApi(target(server)).source("aaaa") == {"provider_linked": True}
    server.reply = Reply(500)
    with pytest.raises(Refused):
        KokuApi(target(server)).source("aaaa")


def test_sources_are_those_of_exactly_that_name(server: Loopback) -> None:
    server.reply = Reply(body=b'{"data": [{"id": 1, "name": "e2e-x"}, {"id": 2, "name": "e2e-x-longer"}]}')
    assert [source["id"] for source in KokuApi(target(server)).sources("e2e-x")] == [Decimal(1)]
    assert query(server)["name"] == ["e2e-x"]


@pytest.mark.parametrize(("status", "fine"), [(204, True), (404, True), (200, False), (403, False), (503, False)])
def test_a_source_is_gone_when_koku_says_so(server: Loopback, status: int, fine: bool) -> None:
    server.reply = Reply(status, b"" if status == 204 else b"{}")
    if fine:
        KokuApi(target(server)).delete_source("aaaa")
    else:
        with pytest.raises((Refused, Unreachable)):
            KokuApi(target(server)).delete_source("aaaa")
    assert (server.asked[0].method, server.asked[0].path) == ("DELETE", "/api/cost-management/v1/sources/aaaa/")


def test_a_report_is_asked_for_with_its_filters(server: Loopback) -> None:
    server.reply = Reply(body=b'{"meta": {"total": {"usage": {"value": 1.25}}}}')
    answer = KokuApi(target(server)).ask(
        "reports/openshift/compute/", {"filter[cluster]": "c-1", "group_by[project]": "*"}
    )
    assert answer.body["meta"]["total"]["usage"]["value"] == Decimal("1.25")
    assert query(server) == {"filter[cluster]": ["c-1"], "group_by[project]": ["*"]}
    assert urlsplit(server.asked[0].path).path.endswith("/v1/reports/openshift/compute/")


def test_masu_lives_only_when_it_says_so(server: Loopback) -> None:
    for body, alive in ((b'{"alive": true}', True), (b'{"alive": "true"}', False), (b"{}", False), (b"[true]", False)):
        server.reply = Reply(body=body)
        assert Masu(target(server)).alive() is alive
    assert "x-rh-identity" not in server.asked[0].headers


def test_an_announcement_names_the_organisation_and_the_object(server: Loopback) -> None:
    server.reply = Reply(202, b'{"ingest-started": true, "request-id": "r"}')
    assert Masu(target(server)).announce("ingest_ocp_payload/", "c/payload-1.tar.gz")["request-id"] == "r"
    assert query(server) == {"org_id": ["7654321"], "payload_name": ["c/payload-1.tar.gz"]}
    assert urlsplit(server.asked[0].path).path.endswith("/ingest_ocp_payload/")


@pytest.mark.parametrize("reply", [Reply(200), Reply(400, b'{"error": "no payload sent"}'), Reply(202, b"[]")])
def test_an_announcement_that_is_not_202_is_refused(server: Loopback, reply: Reply) -> None:
    server.reply = reply
    with pytest.raises(Refused):
        Masu(target(server)).announce("ingest_ocp_payload/", "x")


def test_queue_lengths_are_whole_numbers(server: Loopback) -> None:
    server.reply = Reply(body=b'{"ocp": 1, "summary": 0}')
    assert Masu(target(server)).queue_lengths() == {"ocp": 1, "summary": 0}


def test_tag_keys_are_read_by_page_and_switched_by_uuid(server: Loopback) -> None:
    ours = {"key": "app", "uuid": "u", "enabled": False, "source_type": "OCP"}
    other = {"key": "team", "uuid": "v", "enabled": True, "source_type": "AWS"}
    server.reply = Reply(body=json.dumps({"meta": {"count": 2}, "data": [other, ours]}).encode())
    assert KokuApi(target(server)).tag_settings("OCP") == [ours]
    # Koku refuses a source type that no key has yet, so it is not asked for one.
    assert query(server) == {"limit": ["100"], "offset": ["0"]}
    server.reply = Reply(204, b"")
    KokuApi(target(server)).switch_tags(["u"], enable=True)
    assert (server.asked[-1].method, server.asked[-1].path.rpartition("v1/")[2]) == ("PUT", "settings/tags/enable/")
    assert json.loads(server.asked[-1].body) == {"ids": ["u"]}
    server.reply = Reply(412, b'{"error": "The maximum number of enabled tags is 200."}')
    with pytest.raises(Refused) as refused:
        KokuApi(target(server)).switch_tags(["u"], enable=False)
    assert refused.value.status == 412


def test_the_days_of_reports_are_told_by_a_days_refusal(server: Loopback) -> None:
    refusal = {"start_date": ["Parameter start_date must be from 2026-09-01 to 2026-11-29"]}
    server.reply = Reply(400, json.dumps(refusal).encode())
    assert KokuApi(target(server)).report_days(COSTS) == (date(2026, 9, 1), date(2026, 11, 29))
    assert query(server) == {"start_date": ["1970-01-01"], "end_date": ["1970-01-02"]}
    server.reply = Reply(400, b'{"start_date": ["never heard of it"]}')
    with pytest.raises(Refused):
        KokuApi(target(server)).report_days(COSTS)
    server.reply = Reply(200, b'{"meta": {"count": 0}, "data": []}')
    assert KokuApi(target(server)).report_days(COSTS) is None


def test_a_page_without_more_keys_ends_the_reading(server: Loopback) -> None:
    server.reply = Reply(body=b'{"meta": {"count": 7}, "data": []}')
    assert KokuApi(target(server)).tag_settings("OCP") == []
    assert len(server.asked) == 1


@pytest.mark.parametrize(("status", "offers"), [(400, True), (404, False)])
def test_masu_is_asked_whether_it_enables_tag_keys(server: Loopback, status: int, offers: bool) -> None:
    server.reply = Reply(status, b'{"Error": "schema is a required parameter."}')
    assert Masu(target(server)).can_enable_tags() is offers
    assert (server.asked[-1].method, query(server)) == ("GET", {})


def test_the_command_that_disables_a_key_is_one_masu_takes(server: Loopback) -> None:
    body = '{"schema": "org7654321", "provider_type": "ocp", "action": "delete", "tag_keys": ["app"]}'
    url = f"{target(server).masu_url}enabled_tags/"
    assert Masu(target(server)).switch_command("OCP", "delete", "app") == (
        f"curl -X POST '{url}' -H 'content-type: application/json' -d '{body}'"
    )


@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (lambda masu: masu.status(), b"{}"),
        (lambda masu: masu.alive(), b"{}"),
        (lambda masu: masu.enabled_tags("OCP"), b'{"tag_keys": []}'),
        (lambda masu: masu.queue_lengths(), b"{}"),
    ],
)
def test_what_masu_only_tells_is_asked_again_after_a_cut(
    server: Loopback, ask: Callable[[Masu], object], body: bytes
) -> None:
    server.reply = Reply(body=body, cut=True)
    with pytest.raises(Unreachable):
        ask(Masu(target(server)))
    assert len(server.asked) == 3


def test_what_masu_does_is_not_asked_for_again(server: Loopback) -> None:
    server.reply = Reply(202, b"{}", cut=True)
    with pytest.raises(Unreachable):
        Masu(target(server)).announce("ingest_ocp_payload/", "key")
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("body", "currency"),
    [
        (b'{"meta": {"currency": "EUR"}, "data": []}', "EUR"),
        (b'{"meta": {"count": 0}, "data": []}', None),
        (b'{"meta": {"currency": null}}', None),
    ],
)
def test_the_currency_of_reports_is_what_they_say(server: Loopback, body: bytes, currency: str | None) -> None:
    server.reply = Reply(body=body)
    assert KokuApi(target(server)).report_currency(COSTS) == currency
