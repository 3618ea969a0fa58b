"""Passing a request on to Koku's API, with the identity that the gateway vouches for."""

from __future__ import annotations

import urllib3
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from e2e_validator.embedded.gateway.config import GatewayConfig

_SECONDS = 60.0
# Of one connection only, or written anew by the sender.
_NOT_PASSED_ON = {"connection", "content-length", "date", "host", "keep-alive", "server", "te", "transfer-encoding"}
_OURS = {"x-rh-identity", "x-bearer-token"}


class Koku:
    """What ``/api/cost-management/`` leads to."""

    def __init__(self, config: GatewayConfig) -> None:
        self._base = f"http://127.0.0.1:{config.koku_port}"
        self._pool = urllib3.PoolManager(maxsize=8, retries=False, timeout=urllib3.Timeout(connect=5, read=_SECONDS))

    async def ask(self, request: Request, identity: str, token: str) -> Response:
        """Koku's answer; 503 while it cannot be reached, 504 when it takes too long."""
        headers = {
            name: value for name, value in request.headers.items() if name not in _NOT_PASSED_ON and name not in _OURS
        }
        headers |= {"X-Rh-Identity": identity, "X-Bearer-Token": token}
        path = request.scope["raw_path"].decode("ascii")
        query = request.scope["query_string"].decode("ascii")
        url = f"{self._base}{path}?{query}" if query else f"{self._base}{path}"
        body = await request.body()
        return await run_in_threadpool(self._ask, request.method, url, headers, body)

    def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Response:
        try:
            answer = self._pool.request(method, url, headers=headers, body=body or None, redirect=False,
                                        decode_content=False)  # fmt: skip
        except urllib3.exceptions.ReadTimeoutError:
            return PlainTextResponse("upstream request timeout", 504)
        except urllib3.exceptions.HTTPError:
            return PlainTextResponse("upstream connect error or disconnect/reset before headers", 503)
        passed = {name: value for name, value in answer.headers.items() if name.lower() not in _NOT_PASSED_ON}
        return Response(answer.data, answer.status, passed)
