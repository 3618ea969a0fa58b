"""What may be wrong around a Trino: files in a folder, laid there from outside while the server runs.

The texts are those that operators of a deployment with Trino have seen (docs/contract/clouds.md 13 has no run of them:
no Trino was there).
"""

from __future__ import annotations

import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import urllib3

from e2e_validator.embedded.trino.failure import StatementError

S3_UNTRUSTED = "s3_untrusted"
NO_S3_FILE_SYSTEM = "no_s3_file_system"
METASTORE_DATABASE = "metastore_database"
"""Holds how Hive's metastore reaches its database, which it must before anything is answered."""


class Ailments:
    """The folder of these files; nothing is wrong where there is none."""

    def __init__(self, folder: Path, s3_url: str) -> None:
        self._folder = folder
        self._s3_url = s3_url

    def of_metastore(self) -> None:
        """Whether Hive's metastore has its database.

        Raises:
            StatementError: It has not, so it does not run.
        """
        try:
            conninfo = (self._folder / METASTORE_DATABASE).read_text()
        except OSError:
            return
        try:
            psycopg.connect(conninfo, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            text = str(error).strip().splitlines()[0]
            # What the metastore's own log says; it ends over it, and Trino does not find it.
            print(
                f"org.apache.hadoop.hive.metastore.HiveMetaException: Failed to get schema version. {text}",
                file=sys.stderr,
                flush=True,
            )
            text = "Failed connecting to Hive metastore: [hive-metastore:9083]"
            raise StatementError("HIVE_METASTORE_ERROR", text) from error

    def of_location(self, scheme: str) -> None:
        """Whether a table may be made at a place of the object store.

        Raises:
            StatementError: Hive knows no such file system, or Trino does not trust the store's certificate.
        """
        if (self._folder / NO_S3_FILE_SYSTEM).exists():
            text = (
                "Got exception: org.apache.hadoop.fs.UnsupportedFileSystemException"
                f' No FileSystem for scheme "{scheme}"'
            )
            raise StatementError("HIVE_METASTORE_ERROR", text)
        if (self._folder / S3_UNTRUSTED).exists():
            self._shake_hands()

    def _shake_hands(self) -> None:
        """Speak TLS to the store with the truststore of this machine, as a Java does with its own."""
        place = urlsplit(self._s3_url)._replace(scheme="https").geturl()
        pool = urllib3.PoolManager(ssl_context=ssl.create_default_context(), retries=False, timeout=5)
        try:
            pool.request("GET", place)
        except urllib3.exceptions.HTTPError as error:
            print(f"javax.net.ssl.SSLHandshakeException: {error}", file=sys.stderr, flush=True)
            text = "External location is not a valid file system URI"
            raise StatementError("INVALID_TABLE_PROPERTY", text) from error
