"""The production transport on real servers: signed tokens, the gateway, the ingress, and the same figures as masu's."""

from __future__ import annotations

import csv
import io
import json
import tarfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from patience import ANSWER_SECONDS
from standin_deployment import Deployment

from e2e_validator.access.http import Http, Refused
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.tokens import Token, Tokens, tokens_for
from e2e_validator.access.transports import transport_of
from e2e_validator.access.transports.gateway import CONTENT_TYPE, ByGateway
from e2e_validator.deployment import Target
from e2e_validator.embedded.gateway.settings import GatewaySettings
from e2e_validator.embedded.stack import EmbeddedStack
from e2e_validator.errors import Blocked
from e2e_validator.providers.ocp.names import NAMES
from e2e_validator.providers.ocp.provider import PROVIDER

pytestmark = pytest.mark.embedded

RECORDED = Path(__file__).parents[2] / "fixtures" / "recordings" / "one_pod_day"
FIGURES = (
    "pod_usage_cpu_core_hours",
    "pod_request_cpu_core_hours",
    "pod_effective_usage_cpu_core_hours",
    "pod_usage_memory_gigabyte_hours",
    "pod_request_memory_gigabyte_hours",
    "node_capacity_cpu_core_hours",
    "cluster_capacity_cpu_core_hours",
)
# Long enough for a request, short enough to end within a test; Envoy's minute of leeway would be waited out.
SHORT = GatewaySettings(token_seconds=6, leeway_seconds=0)


@pytest.fixture(scope="module")
def stack() -> Iterator[EmbeddedStack]:
    """A stack with every transport, whose tokens live for two seconds."""
    with EmbeddedStack.start(today=date(2026, 11, 21), transports=("gateway", "kafka"), settings=SHORT) as running:
        yield running


@pytest.fixture(scope="module")
def koku(stack: EmbeddedStack) -> Iterator[Deployment]:
    deployment = Deployment(stack, stack.logs)
    yield deployment
    deployment.conn.close()


def target(stack: EmbeddedStack, transport: str = "gateway", **change: Any) -> Target:
    return Target.load({**stack.endpoints.as_json(transport), "kind": "embedded", "name": "stack", **change})


def upload_url(stack: EmbeddedStack) -> str:
    return f"{stack.endpoints.as_json('gateway')['gateway_url']}ingress/v1/upload"


def good_token(stack: EmbeddedStack) -> str:
    auth = target(stack).auth
    assert auth is not None
    return tokens_for(auth).current().text


def bent(stack: EmbeddedStack, bend: Callable[[dict[str, Any]], Any], *, key: Any = None, kid: str = "") -> str:
    """A good token's claims, changed and signed again with the realm's own key, or with another."""
    realm = json.loads((stack.folder / "gateway" / "realm-key.json").read_text())
    claims = jwt.decode(good_token(stack), options={"verify_signature": False})
    claims["exp"] = int(time.time()) + 300
    bend(claims)
    return jwt.encode(claims, key or realm["pem"], "RS256", headers={"kid": kid or realm["kid"]})


def recorded(cluster: str) -> bytes:
    """The recorded payload as another cluster's."""
    (path,) = RECORDED.glob("payload.*.tar.gz")
    out = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=out, mode="w:gz") as new:
        for member in old:
            opened = old.extractfile(member)
            content = opened.read() if opened else b""
            if member.name == "manifest.json":
                content = json.dumps(json.loads(content) | {"cluster_id": cluster, "uuid": str(uuid.uuid4())}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    return out.getvalue()


def summed(koku: Deployment, source: str) -> dict[str, Decimal]:
    columns = ", ".join(f"sum({name}) AS {name}" for name in FIGURES)
    return dict(
        koku.row(f"SELECT {columns} FROM reporting_ocpusagelineitem_daily_summary WHERE source_uuid = %s", source)
    )


def deliver(stack: EmbeddedStack, koku: Deployment, transport: str, key: str, data: bytes, folder: Path) -> str:
    """As the phases do it; where the payload stands afterwards."""
    tarball = folder / f"{transport}.tar.gz"
    tarball.write_bytes(data)
    to = transport_of(target(stack, transport), NAMES)
    if to.needs_object:
        koku.objects.put_object(stack.endpoints.buckets["ingress"], key, io.BytesIO(data), len(data))
    return to.stored_as(key, to.announce(key, tarball))


@pytest.mark.parametrize("transport", ["masu", "kafka", "gateway"])
def test_a_recorded_payload_has_its_figures_by_every_transport(
    stack: EmbeddedStack, koku: Deployment, tmp_path: Path, transport: str
) -> None:
    cluster = f"by-{transport}"
    source = KokuApi(target(stack, transport)).create_source(cluster, cluster, PROVIDER.source_body(cluster, cluster))
    data = recorded(cluster)
    stands = deliver(stack, koku, transport, f"{cluster}.tgz", data, tmp_path)
    koku.wait_for(lambda: koku.seen(source.uuid)["completed"])
    with (RECORDED / "db" / "daily_summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    expected = {name: sum((Decimal(row[name]) for row in rows if row[name]), Decimal(0)) for name in FIGURES}
    assert summed(koku, source.uuid) == expected
    assert koku.objects.get_object(stack.endpoints.buckets["ingress"], stands).data == data
    days = {"start_date": "2026-11-01", "end_date": "2026-11-21", "filter[cluster]": cluster}
    total = KokuApi(target(stack, transport)).ask("reports/openshift/compute/", days).mapping()["meta"]["total"]
    recorded_usage = sum(Decimal(row[FIGURES[0]] or 0) for row in rows if "unallocated" not in row["namespace"])
    assert float(total["usage"]["value"]) == pytest.approx(float(recorded_usage))


def test_the_ways_are_open_and_say_what_they_are(stack: EmbeddedStack) -> None:
    assert transport_of(target(stack, "masu"), NAMES).check() == "masu ingest_ocp_payload/"
    assert transport_of(target(stack, "gateway"), NAMES).check().startswith("gateway http://127.0.0.1:")
    assert (
        transport_of(target(stack, "kafka"), NAMES).check().endswith("topic platform.upload.announce with 3 partitions")
    )


# It waits for a token to end; the one after it does not know that its token ended, and waits for nothing.
@pytest.mark.long
def test_a_token_that_ends_during_a_run_is_renewed(stack: EmbeddedStack, koku: Deployment, tmp_path: Path) -> None:
    cluster = f"renewed-{uuid.uuid4().hex[:6]}"
    api, given = KokuApi(target(stack)), set()
    source = api.create_source(cluster, cluster, PROVIDER.source_body(cluster, cluster))
    deliver(stack, koku, "gateway", cluster, recorded(cluster), tmp_path)
    until = time.monotonic() + 3 * SHORT.token_seconds
    while time.monotonic() < until:
        assert api.source(source.uuid) is not None
        given.add(good_token(stack))
        time.sleep(0.2)
    deliver(stack, koku, "gateway", cluster, recorded(cluster), tmp_path)
    assert len(given) >= 3
    koku.wait_for(lambda: koku.seen(source.uuid)["completed"])


def test_a_token_that_ends_unknown_is_renewed_after_its_401(stack: EmbeddedStack) -> None:
    auth = target(stack).auth
    assert auth is not None
    tokens = Tokens(auth)
    old = Token(bent(stack, lambda claims: claims.update(exp=int(time.time()) - 5)), time.monotonic() + 300, "")
    tokens._token = old
    api = Http("the Koku API", target(stack).koku_url, tokens=tokens)
    assert api.request("GET", "sources/").status == 200
    assert tokens.current() is not old


@pytest.mark.parametrize(
    ("bend", "said"),
    [
        (lambda claims: claims.update(aud="account"), "Audiences in Jwt are not allowed"),
        (lambda claims: claims.update(iss="http://other/realms/kubernetes"), "Jwt issuer is not configured"),
        (lambda claims: claims.update(exp=int(time.time()) - 1), "Jwt is expired"),
        (lambda claims: claims.update(nbf=int(time.time()) + 5), "Jwt not yet valid"),
        (lambda claims: claims.pop("org_id"), "Unauthorized: Missing org_id in JWT claims"),
        (lambda claims: claims.update(account_number=""), "Unauthorized: Missing account_number in JWT claims"),
        (lambda claims: claims.update(org_id="1 OR 1"), "Unauthorized: Invalid org_id"),
    ],
)
def test_a_token_that_is_not_as_it_must_be_gets_401(
    stack: EmbeddedStack, bend: Callable[[dict[str, Any]], Any], said: str
) -> None:
    headers = {"authorization": f"Bearer {bent(stack, bend)}"}
    for method, url in (("GET", f"{target(stack).koku_url}sources/"), ("POST", upload_url(stack))):
        answer = requests.request(method, url, headers=headers, timeout=ANSWER_SECONDS)
        assert (answer.status_code, answer.text) == (401, said)


def test_forged_tokens_get_401(stack: EmbeddedStack) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    claims = jwt.decode(good_token(stack), options={"verify_signature": False}) | {"exp": int(time.time()) + 300}
    head, body, _ = bent(stack, lambda _claims: None).split(".")
    for token, said in (
        (bent(stack, lambda _claims: None, key=stranger), "Jwt verification fails"),
        (bent(stack, lambda _claims: None, key=stranger, kid="other"), "Jwks doesn't have key to match kid or alg"),
        (jwt.encode(claims, "", "none"), "Jwks doesn't have key to match kid or alg"),
        (f"{head}.{body}.", "Jwt verification fails"),
        ("nonsense", "Jwt is not in the form"),
        ("", "Jwt is missing"),
    ):
        answer = requests.get(
            f"{target(stack).koku_url}sources/", headers={"authorization": f"Bearer {token}"}, timeout=ANSWER_SECONDS
        )
        assert answer.status_code == 401
        assert answer.text.startswith(said)


class Bent(Tokens):
    """Tokens of which each is a bent one, so that the second is refused as well."""

    def __init__(self, stack: EmbeddedStack, bend: Callable[[dict[str, Any]], Any]) -> None:
        auth = target(stack).auth
        assert auth is not None
        super().__init__(auth)
        self._stack, self._bend = stack, bend

    def _get(self) -> Token:
        return Token(bent(self._stack, self._bend), time.monotonic() + 300, "")


@pytest.mark.parametrize(
    ("bend", "headline"),
    [
        (
            lambda claims: claims.update(aud="account"),
            "does not accept the audience of client cost-management-operator",
        ),
        (
            lambda claims: claims.update(iss="http://other/"),
            "does not believe the issuer http://other/; ask Keycloak by",
        ),
        (lambda claims: claims.pop("org_id"), "Tokens of client cost-management-operator carry no org_id; give"),
        (lambda claims: claims.update(iat=0, exp=int(time.time()) - 9), "expired at once: the gateway's clock is"),
        (
            lambda claims: claims.update(nbf=int(time.time()) + 99),
            r"not yet valid: the gateway's clock is (9\d|100) s behind",
        ),
        (
            lambda claims: claims.update(preferred_username="nobody"),
            r"403 from the Koku API \(GET sources/\): nobody lacks",
        ),
    ],
)
def test_why_a_fresh_token_does_not_pass_is_told(
    stack: EmbeddedStack, bend: Callable[[dict[str, Any]], Any], headline: str
) -> None:
    api = Http("the Koku API", target(stack).koku_url, tokens=Bent(stack, bend))
    with pytest.raises(Blocked, match=headline):
        api.request("GET", "sources/")


def test_a_wrong_secret_and_a_wrong_realm_are_told(stack: EmbeddedStack) -> None:
    auth = stack.endpoints.as_json("gateway")["auth"]
    wrong_secret = target(stack, auth=auth | {"client_secret": "wrong-secret"})
    with pytest.raises(Blocked, match="Keycloak refuses the client cost-management-operator") as failure:
        transport_of(wrong_secret, NAMES).check()
    assert "wrong-secret" not in str(failure.value)
    other_realm = target(stack, auth=auth | {"token_url": auth["token_url"].replace("kubernetes", "master")})
    with pytest.raises(Blocked, match=r"There is no token endpoint at auth.token_url"):
        transport_of(other_realm, NAMES).check()


def test_a_token_asked_for_under_another_name_has_another_issuer(stack: EmbeddedStack) -> None:
    auth = stack.endpoints.as_json("gateway")["auth"] | {"host": "keycloak.example.com"}
    with pytest.raises(Blocked, match=r"does not believe the issuer http://keycloak.example.com/realms/kubernetes"):
        transport_of(target(stack, auth=auth), NAMES).check()


def test_an_identity_that_a_client_sends_is_ignored(stack: EmbeddedStack, koku: Deployment) -> None:
    cluster = f"own-{uuid.uuid4().hex[:6]}"
    someone = requests.Session()
    someone.headers["authorization"] = f"Bearer {good_token(stack)}"
    identity = {"identity": {"org_id": "999", "account_number": "1", "user": {"username": "x", "is_org_admin": True}}}
    someone.headers["X-Rh-Identity"] = jwt.utils.base64url_encode(json.dumps(identity).encode()).decode()
    body = {"name": cluster, "source_type": "OCP", "authentication": {"credentials": {"cluster_id": cluster}}}
    answer = someone.post(f"{target(stack).koku_url}sources/", json=body | {"billing_source": {"data_source": {}}})
    assert answer.status_code == 201, answer.text
    row = koku.row("SELECT org_id, account_id FROM api_sources WHERE name = %s", cluster)
    assert (row["org_id"], row["account_id"]) == ("1234567", "10001")


@pytest.mark.parametrize("content_type", ["application/gzip", "application/vnd.redhat.advisor.x+tgz", "text/plain"])
def test_another_content_type_gets_415(stack: EmbeddedStack, content_type: str) -> None:
    headers = {"authorization": f"Bearer {good_token(stack)}"}
    answer = requests.post(
        upload_url(stack), headers=headers, files={"file": ("x.tgz", b"x", content_type)}, timeout=ANSWER_SECONDS
    )
    assert answer.status_code == 415


def test_a_wrong_content_type_of_ours_would_be_told(stack: EmbeddedStack, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("e2e_validator.access.transports.gateway.CONTENT_TYPE", "application/gzip")
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(Refused, match="answered 415 to POST ingress/v1/upload: its ingress does not take") as failure:
        ByGateway(target(stack)).announce("x", tmp_path / "x")
    assert failure.value.status == 415


def test_a_form_without_a_file_gets_400(stack: EmbeddedStack) -> None:
    headers = {"authorization": f"Bearer {good_token(stack)}"}
    for form in ({"files": {"other": ("x.tgz", b"x", CONTENT_TYPE)}}, {"data": {"file": "text"}}, {"data": b"x"}):
        answer = requests.post(upload_url(stack), headers=headers, timeout=ANSWER_SECONDS, **form)
        assert (answer.status_code, answer.text) == (400, "File or upload field not found")


def test_a_file_of_33_mb_passes(stack: EmbeddedStack, koku: Deployment, tmp_path: Path) -> None:
    """insights-ingress keeps 32 MB in memory; what is larger goes by another path."""
    tarball = tmp_path / "large"
    tarball.write_bytes(b"\0" * 33_000_000)
    request_id = ByGateway(target(stack)).announce("large", tarball)
    stat = koku.objects.stat_object(stack.endpoints.buckets["ingress"], request_id)
    assert stat.size == 33_000_000
    koku.wait_for(lambda: f'"tracing_id": "{request_id}"' in koku.logged("listener"))


def test_a_file_above_the_limit_is_refused_before_it_is_sent(
    stack: EmbeddedStack, koku: Deployment, tmp_path: Path
) -> None:
    tarball = tmp_path / "huge.tgz"
    with tarball.open("wb") as file:
        file.truncate(104_857_601)
    before = len(list(koku.objects.list_objects(stack.endpoints.buckets["ingress"])))
    with pytest.raises(Blocked, match=r"huge.tgz has 104,857,601 bytes, the gateway takes 104,857,600; use smaller"):
        ByGateway(target(stack)).announce("huge", tarball)
    assert len(list(koku.objects.list_objects(stack.endpoints.buckets["ingress"]))) == before


def test_what_is_not_behind_the_gateway_gets_no_answer(stack: EmbeddedStack) -> None:
    base = target(stack).gateway_url
    headers = {"authorization": f"Bearer {good_token(stack)}"}
    for path, status in (
        ("rbac/v1/roles/", 503),
        ("cost-management/v1/recommendations/openshift", 503),
        ("else/", 404),
        ("ingress/ready", 200),
    ):
        assert requests.get(f"{base}{path}", headers=headers, timeout=ANSWER_SECONDS).status_code == status
        assert requests.get(f"{base}{path}", timeout=ANSWER_SECONDS).status_code == 401
    assert (
        requests.get(
            f"{base}ingress/ready", headers=headers | {"x_rh_identity": "x"}, timeout=ANSWER_SECONDS
        ).status_code
        == 400
    )
