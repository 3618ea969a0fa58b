"""``cd tests; python -m cluster [RELEASE]``: an embedded stack behind an API server, to be looked at with kubectl."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cluster.backends import Backends
from cluster.installed import Installed
from cluster.picture import start
from e2e_validator.embedded.stack import EmbeddedStack


def main() -> None:
    """Show a deployment until somebody presses Ctrl-C."""
    release = sys.argv[1] if len(sys.argv) > 1 else "cost-onprem"
    with EmbeddedStack.start() as stack, TemporaryDirectory() as folder:
        server, picture = start(Installed(release=release), Backends.of(stack.endpoints))
        with server:
            path = server.write_kubeconfig(Path(folder) / "config", namespace=picture.installed.namespace)
            print(f"export KUBECONFIG={path}", flush=True)
            signal.sigwait({signal.SIGINT, signal.SIGTERM})


if __name__ == "__main__":
    main()
