"""Turn pip's report of a resolution (``pip install --dry-run --report``) into constraints: names and versions alone."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HEAD = "# Made by 'make lock': the versions that make, CI and the image install.\n"
OWN = "e2e-validator"


def constraints(report: str) -> str:
    """One line ``name==version`` for each package of the report, sorted, without the project itself."""
    found = (item["metadata"] for item in json.loads(report)["install"])
    lines = {f"{one['name']}=={one['version']}" for one in found if one["name"] != OWN}
    return HEAD + "".join(f"{line}\n" for line in sorted(lines, key=lambda line: line.lower().split("==")))


if __name__ == "__main__":
    sys.stdout.write(constraints(Path(sys.argv[1]).read_text(encoding="utf-8")))
