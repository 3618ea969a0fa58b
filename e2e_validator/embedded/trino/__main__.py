"""``python -m e2e_validator.embedded.trino SETTINGS.json``: serve until killed."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from e2e_validator.embedded.trino.app import build_app
from e2e_validator.embedded.trino.settings import TrinoSettings


def main(argv: list[str]) -> int:
    """Serve on the loopback; 2 where the settings cannot be used."""
    try:
        settings = TrinoSettings.load(Path(argv[0]))
    except (IndexError, OSError, ValueError, KeyError) as error:
        print(f"The Trino server's settings cannot be used: {error!r}.", file=sys.stderr)
        return 2
    uvicorn.run(build_app(settings), host="127.0.0.1", port=settings.port, log_level="warning", access_log=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
