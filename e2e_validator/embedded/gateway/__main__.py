"""``python -m e2e_validator.embedded.gateway CONFIG.json``: serve until killed."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from e2e_validator.embedded.gateway.app import build_gateway
from e2e_validator.embedded.gateway.config import GatewayConfig

if __name__ == "__main__":
    configuration = GatewayConfig.load(Path(sys.argv[1]))
    uvicorn.run(
        build_gateway(configuration),
        host="127.0.0.1",
        port=configuration.port,
        log_level="warning",
        access_log=False,
        server_header=False,
    )
