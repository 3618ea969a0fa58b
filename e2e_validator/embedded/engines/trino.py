"""What Trino does in a deployment: one process that speaks its protocol."""

from __future__ import annotations

import json
import sys

from e2e_validator.embedded.engines.answering import ask_for_ok
from e2e_validator.embedded.engines.part import Part
from e2e_validator.embedded.engines.standin import python_environment
from e2e_validator.embedded.site import Site, write_private


def trino(site: Site) -> Part:
    """Prepare the server; it reads nothing before it is asked, so it is started together with the object store."""
    folder = site.folder / "trino"
    folder.mkdir()
    (folder / "ailments").mkdir()
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
                "ailments": str(folder / "ailments"),
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
        use=lambda: ask_for_ok(f"http://127.0.0.1:{site.ports.trino}/v1/info"),
    )
