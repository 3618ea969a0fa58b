"""The gateway: one process with the realm, the JWT filter and the ingress."""

from __future__ import annotations

import http.client
import json
import sys
from urllib.parse import urlencode

from e2e_validator.embedded.endpoints import ACCOUNT
from e2e_validator.embedded.engines.part import NotReadyError, Part
from e2e_validator.embedded.engines.standin import python_environment
from e2e_validator.embedded.gateway.config import GatewayConfig
from e2e_validator.embedded.gateway.settings import CLIENT_ID, REALM
from e2e_validator.embedded.site import Site, write_private
from e2e_validator.slowness import scaled

_ANSWER_SECONDS = 5.0


def gateway(site: Site) -> Part:
    """Prepare the gateway; it is started together with what is behind it."""
    folder = site.folder / "gateway"
    folder.mkdir()
    transports, endpoints = site.opened(), site.endpoints
    config = GatewayConfig(
        port=transports.gateway_port,
        koku_port=site.ports.koku,
        bootstrap=transports.bootstrap,
        s3_url=endpoints.s3_url,
        s3_access_key=endpoints.s3_access_key,
        s3_secret_key=endpoints.s3_secret_key,
        bucket=endpoints.buckets["ingress"],
        org_id=endpoints.org_id,
        account=ACCOUNT,
        client_secret=transports.client_secret,
        key_file=folder / "realm-key.json",
        settings=transports.settings,
    )
    configuration = folder / "config.json"
    write_private(configuration, config.save())
    return Part(
        name="gateway",
        title="The gateway",
        command=(sys.executable, "-P", "-m", "e2e_validator.embedded.gateway", str(configuration)),
        folder=folder,
        log=site.logs / "gateway.log",
        environment=python_environment(folder),
        use=lambda: _get_in(config),
    )


def _get_in(config: GatewayConfig) -> None:
    """Get a token, and pass the gateway with it."""
    host = config.settings.issuer_host or f"127.0.0.1:{config.port}"
    connection = http.client.HTTPConnection(f"127.0.0.1:{config.port}", timeout=scaled(_ANSWER_SECONDS))
    try:
        form = urlencode(
            {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": config.client_secret}
        )
        headers = {"content-type": "application/x-www-form-urlencoded", "host": host}
        connection.request("POST", f"/realms/{REALM}/protocol/openid-connect/token", form, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise NotReadyError(f"the token endpoint answers {answer.status}")
        token = json.loads(body)["access_token"]
        connection.request("GET", "/api/ingress/ready", headers={"authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != http.HTTPStatus.OK:
            raise NotReadyError(f"/api/ingress/ready answers {answer.status} {text}")
    except (OSError, http.client.HTTPException) as error:
        raise NotReadyError(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()
