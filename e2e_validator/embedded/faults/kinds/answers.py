"""Answers that a gateway or a failing server gives in place of Koku, and ports that are closed."""

from __future__ import annotations

from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from e2e_validator.embedded.faults.book import Armed
from e2e_validator.embedded.faults.fault import Begin, Fault, Happening, Release
from e2e_validator.embedded.faults.plant import Plant
from e2e_validator.embedded.standin.checkpoints import Point

_OPTIONS: dict[str, Any] = {"door": "koku", "path": "", "method": None, "seconds": None}
_REFUSED = "upstream connect error or disconnect/reset before headers. reset reason: connection refused"
_NOT_THEIR_OWN = "door is koku, masu or both; path a part of the URL; for a time: seconds and times=None"


def _answer(status: int) -> Response:
    match status:
        case 401:
            return PlainTextResponse("Jwt is expired", 401, {"www-authenticate": 'Bearer error="invalid_token"'})
        case 424:
            error = {"detail": "Rbac unavailable", "status": "424", "title": "Failed Dependency"}
            return JSONResponse({"errors": [error]}, 424)
        case 500:
            return HTMLResponse("<h1>Server Error (500)</h1>", 500)
        case 502:
            return HTMLResponse("<html><head><title>502 Bad Gateway</title></head></html>", 502)
        case _:
            return PlainTextResponse(_REFUSED, status)


def is_such_request(armed: Armed, facts: dict[str, Any]) -> bool:
    """Whether door, method and path are those of the fault."""
    asked, options = facts["request"], armed.options
    return (
        options["door"] in ("both", asked.door)
        and options["method"] in (None, asked.method)
        and options["path"] in asked.url
    )


def _refuse(status: int) -> Any:
    def act(now: Happening) -> bool:
        now.facts["reply"].response = _answer(status)
        return False

    return act


def delay(now: Happening) -> bool:
    """Let the request wait before Koku sees it."""
    now.facts["reply"].delay_s += float(now.option("delay_s"))
    return False


def _close(door: str) -> Begin:
    def begin(plant: Plant, _armed: Armed) -> Release:
        plant.doors[door].close()
        return plant.doors[door].open

    return begin


def _refusal(status: int, does: str, symptom: str, contract: str) -> Fault:
    return Fault(
        f"api_{status}", f"{does} ({_NOT_THEIR_OWN}).", contract, (symptom,), scope="stack", points=(Point.REQUEST,),
        act=_refuse(status), options=_OPTIONS, timed=True, fits=is_such_request,
    )  # fmt: skip


def _down(door: str) -> Fault:
    return Fault(
        f"{door}_down", f"The port of {door} is closed for `seconds`: connections are refused, those there are end.",
        "5.1, 5.3", ("connection refused",), scope="stack", begin=_close(door), options={"seconds": 2.0},
    )  # fmt: skip


FAULTS = (
    _refusal(500, "Requests are answered by an error of the server", "500, an HTML page", "docs/contract/koku.md 5.1"),
    _refusal(502, "A gateway answers for a server that speaks nonsense", "502, no JSON", "docs/contract/koku.md 5.3"),
    _refusal(503, "A gateway answers for a server that is not there", "503, no JSON", "docs/contract/koku.md 5.3"),
    _refusal(424, "Koku cannot ask its RBAC service", "424 Rbac unavailable", "docs/contract/koku.md 5.2"),
    _refusal(401, "The gateway says that the token has expired", "401 Jwt is expired", "docs/contract/koku.md 5.2"),
    Fault(
        "api_slow", f"Requests wait `delay_s` before Koku sees them ({_NOT_THEIR_OWN}).", "5.2",
        ("answers after 90 s and more, or the client's time-out",), scope="stack", points=(Point.REQUEST,), act=delay,
        options={**_OPTIONS, "delay_s": 1.0}, timed=True, fits=is_such_request,
    ),
    _down("masu"),
    _down("koku"),
)  # fmt: skip
