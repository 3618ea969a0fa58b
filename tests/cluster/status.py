"""Errors as the API server of Kubernetes tells them: a ``Status`` object with its own words."""

from __future__ import annotations

from typing import Any

from cluster.kinds import Kind

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that is no success."""

    def __init__(self, code: int, reason: str, message: str, details: Json | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            **({} if details is None else {"details": details}),
            "code": code,
        }


def unauthorized() -> ApiError:
    """No token, or one that is not valid (any more)."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def forbidden(user: str, verb: str, group: str, resource: str, namespace: str = "", name: str = "") -> ApiError:
    """``user`` may not; ``resource`` has its subresource, such as ``pods/exec``."""
    plural = resource.partition("/")[0]
    qualified = f"{plural}.{group}" if group else plural
    what = f'{qualified} "{name}"' if name else qualified
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    return ApiError(
        403,
        "Forbidden",
        f'{what} is forbidden: User "{user}" cannot {verb} resource "{resource}" in API group "{group}" {where}',
        _details(plural, group, name),
    )


def not_found(kind: Kind, name: str) -> ApiError:
    """There is no such object."""
    return ApiError(404, "NotFound", f'{kind.qualified} "{name}" not found', _details(kind.plural, kind.group, name))


def no_such_resource() -> ApiError:
    """The path names nothing that this server serves."""
    return ApiError(404, "NotFound", "the server could not find the requested resource", {})


def already_exists(kind: Kind, name: str) -> ApiError:
    """An object of that name is there."""
    return ApiError(
        409, "AlreadyExists", f'{kind.qualified} "{name}" already exists', _details(kind.plural, kind.group, name)
    )


def bad_request(message: str) -> ApiError:
    """The request makes no sense."""
    return ApiError(400, "BadRequest", message)


def not_allowed() -> ApiError:
    """The resource has no such verb."""
    return ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def internal(message: str) -> ApiError:
    """Something broke behind the API server."""
    return ApiError(500, "InternalError", f"Internal error occurred: {message}", {"causes": [{"message": message}]})


def out_of_order(code: int) -> ApiError:
    """What a loaded or ailing API server answers to anything: 429, 500, 503 or 504."""
    if code == 429:
        message = "The server has received too many requests and has asked us to try again later"
        return ApiError(429, "TooManyRequests", message, {"retryAfterSeconds": 1})
    if code == 503:
        return ApiError(503, "ServiceUnavailable", "the server is currently unable to handle the request")
    if code == 504:
        return ApiError(504, "Timeout", "Timeout: request did not complete within the allotted timeout")
    return internal("etcdserver: request timed out")


def gone() -> ApiError:
    """The history that a watch asks for is no longer kept."""
    return ApiError(410, "Expired", "too old resource version: 1 (2)")


def _details(plural: str, group: str, name: str) -> Json:
    return {**({"name": name} if name else {}), **({"group": group} if group else {}), "kind": plural}
