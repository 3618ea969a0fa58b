"""Which rows count: what a second payload of a day does to the first (docs/contract/koku.md 3.3, 3.5, 3.7)."""

from __future__ import annotations

from collections.abc import Sequence

from e2e_validator.providers.ocp.expect.payload import PayloadData

# (report type, day) -> positions of the payloads whose rows of that day are in the line item tables.
Counted = dict[tuple[str, str], tuple[int, ...]]


def counted(payloads: Sequence[PayloadData]) -> Counted:
    """The rows that count after all of ``payloads`` were ingested in order.

    Of a daily payload, a day with more hours than what is there replaces it, and a day with as many or fewer is
    skipped. Any other payload is added to what is there, with 0 hours, so that a daily one replaces it later.
    A file that was taken in before under the same uuid changes nothing; another one of that uuid is part of the same
    package, and its rows are added.

    Real Koku stops reading a CSV file at the first of its days that it skips, and the order of the days is
    random: a payload with old and new days may lose new ones. That is data lost, and not expected here.
    """
    present: dict[tuple[str, str], list[tuple[int, int]]] = {}
    new = new_files(payloads)
    for position, payload in enumerate(new):
        for report_type in payload.tables:
            for day in payload.days(report_type):
                hours = 0 if payload.additive else payload.hours(report_type, day)
                there = present.get((report_type, day), [])
                first = payload.daily_reports and all(new[before].uuid != payload.uuid for before, _ in there)
                kept = [entry for entry in there if entry[1] >= hours] if first else there
                skipped = first and bool(there) and len(kept) == len(there)
                present[report_type, day] = kept if skipped else [*kept, (position, hours)]
    return {key: tuple(position for position, _ in entries) for key, entries in present.items() if entries}


def new_files(payloads: Sequence[PayloadData]) -> list[PayloadData]:
    """The payloads, each less the files that an earlier one brought under the same uuid."""
    taken: dict[str, set[str]] = {}
    found = []
    for payload in payloads:
        before = taken.setdefault(payload.uuid, set())
        found.append(payload.without(before))
        before.update(payload.present)
    return found


def complete(payloads: Sequence[PayloadData]) -> bool:
    """Whether every file of the last payload's manifest has come, with it or before it under the same uuid."""
    last = payloads[-1]
    there = {name for payload in payloads if payload.uuid == last.uuid for name in payload.present}
    return there >= set(last.files)
