"""What the archive holds of a payload: the CSV files by day, each in the folder of a month.

See docs/contract/koku.md 3.6.
"""

from __future__ import annotations

from collections.abc import Sequence

from e2e_validator.expect.measures import Measures, add, exactly
from e2e_validator.providers.ocp.expect.digest import as_sent
from e2e_validator.providers.ocp.expect.payload import PayloadData


@exactly
def archived(payloads: Sequence[PayloadData]) -> Measures:
    """By (report type, day, month of the folder): rows and sums of what the last payload's manifest has there.

    Koku archives what it got, even of a day that it then skips. A file that is kept whole stands under the month of the
    manifest's date, whatever its days. ``payloads`` are without the files that came before; all those with the uuid of
    the last are parts of it.
    """
    measures: Measures = {}
    for payload in payloads:
        if payload.uuid == payloads[-1].uuid:
            for (kind, day), values in as_sent(payload.tables, payload.dropped).items():
                month = payload.filed_under if payload.additive and payload.filed_under else day[:7]
                add(measures, (kind, day, month), values)
    return measures
