"""The gateway's routes, in Envoy's order; each but the realm's needs a token (docs/contract/chart.md 1.7)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from e2e_validator.embedded.gateway.admission import NotAdmitted, claims_of, identity_of, token_of
from e2e_validator.embedded.gateway.config import GatewayConfig
from e2e_validator.embedded.gateway.forward import Koku
from e2e_validator.embedded.gateway.realm import Realm
from e2e_validator.embedded.gateway.upload import Ingress

ALL = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Admitted = Callable[[Request, str, str], Awaitable[Response]]


def build_gateway(config: GatewayConfig) -> Starlette:
    """The gateway with everything behind it."""
    realm, koku, ingress = Realm(config), Koku(config), Ingress(config)

    def guarded(behind: Admitted) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if any("_" in name for name in request.headers):
                return Response(status_code=400)
            try:
                token = token_of(request)
                identity = identity_of(claims_of(token, config, realm.key_set), config)
            except NotAdmitted as refused:
                said = f'Bearer realm="{request.url}", error="invalid_token"'
                return PlainTextResponse(str(refused), 401, {"www-authenticate": said})
            return await behind(request, identity, token)

        return answer

    async def upload(request: Request, identity: str, _token: str) -> Response:
        return await ingress.take(request, identity)

    async def ready(_request: Request, _identity: str, _token: str) -> Response:
        return PlainTextResponse("lubdub")

    async def nothing(_request: Request, _identity: str, _token: str) -> Response:
        return Response(status_code=404)

    async def absent(_request: Request, _identity: str, _token: str) -> Response:
        return PlainTextResponse("no healthy upstream", 503)

    return Starlette(
        routes=[
            *realm.routes(),
            Route("/api/cost-management/v1/recommendations/openshift{rest:path}", guarded(absent), methods=ALL),
            Route("/api/rbac/{rest:path}", guarded(absent), methods=ALL),
            Route("/api/cost-management/{rest:path}", guarded(koku.ask), methods=ALL),
            Route("/api/ingress/ready", guarded(ready), methods=ALL),
            Route("/api/ingress/v1/upload", guarded(upload), methods=["POST"]),
            Route("/{rest:path}", guarded(nothing), methods=ALL),
        ]
    )
