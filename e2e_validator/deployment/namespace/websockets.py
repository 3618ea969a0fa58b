"""Websockets to the API server, with the TLS, the token and the proxy that the client library has for requests."""

from __future__ import annotations

import ssl
from typing import Any

import certifi
import urllib3
import websocket

from e2e_validator.deployment.namespace.refusals import ClusterAway, away, refused


def open_websocket(configuration: Any, path: str, *, subprotocols: list[str], timeout_seconds: float, what: str) -> Any:
    """A ``websocket.WebSocket``; ``configuration`` is a ``kubernetes.client.Configuration``.

    Raises:
        ClusterAway: the server does not answer, or answers that there is nothing.
        NotAllowed: it refuses ``what`` (verb, resource and namespace).
    """
    bearer = configuration.auth_settings().get("BearerToken")
    try:
        return websocket.create_connection(
            "ws" + configuration.host.removeprefix("http") + path,
            timeout=timeout_seconds,
            sslopt=_ssl_options(configuration),
            header=[f"{bearer['key']}: {bearer['value']}"] if bearer else [],
            subprotocols=subprotocols,
            **_proxy(configuration),
        )
    except websocket.WebSocketBadStatusException as error:
        if error.status_code in {401, 403}:
            raise refused(what, error.status_code) from error
        raise ClusterAway(f"{what}: the API server answered {error.status_code}") from error
    except (websocket.WebSocketException, OSError) as error:
        raise away(what, error) from error


def _ssl_options(configuration: Any) -> dict[str, Any]:
    """The TLS of a websocket, as the library has it for requests."""
    if not configuration.verify_ssl:
        options: dict[str, Any] = {"cert_reqs": ssl.CERT_NONE, "check_hostname": False}
    else:
        options = {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": configuration.ssl_ca_cert or certifi.where()}
    if configuration.cert_file:
        options["certfile"] = configuration.cert_file
    if configuration.key_file:
        options["keyfile"] = configuration.key_file
    if getattr(configuration, "tls_server_name", None):
        options["server_hostname"] = configuration.tls_server_name
    return options


def _proxy(configuration: Any) -> dict[str, Any]:
    """The proxy that the kubeconfig or the environment names."""
    if not configuration.proxy:
        return {}
    proxy = urllib3.util.parse_url(configuration.proxy)
    without = [host.strip() for host in (configuration.no_proxy or "").split(",") if host.strip()]
    return {
        "http_proxy_host": proxy.host,
        "http_proxy_port": proxy.port,
        "proxy_type": "http",
        "http_no_proxy": without,
    }
