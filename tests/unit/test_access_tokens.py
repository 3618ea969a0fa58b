"""Tokens: renewed before their end and once after a 401; each reason not to pass has its sentence."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from loopback import Loopback, Reply, closed_port, loopback

from e2e_validator.access.http import Http, Refused, Unreachable, not_answered
from e2e_validator.access.koku import KokuApi
from e2e_validator.access.tokens import Token, Tokens, tokens_for
from e2e_validator.deployment import Target
from e2e_validator.deployment.transport import Auth
from e2e_validator.errors import Blocked

SECRET = "cl1ent-s3cret"
NOW = 1_795_000_000.0
PATH = "/realms/kubernetes/protocol/openid-connect/token"


@pytest.fixture
def keycloak() -> Iterator[Loopback]:
    with loopback() as there:
        give(there, "first")
        yield there


@pytest.fixture
def gateway() -> Iterator[Loopback]:
    with loopback() as there:
        yield there


class Clock:
    """A monotonic clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def give(keycloak: Loopback, token: str, **more: Any) -> None:
    body = {"access_token": token, "expires_in": 300, "token_type": "Bearer"} | more
    keycloak.reply = Reply(body=json.dumps(body).encode())


def refuse(keycloak: Loopback, status: int, error: str, description: str) -> None:
    keycloak.reply = Reply(status, json.dumps({"error": error, "error_description": description}).encode())


def auth(keycloak: Loopback, **change: Any) -> Auth:
    said = {"token_url": keycloak.url + PATH, "client_id": "operator", "client_secret": SECRET}
    return Auth.model_validate(said | change)


def jwt_of(**claims: Any) -> str:
    said = {"iss": "https://keycloak/realms/kubernetes", "iat": NOW, "exp": NOW + 300, **claims}
    return f"e30.{base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip('=')}.c2ln"


def answer(status: int, text: str = "", date: float = NOW) -> requests.Response:
    response = requests.Response()
    response.status_code, response._content = status, text.encode()
    response.headers["date"] = formatdate(date, usegmt=True)
    return response


def test_a_token_by_client_credentials_is_sent_as_bearer(keycloak: Loopback, gateway: Loopback) -> None:
    client = Http("the Koku API", f"{gateway.url}/v1/", tokens=Tokens(auth(keycloak)))
    client.request("GET", "sources/")
    asked = keycloak.asked[0]
    form = {"grant_type": ["client_credentials"], "client_id": ["operator"], "client_secret": [SECRET]}
    assert (asked.method, asked.path, parse_qs(asked.body.decode())) == ("POST", PATH, form)
    assert gateway.asked[0].headers["authorization"] == "Bearer first"


def test_the_host_that_keycloak_writes_as_issuer_can_be_said(keycloak: Loopback) -> None:
    Tokens(auth(keycloak, host="keycloak.example.com")).current()
    assert keycloak.asked[0].headers["host"] == "keycloak.example.com"


def test_the_koku_api_gets_a_token_instead_of_an_identity(keycloak: Loopback, gateway: Loopback) -> None:
    url = f"{gateway.url}/api/cost-management/v1/"
    more = {"s3_url": "http://127.0.0.1:1", "s3_access_key": "a", "s3_secret_key": "s", "dsn": "host=h"}
    login = {"token_url": keycloak.url + PATH, "client_id": "operator", "client_secret": SECRET}
    target = Target.load({"koku_url": url, "masu_url": url, **more, "auth": login})
    KokuApi(target).status()
    KokuApi(target).status()
    assert [asked.headers["authorization"] for asked in gateway.asked] == ["Bearer first"] * 2
    assert "x-rh-identity" not in gateway.asked[0].headers
    assert len(keycloak.asked) == 1  # the process's tokens outlive a client


@pytest.mark.parametrize(("lives", "good_for"), [(300, 270), (60, 48), (2, 1.6)])
def test_a_token_is_renewed_before_its_end(keycloak: Loopback, lives: int, good_for: float) -> None:
    clock = Clock()
    tokens = Tokens(auth(keycloak), clock=clock)
    give(keycloak, "first", expires_in=lives)
    assert tokens.current().text == "first"
    give(keycloak, "second", expires_in=lives)
    clock.now += good_for - 0.01
    assert tokens.current().text == "first"
    clock.now += 0.02
    assert tokens.current().text == "second"


@pytest.mark.parametrize("given", [None, "300", 0, -5])
def test_a_lifetime_that_is_not_told_is_a_minute(keycloak: Loopback, given: Any) -> None:
    clock = Clock()
    tokens = Tokens(auth(keycloak), clock=clock)
    give(keycloak, "first", expires_in=given)
    assert tokens.current().good_until == clock.now + 48


def test_a_refused_token_is_renewed_once_and_sent_again(keycloak: Loopback) -> None:
    tokens, sent = Tokens(auth(keycloak)), []

    def send(headers: dict[str, str]) -> requests.Response:
        sent.append(headers["authorization"])
        give(keycloak, "second")
        return answer(401 if len(sent) == 1 else 200)

    assert tokens.admitted("the Koku API", send).status_code == 200
    assert sent == ["Bearer first", "Bearer second"]
    assert tokens.current().text == "second"


def test_a_token_that_another_thread_renewed_is_kept(keycloak: Loopback) -> None:
    tokens = Tokens(auth(keycloak))
    old = tokens.current()
    give(keycloak, "second")
    assert tokens.instead_of(old).text == "second"
    give(keycloak, "third")
    assert tokens.instead_of(old).text == "second"


def test_a_status_that_was_asked_for_is_no_refusal(keycloak: Loopback) -> None:
    for status in (401, 403, 424):
        assert Tokens(auth(keycloak)).admitted("x", lambda _, s=status: answer(s), expect=(status,)).ok is False  # type: ignore[misc]
    for status in (200, 400, 404, 500):
        assert Tokens(auth(keycloak)).admitted("x", lambda _, s=status: answer(s)).status_code == status  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "claims", "date", "headline"),
    [
        (
            "Jwt issuer is not configured",
            {},
            NOW,
            "does not believe the issuer https://keycloak/realms/kubernetes; ask",
        ),
        ("Audiences in Jwt are not allowed", {}, NOW, "does not accept the audience of client operator; give it an"),
        ("Unauthorized: Missing org_id in JWT claims", {}, NOW, "Tokens of client operator carry no org_id; give"),
        ("Unauthorized: Invalid account_number", {}, NOW, "Tokens of client operator carry no usable account_number"),
        ("Jwt verification fails", {}, NOW, "has no key for Keycloak's signature; wait 5 min"),
        ("Jwks doesn't have key to match kid or alg from Jwt", {}, NOW, "has no key for Keycloak's signature"),
        ("Jwt is missing", {}, NOW, "drops the Authorization header"),
        ("Jwt is expired", {}, NOW + 400, "expired at once: the gateway's clock is 400 s ahead of Keycloak's; set the"),
        ("Jwt not yet valid", {"nbf": NOW}, NOW - 400, "not yet valid: the gateway's clock is 400 s behind Keycloak's"),
        ("", {}, NOW + 400, "expired at once: the gateway's clock is 400 s ahead"),
        ("", {}, NOW - 400, "not yet valid: the gateway's clock is 400 s behind"),
        ("go away", {}, NOW, "The gateway refuses a fresh token of client operator"),
    ],
)
def test_a_refused_fresh_token_has_its_cause_and_remedy(
    keycloak: Loopback, text: str, claims: dict[str, Any], date: float, headline: str
) -> None:
    give(keycloak, jwt_of(**claims))
    tokens = Tokens(auth(keycloak), wall=lambda: NOW)
    with pytest.raises(Blocked) as failure:
        tokens.admitted("the Koku API (GET x)", lambda _: answer(401, text, date))
    assert headline in failure.value.headline
    assert f"401 to the Koku API (GET x): {text}" in failure.value.detail


@pytest.mark.parametrize(
    ("gateway_at", "said"),
    [
        (NOW + 2, "the gateway's clock agrees with ours"),
        (NOW + 400, "the gateway's clock is 400 s ahead of ours"),
        (NOW - 90, "the gateway's clock is 90 s behind ours"),
    ],
)
def test_the_clocks_are_compared_with_ours(keycloak: Loopback, gateway_at: float, said: str) -> None:
    tokens = Tokens(auth(keycloak), wall=lambda: NOW)
    with pytest.raises(Blocked) as failure:
        tokens.admitted("x", lambda _: answer(401, "Jwt verification fails", gateway_at))
    assert said in failure.value.detail


def test_a_gateway_without_the_keys_may_get_them_later(keycloak: Loopback) -> None:
    with pytest.raises(Unreachable, match="cannot get Keycloak's keys now"):
        Tokens(auth(keycloak)).admitted("x", lambda _: answer(401, "Jwks remote fetch is failed"))


def test_403_names_the_role_that_is_missing(keycloak: Loopback) -> None:
    give(keycloak, jwt_of(preferred_username="cost-mgmt-operator"))
    with pytest.raises(Blocked) as failure:
        Tokens(auth(keycloak)).admitted("the Koku API (POST sources/)", lambda _: answer(403, "You do not have"))
    assert failure.value.headline == (
        "403 from the Koku API (POST sources/): cost-mgmt-operator lacks an RBAC role, such as Cost Administrator;"
        " grant it first."
    )


def test_424_passes_by_itself(keycloak: Loopback) -> None:
    with pytest.raises(Unreachable, match="answered 424: Koku cannot ask its RBAC service, which is not ready"):
        Tokens(auth(keycloak)).admitted("the Koku API (GET x)", lambda _: answer(424, "Rbac unavailable"))


def test_without_tokens_a_refusal_stays_what_it_was(gateway: Loopback) -> None:
    for status in (401, 403, 424):
        gateway.reply = Reply(status)
        with pytest.raises(Refused) as failure:
            Http("the Koku API", f"{gateway.url}/v1/").request("GET", "x")
        assert failure.value.status == status


@pytest.mark.parametrize(
    ("status", "error", "description", "headline"),
    [
        (401, "unauthorized_client", "Invalid client or Invalid client credentials", "Keycloak refuses the client"),
        (400, "invalid_client", "Invalid client credentials", "check auth.client_id and auth.client_secret"),
        (401, "unauthorized_client", "Client not enabled to retrieve service account", "switch on its client cred"),
        (404, "Realm does not exist", "", "There is no token endpoint at auth.token_url; check its realm"),
        (302, "", "", "There is no token endpoint at auth.token_url"),
        (403, "", "", "Something before Keycloak forbids asking for a token"),
        (429, "slow_down", "", "Keycloak answered 429 instead of a token"),
        (200, "", "", "What answers at auth.token_url gives no access token"),
    ],
)
def test_why_there_is_no_token_is_told(
    keycloak: Loopback, status: int, error: str, description: str, headline: str
) -> None:
    refuse(keycloak, status, error, description)
    with pytest.raises(Blocked) as failure:
        Tokens(auth(keycloak)).current()
    assert headline in failure.value.headline
    assert SECRET not in str(failure.value)


def test_a_page_instead_of_a_token_is_no_token(keycloak: Loopback) -> None:
    keycloak.reply = Reply(body=b"<html>Log in</html>", content_type="text/html")
    with pytest.raises(Blocked, match=r"gives no access token; is it Keycloak's\?"):
        Tokens(auth(keycloak)).current()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_keycloak_that_cannot_now_may_later(keycloak: Loopback, status: int) -> None:
    keycloak.reply = Reply(status)
    with pytest.raises(Unreachable, match=f"answered {status}"):
        Tokens(auth(keycloak)).current()


def test_a_keycloak_that_is_not_there_may_come() -> None:
    nowhere = Auth(token_url=f"http://127.0.0.1:{closed_port()}{PATH}", client_id="o", client_secret=SECRET)
    with pytest.raises(Unreachable, match=r"Keycloak's token endpoint .* did not answer: .*refused"):
        Tokens(nowhere).current()


def test_an_untrusted_certificate_is_no_passing_trouble() -> None:
    error = requests.exceptions.SSLError(ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED: self-signed"))
    trouble = not_answered("the gateway at https://g/", error)
    assert isinstance(trouble, Blocked)
    assert trouble.headline == "The certificate of the gateway at https://g/ is not trusted; give its CA (verify)."
    assert isinstance(not_answered("x", requests.exceptions.SSLError("EOF occurred")), Unreachable)


@pytest.mark.parametrize("make", [lambda a: a, Tokens, lambda _: Token(SECRET, 1.0, "")])
def test_no_secret_shows(keycloak: Loopback, make: Callable[[Auth], Any]) -> None:
    assert SECRET not in repr(make(auth(keycloak)))


def test_a_token_that_is_no_jwt_says_nothing() -> None:
    for text in ("opaque", "a.b.c", "a.W10.c", ""):
        assert Token(text, 0.0, "").claims() == {}
    assert Token(jwt_of(aud="x"), 0.0, "").claims()["aud"] == "x"


def test_one_client_has_one_set_of_tokens_in_a_process(keycloak: Loopback) -> None:
    assert tokens_for(auth(keycloak)) is tokens_for(auth(keycloak))
    assert tokens_for(auth(keycloak)) is not tokens_for(auth(keycloak, client_id="ui"))
