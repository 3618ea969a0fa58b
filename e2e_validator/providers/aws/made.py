"""The assemblies of a scenario: made by nise, written from its rows or taken as recorded, and laid down on disk.

One assembly for each planned payload. What is laid down is complete (``completeness``), unless the scenario says that
it is not; so that nothing is uploaded of which Koku would lose a part in silence.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from e2e_validator.errors import HarnessError
from e2e_validator.generate.nise import run_nise
from e2e_validator.providers.aws.cost_file.manifest import Assembly, ManifestError
from e2e_validator.providers.aws.cost_file.reading import UnreadableFileError
from e2e_validator.providers.aws.data_files import DataFile, ScaledFile, TableFile
from e2e_validator.providers.aws.generate.accounts import own_accounts
from e2e_validator.providers.aws.generate.damage import break_assembly
from e2e_validator.providers.aws.generate.layout import file_place, objects_below, write_manifests
from e2e_validator.providers.aws.generate.moved import moved
from e2e_validator.providers.aws.generate.nise_kind import COST, NISE, check_rows, planned_rows
from e2e_validator.providers.aws.generate.scale import Scale, Scaled
from e2e_validator.providers.aws.generate.table import Table
from e2e_validator.providers.aws.refusing import refuse_incomplete
from e2e_validator.providers.aws.row_tables import Bill, bill_tables
from e2e_validator.providers.aws.scenario.recorded import days_of
from e2e_validator.providers.aws.scenario.row_text import rows_of
from e2e_validator.providers.aws.scenario.scale_rules import CostFactors
from e2e_validator.scenario.load import LoadedScenario
from e2e_validator.scenario.plan import Plan, PlannedPayload

_CONTROL = {
    "ResourceId": "i-control",
    "productFamily": "Compute Instance",
    "instanceType": "m5.large",
    "region": "us-east-1",
    "unit": "Hrs",
    "UnblendedCost": "0.01",
}


@dataclass(frozen=True, slots=True)
class MadePackage:
    """An assembly on disk.

    ``index`` is the planned payload's. ``folder`` is laid out as the bucket is; ``objects`` are the keys below it, in
    the order of their upload, ``manifest`` is the month's own, whether or not a damage has left it there. It names
    ``files`` files, which have ``rows`` rows. ``accounts`` maps the scenario's accounts to the run's, which are those
    in the files.
    """

    index: int
    month: str
    assembly: str
    folder: Path
    manifest: Path
    objects: tuple[str, ...]
    files: int
    rows: int
    accounts: Mapping[str, str]


def make_packages(
    loaded: LoadedScenario,
    plan: Plan,
    work: Path,
    *,
    key: str,
    token: str,
    limit_seconds: float,
    today: date,
    accepted: Collection[str] = (),
) -> list[MadePackage]:
    """An assembly for each payload of ``plan``, in its order, in folders below ``work``.

    ``key`` is the name of the bucket, ``token`` that of the run, by which it has accounts of its own ('': the
    scenario's). ``limit_seconds`` is for each month that nise makes. ``accepted`` are deviations, by an option.

    Raises:
        Contradicts: Koku would lose something of the data, and the scenario does not say so.
        HarnessError: nise wrote something else than was planned.
        Blocked: nise cannot be run.
    """
    files = {payload.index: own for payload, own in _files(loaded, plan, work, limit_seconds)}
    accounts = own_accounts({account for own in files.values() for file in own for account in file.accounts()}, token)
    made = []
    for payload in plan.payloads:
        one = _laid_down(files[payload.index], accounts, work, index=payload.index, month=payload.start, bucket=key)
        files_of = [one.folder / place for place in one.objects[: one.files]]
        refuse_incomplete(loaded, payload, files_of, today, accepted=accepted)
        break_assembly(one.manifest, payload.damage)
        made.append(replace(one, objects=objects_below(one.folder)))
    return made


def control_package(
    plan: Plan, work: Path, *, key: str, token: str, today: date, keys: Sequence[str] = ()
) -> MadePackage:
    """A healthy assembly of one day, of the month of the plan's first payload, for the control source.

    Its rows have a value of each of ``keys``, which are named as ``cost_file.columns`` says.
    """
    start = plan.payloads[0].start
    bill = Bill(start, start + timedelta(days=1), start, 1, last=True)
    cells = _CONTROL | dict.fromkeys(keys, "x")
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows((cells.keys(), cells.values()))
    files = [TableFile(table) for table in bill_tables(rows_of(text.getvalue(), today), bill)]
    accounts = own_accounts({account for file in files for account in file.accounts()}, f"{token}/control")
    return _laid_down(files, accounts, work, index=0, month=start, bucket=key)


def _laid_down(
    files: Sequence[DataFile], accounts: Mapping[str, str], work: Path, *, index: int, month: datetime, bucket: str
) -> MadePackage:
    """The files and both manifests, in a folder of their own."""
    assembly, folder = str(uuid.uuid4()), work / (f"payload-{index}" if index else "payload-control")
    keys = [file_place(month, assembly, number) for number in range(1, len(files) + 1)]
    rows = sum(file.write(folder / place, accounts) for place, file in zip(keys, files, strict=True))
    payer = accounts.get(next((file.payer for file in files if file.payer), ""), "")
    manifest = write_manifests(folder, month, assembly, keys, bucket=bucket, payer=payer)
    return MadePackage(
        index=index,
        month=f"{month:%Y-%m}",
        assembly=assembly,
        folder=folder,
        manifest=manifest,
        objects=objects_below(folder),
        files=len(keys),
        rows=rows,
        accounts=accounts,
    )


def _files(
    loaded: LoadedScenario, plan: Plan, work: Path, limit_seconds: float
) -> Iterator[tuple[PlannedPayload, Sequence[DataFile]]]:
    """The files of each payload."""
    if loaded.report is not None and isinstance(loaded.scale, CostFactors):
        yield from _scaled(loaded.report, loaded.scale, plan, work, limit_seconds)
        return
    for payload, tables in _tables(loaded, plan, work, limit_seconds):
        yield payload, [TableFile(table) for table in tables]


def _tables(
    loaded: LoadedScenario, plan: Plan, work: Path, limit_seconds: float
) -> Iterator[tuple[PlannedPayload, list[Table]]]:
    """Those whose rows are in memory."""
    if loaded.payloads:
        yield from _recorded(plan)
    elif loaded.rows:
        yield from _written(loaded, plan)
    elif loaded.report is not None:
        yield from _generated(loaded.report, plan, work, limit_seconds)
    else:
        raise HarnessError(f"The scenario {plan.name} has no data.")


def _written(loaded: LoadedScenario, plan: Plan) -> Iterator[tuple[PlannedPayload, list[Table]]]:
    (rows,) = loaded.rows
    origin = min(payload.start for payload in plan.payloads)
    last = {payload.upload: payload.index for payload in plan.payloads}
    for payload in plan.payloads:
        alone = last[payload.upload] == payload.index
        bill = Bill(payload.start, payload.end, origin, payload.upload + 1, last=alone)
        yield payload, bill_tables(rows, bill)


def _generated(
    report: Mapping[str, Any], plan: Plan, work: Path, limit_seconds: float
) -> Iterator[tuple[PlannedPayload, list[Table]]]:
    for payload in plan.payloads:
        whole = Table.read(_by_nise(report, payload, payload.end, work, limit_seconds))
        size = -(-len(whole.rows) // int(report["files"]))
        yield payload, [Table(whole.header, whole.rows[at : at + size]) for at in range(0, len(whole.rows), size)]


def _scaled(
    report: Mapping[str, Any], factors: CostFactors, plan: Plan, work: Path, limit_seconds: float
) -> Iterator[tuple[PlannedPayload, list[ScaledFile]]]:
    """The first day of each payload, by nise, and how it is multiplied."""
    scale = Scale(factors.accounts, factors.resources)
    for payload in plan.payloads:
        until = min(payload.start + timedelta(days=1), payload.end)
        seed = _by_nise(report, payload, until, work, limit_seconds)
        whole = Scaled(seed, report, scale, payload.start, until, payload.end)
        size = -(-whole.rows // int(report["files"]))
        yield payload, [ScaledFile(whole, range(at, at + size)) for at in range(0, whole.rows, size)]


def _by_nise(
    report: Mapping[str, Any], payload: PlannedPayload, until: datetime, work: Path, limit_seconds: float
) -> Path:
    """What nise makes of the hours from the payload's start ``until`` this one, counted."""
    generators: Sequence[Mapping[str, Any]] = report["generators"]
    (month,) = run_nise(
        generators,
        kind=NISE,
        key="",
        start=payload.start,
        end=until,
        folder=work / f"nise-{payload.index}",
        timeout_seconds=limit_seconds,
        beside={"accounts": report["accounts"]},
    )
    check_rows(planned_rows(report, payload.start, until), month)
    return month.csvs[COST]


def _recorded(plan: Plan) -> Iterator[tuple[PlannedPayload, list[Table]]]:
    """The recorded files, moved to the days that the plan says."""
    for payload in plan.payloads:
        if payload.recorded is None:
            raise HarnessError(f"Payload {payload.index} of {plan.name} is not recorded.")
        try:
            assembly = Assembly.of(payload.recorded)
            first, _ = days_of(assembly)
            tables = [Table.read(path) for path in assembly.files]
        except (ManifestError, UnreadableFileError) as error:
            raise HarnessError(f"A recorded file cannot be read: {payload.recorded}: {error}.") from None
        yield payload, [moved(table, payload.start.date() - first, payload.start) for table in tables]


def read_packed(folder: Path) -> tuple[str, ...]:
    """The keys of an assembly that was made before, in the order of their upload."""
    return objects_below(folder)
