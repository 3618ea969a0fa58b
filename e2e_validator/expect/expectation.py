"""The expectation of a scenario: every hop after every parcel, and the API's figures; kept on disk as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from e2e_validator.errors import Inconclusive
from e2e_validator.expect import line_items
from e2e_validator.expect.days import counted
from e2e_validator.expect.digest import digest
from e2e_validator.expect.figures import figures
from e2e_validator.expect.measures import Measures, from_json, to_json
from e2e_validator.expect.payload import read_payload
from e2e_validator.expect.roles import learn
from e2e_validator.expect.summary import Roles, summary

_VERSION = 1
_HOPS = ("payload", "line_items", "daily_line_items", "summary")


@dataclass(frozen=True)
class Expectation:
    """What must be seen. ``hops[k]`` maps the name of a hop to its measures after parcels 0..k were ingested."""

    cluster_id: str
    cluster_alias: str
    uuids: tuple[str, ...]
    hops: tuple[dict[str, Measures], ...]

    @classmethod
    def from_payloads(
        cls, folders: Sequence[Path], *, cluster_alias: str, cluster_id: str | None = None
    ) -> Expectation:
        """Compute the expectation of the payloads in ``folders``, ingested in that order.

        Without a payload everything is expected to be empty; ``cluster_id`` is the first payload's otherwise.

        Raises:
            Inconclusive: a payload cannot be read.
        """
        payloads = [read_payload(folder) for folder in folders]
        digests = [digest(payload) for payload in payloads]
        hops: list[dict[str, Measures]] = []
        roles: Roles = {}
        for last in range(len(payloads)):
            rows = counted(payloads[: last + 1])
            roles = learn(roles, digests[: last + 1], rows)
            measures = (
                digests[last].as_sent,
                line_items.raw(digests, rows),
                line_items.daily(digests, rows),
                summary(digests, rows, roles),
            )
            hops.append(dict(zip(_HOPS, measures, strict=True)))
        name = cluster_id or (payloads[0].cluster_id if payloads else cluster_alias)
        return cls(name, cluster_alias, tuple(payload.uuid for payload in payloads), tuple(hops))

    def payload(self, parcel: int) -> Measures:
        """Rows and sums of the CSV files of one parcel, by (report type, day)."""
        return self.hops[parcel]["payload"]

    def archive(self, parcel: int) -> Measures:
        """Rows and sums of the CSV objects that the parcel's manifest has in the archive, by (report type, day).

        Koku archives what it got, even of a day that it then skips (koku contract 3.6).
        """
        return self.hops[parcel]["payload"]

    def line_items(self, parcel: int) -> Measures:
        """The raw line item tables after parcels 0..``parcel``: all days, not those of this parcel alone."""
        return self.hops[parcel]["line_items"]

    def daily_line_items(self, parcel: int) -> Measures:
        """The daily line item tables after parcels 0..``parcel``."""
        return self.hops[parcel]["daily_line_items"]

    def summary(self, parcel: int) -> Measures:
        """The daily summary after parcels 0..``parcel``; see ``expect.summary``."""
        return self.hops[parcel]["summary"]

    def figures(self, start: date, end: date) -> Measures:
        """What the API must show of the days ``start`` to ``end``, both included; see ``expect.figures``."""
        return figures(self.hops[-1]["summary"] if self.hops else {}, self.cluster_id, start, end)

    def days(self) -> list[date]:
        """The days that have a row in the last summary, in order."""
        return sorted({date.fromisoformat(key[0]) for key in (self.hops[-1]["summary"] if self.hops else {})})

    def write(self, path: Path) -> None:
        """Keep the expectation: later changes of the CSV files do not change it."""
        content = {
            "version": _VERSION,
            "cluster_id": self.cluster_id,
            "cluster_alias": self.cluster_alias,
            "uuids": list(self.uuids),
            "hops": [{name: to_json(measures) for name, measures in hop.items()} for hop in self.hops],
        }
        path.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Expectation:
        """The inverse of ``write``.

        Raises:
            Inconclusive: the file is missing or is no expectation of this version.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["version"] != _VERSION:
                raise Inconclusive(f"The expectation is of version {content['version']}, not {_VERSION}: {path}.")
            return cls(
                content["cluster_id"],
                content["cluster_alias"],
                tuple(content["uuids"]),
                tuple({name: from_json(rows) for name, rows in hop.items()} for hop in content["hops"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
            raise Inconclusive(f"The expectation cannot be read: {path}: {error!r}.") from error
