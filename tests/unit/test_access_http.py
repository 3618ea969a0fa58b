"""HTTP: what did not answer, what refused, and what answered, told apart; numbers stay exact."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import requests
from loopback import Loopback, Reply, closed_port, loopback

from e2e_validator.access.http import Answer, Http, Refused, Unreachable

SECRET = "s3cr3t-vAlue"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback() as there:
        yield there


def client(base: str) -> Http:
    return Http("the Koku API", f"{base}/v1/", {"x-rh-identity": SECRET})


def test_numbers_keep_every_digit(server: Loopback) -> None:
    server.reply = Reply(body=b'{"a": 0.1000000000000000055511151231257827, "n": 12, "text": "1.5", "none": null}')
    body = client(server.url).request("GET", "reports/").body
    assert body == {"a": Decimal("0.1000000000000000055511151231257827"), "n": Decimal(12), "text": "1.5", "none": None}
    assert isinstance(body["n"], Decimal)


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_is_no_number_is_refused_and_never_compared(server: Loopback, word: bytes) -> None:
    server.reply = Reply(body=b'{"usage": ' + word + b"}")
    with pytest.raises(Refused, match=f"JSON that cannot be read \\({word.decode()} is no number\\)"):
        client(server.url).request("GET", "reports/")


def test_broken_json_is_refused_with_what_came(server: Loopback) -> None:
    server.reply = Reply(body=b'{"a": ')
    with pytest.raises(Refused) as failure:
        client(server.url).request("GET", "reports/")
    assert (failure.value.status, failure.value.body) == (200, '{"a": ')


def test_text_stays_text(server: Loopback) -> None:
    server.reply = Reply(body=b"<html>1.5</html>", content_type="text/html")
    assert client(server.url).request("GET", "x/").body == "<html>1.5</html>"


def test_a_body_that_must_be_an_object_and_is_not_is_refused(server: Loopback) -> None:
    server.reply = Reply(body=b"<html>Log in</html>", content_type="text/html")
    answer = client(server.url).request("GET", "status/")
    with pytest.raises(Refused, match="answered 200 to GET status/, but not with a JSON object: <html>Log in"):
        answer.mapping()
    assert Answer(200, {"a": 1}, "").mapping() == {"a": 1}
    with pytest.raises(Refused, match=r'\["1"\]'):
        Answer(200, [Decimal(1)], "").mapping()


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_service_that_cannot_now_is_unreachable(server: Loopback, status: int) -> None:
    server.reply = Reply(status)
    with pytest.raises(Unreachable, match=f"^the Koku API answered {status} to GET x/$"):
        client(server.url).request("GET", "x/")


def test_a_status_that_was_asked_for_is_an_answer(server: Loopback) -> None:
    server.reply = Reply(503, b'{"down": true}')
    assert client(server.url).request("GET", "x/", expect=(200, 503)).status == 503


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 424, 429, 500])
def test_any_other_status_is_refused_with_its_body(server: Loopback, status: int) -> None:
    server.reply = Reply(status, b'{"errors": "' + b"x" * 3000 + b'"}')
    with pytest.raises(Refused) as failure:
        client(server.url).request("POST", "sources/", body={"name": "n"}, expect=(201,))
    assert failure.value.status == status
    assert str(failure.value).startswith(f'the Koku API answered {status} to POST sources/: {{"errors": "xxx')
    assert (len(str(failure.value)) < 400, len(failure.value.body)) == (True, 2000)


def test_a_redirect_is_not_followed_with_the_identity(server: Loopback) -> None:
    server.reply = Reply(302, headers={"location": "http://elsewhere.invalid/login"})
    with pytest.raises(Refused, match=r"answered 302 to POST sources/ \(to http://elsewhere.invalid/login\)"):
        client(server.url).request("POST", "sources/", body={}, expect=(201,))
    assert len(server.asked) == 1


def test_a_refused_connection_is_unreachable_in_a_few_words() -> None:
    base = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(Unreachable) as failure:
        client(base).request("GET", "x/")
    assert str(failure.value) == f"the Koku API at {base}/v1/ did not answer: [Errno 111] Connection refused"


def test_an_answer_that_breaks_off_is_unreachable(server: Loopback) -> None:
    server.reply = Reply(body=b'{"data": [', cut=True)
    with pytest.raises(Unreachable):
        client(server.url).request("GET", "x/")


@pytest.mark.parametrize("error", [requests.ReadTimeout("read timed out"), requests.ConnectTimeout(""), ValueError()])
def test_a_timeout_is_unreachable_and_a_bug_is_not(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "request", fail)
    with pytest.raises(ValueError if isinstance(error, ValueError) else Unreachable):
        client("http://host").request("GET", "x/")


def test_no_message_shows_a_header(server: Loopback) -> None:
    server.reply = Reply(500)
    with pytest.raises(Refused) as refused:
        client(server.url).request("GET", "x/")
    with pytest.raises(Unreachable) as unreachable:
        client(f"http://127.0.0.1:{closed_port()}").request("GET", "x/")
    assert server.asked[0].headers["x-rh-identity"] == SECRET
    assert SECRET not in f"{refused.value} {unreachable.value} {client(server.url)!r}"


def test_proxies_and_netrc_of_the_environment_are_ignored(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert client(server.url).request("GET", "x/").status == 200
