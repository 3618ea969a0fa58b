"""Views without an identity."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_SOURCE_TYPES = [{"id": "1", "name": "openshift"}]
_APPLICATION_TYPES = [{"id": "0", "name": "/insights/platform/cost-management"}]


def _named(request: Request, items: list[dict[str, str]], *parameters: str) -> Response:
    """The items, or the one asked for by name."""
    wanted = next((request.query_params[name] for name in parameters if request.query_params.get(name)), None)
    found = [item for item in items if wanted in {None, item["name"]}]
    return JSONResponse({"meta": {"count": len(found)}, "data": found})


async def status(_request: Request) -> Response:
    """``status/``."""
    return JSONResponse({"status": "OK"})


async def source_types(request: Request) -> Response:
    """``source_types``: on-prem has OpenShift alone."""
    return _named(request, _SOURCE_TYPES, "filter[name]")


async def application_types(request: Request) -> Response:
    """``application_types``."""
    return _named(request, _APPLICATION_TYPES, "filter[name][eq]", "filter[name]")


async def openapi(request: Request) -> Response:
    """``openapi.json``: the paths this stand-in answers."""
    paths: dict[str, Any] = {}
    for route in request.app.routes:
        path = "/" + route.path.split("/v1/", 1)[-1]
        operations = {method.lower(): {"responses": {"200": {"description": ""}}} for method in route.methods or ()}
        paths.setdefault(path, {}).update({name: value for name, value in operations.items() if name != "head"})
    info = {"title": "Cost Management", "version": "1.0.2", "description": "Stand-in for an on-premise Koku"}
    return JSONResponse({"openapi": "3.0.0", "info": info, "paths": paths})
