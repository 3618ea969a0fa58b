"""What the logs of workers, Trino and Hive say of a file or a summary that failed: recognised by its text.

See docs/contract/clouds.md 12, 20.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from e2e_validator.diagnose.detector import Detect
from e2e_validator.diagnose.expected import ExpectedSource
from e2e_validator.diagnose.observed import ObservedSource
from e2e_validator.finding import Finding

_TRINO = "docs/contract/clouds.md 20"
_MOST_LETTERS = 600


class Said(NamedTuple):
    """A text, what it means, and what can be done; the sentence may name what the text names."""

    cause: str
    text: re.Pattern[str]
    sentence: str
    remedy: str
    reference: str


# The cause of another stands before it.
KNOWN: tuple[Said, ...] = (
    Said(
        "hive_without_s3",
        re.compile(r"No FileSystem for scheme\W+(?P<what>\w+)"),
        "Hive's metastore has no file system for {what}://, so no table can be made",
        "put hadoop-aws and aws-java-sdk-bundle on HIVE_AUX_JARS_PATH of the metastore and restart it; then have the"
        " files read again with their etag forgotten",
        _TRINO,
    ),
    Said(
        "hive_password_wrong",
        re.compile(r"password authentication failed for user \W?metastore"),
        "the database of Hive's metastore refuses its password",
        "see whether the password stands in metastore-site.xml: one with a / breaks a sed that replaces the"
        " placeholder; then restart the metastore",
        _TRINO,
    ),
    Said(
        "hive_down",
        re.compile(r"Failed connecting to Hive metastore"),
        "Trino does not reach Hive's metastore",
        "see why the metastore does not run: its own log has the reason, often its database's password",
        _TRINO,
    ),
    Said(
        "trino_tls",
        re.compile(r"External location is not a valid file system URI|SSLHandshakeException"),
        "Trino does not trust the certificate of the object store",
        "import each certificate of the bundle by itself into Trino's truststore (keytool takes the first alone), and"
        " restart it; then have the files read again with their etag forgotten",
        _TRINO,
    ),
    Said(
        "trino_schema_missing",
        re.compile(r"Schema '(?P<what>[^']+)' does not exist"),
        "the schema {what} is missing in Trino",
        "the last file of a manifest makes schema and tables: have the files read again with their etag forgotten",
        _TRINO,
    ),
    Said(
        "trino_down",
        re.compile(r"/v1/statement.*(?:[Cc]onnection refused|timed out|Max retries)|TrinoConnectionError"),
        "Koku's worker does not reach Trino",
        "start Trino, then have the files read again with their etag forgotten; a poll alone ends in a false DONE",
        _TRINO,
    ),
    Said(
        "column_missing",
        re.compile(
            r"columns expected but not found: \[(?P<what>[^\]]+)\]|"
            r"(?:^|could not write parquet.*)KeyError: \W*(?P<key>\w+)"
        ),
        "the file has no column {what}",
        "e2e-validator check-files names every column that is missing, and what its absence does; send a whole file",
        "docs/contract/clouds.md 12",
    ),
)


def recogniser(known: Said) -> Detect:
    """The detector of one text: where a file or a step has failed, or a file gave up, and a log has it."""

    def detect(observed: ObservedSource, _expected: ExpectedSource | None) -> Finding | None:
        if not _failed(observed):
            return None
        return next(filter(None, (_of(known, line) for line in observed.said)), None)

    detect.__name__ = known.cause
    return detect


def finding_of_text(text: str) -> Finding | None:
    """What a text means that was said to us: an answer that Trino refused with, or an error of its client."""
    return next(filter(None, (_of(known, text) for known in KNOWN)), None)


def _of(known: Said, line: str) -> Finding | None:
    found = known.text.search(line)
    if found is None:
        return None
    named = next((value for value in found.groupdict().values() if value), "").strip("'\"")
    sentence = known.sentence.format(what=named)
    return Finding(known.cause, sentence, {"said": _shortened(line)}, known.remedy, known.reference)


def _failed(observed: ObservedSource) -> bool:
    manifest = observed.manifest
    if manifest is None or not observed.names.polled:
        return False
    steps = any("failed" in manifest.step(name) for name in ("download", "processing", "summary"))
    waits = observed.nobody_will() and any(report.status == "DOWNLOADING" for report in manifest.reports)
    return steps or waits or any(report.status == "FAILED" for report in manifest.reports)


def _shortened(line: str) -> str:
    return line if len(line) <= _MOST_LETTERS else f"{line[:_MOST_LETTERS]} ..."
