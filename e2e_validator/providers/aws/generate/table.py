"""The rows of one file of a report before it is written."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e_validator.providers.aws.cost_file.reading import header_of, lines_of

# Of no moment, so that it does not differ.
_MTIME = 946_684_800


@dataclass(slots=True)
class Table:
    """A header, and rows by column; a column that a row lacks is empty."""

    header: tuple[str, ...]
    rows: Sequence[Mapping[str, str]]

    @classmethod
    def read(cls, path: Path) -> Table:
        """The rows of a CSV file, gzip or plain.

        Raises:
            UnreadableFileError: as ``expect.cur_file.lines_of``.
        """
        return cls(header_of(path), [line.cells for line in lines_of(path)])

    def write(self, path: Path) -> Path:
        """Write the rows; gzip where the name ends so. The same rows give the same bytes."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows([row.get(name, "") for name in self.header] for row in self.rows)
        content = text.getvalue().encode("utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(content, mtime=_MTIME) if path.suffix == ".gz" else content)
        return path
