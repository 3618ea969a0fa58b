"""What Trino does in a deployment: one process that speaks its protocol."""

from __future__ import annotations

import http.client
import json
import sys

from e2e_validator.embedded.engines.part import NotReadyError, Part
from e2e_validator.embedded.engines.standin import python_environment
from e2e_validator.embedded.site import Site, write_private
from e2e_validator.slowness import scaled

_ANSWER_SECONDS = 2.0


def trino(site: Site) -> Part:
    """Prepare the server; it reads nothing before it is asked, so it is started together with the object store."""
    folder = site.folder / "trino"
    folder.mkdir()
    settings = folder / "settings.json"
    write_private(
        settings,
        json.dumps(
            {
                "port": site.ports.trino,
                "s3_url": site.endpoints.s3_url,
                "s3_access_key": site.endpoints.s3_access_key,
                "s3_secret_key": site.endpoints.s3_secret_key,
                "metastore": str(folder / "metastore.json"),
            }
        ),
    )
    return Part(
        name="trino",
        title="The Trino server",
        command=(sys.executable, "-P", "-m", "e2e_validator.embedded.trino", str(settings)),
        folder=folder,
        log=site.logs / "trino.log",
        environment=python_environment(folder),
        use=lambda: _ask_info(site.ports.trino),
    )


def _ask_info(port: int | None) -> None:
    connection = http.client.HTTPConnection(f"127.0.0.1:{port}", timeout=scaled(_ANSWER_SECONDS))
    try:
        connection.request("GET", "/v1/info")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotReadyError(f"/v1/info: {error}") from error
    finally:
        connection.close()
    if status != http.HTTPStatus.OK:
        raise NotReadyError(f"/v1/info answers {status}")
