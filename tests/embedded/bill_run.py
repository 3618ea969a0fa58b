"""Drawn bills on their way through a classic stack, judged at every stage as the phases of a scenario judge them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aws_files import TODAY, Row, package
from classic_stack import ClassicStack

from e2e_validator.deployment import Target
from e2e_validator.engine.context import Clients, Context
from e2e_validator.errors import Inconclusive
from e2e_validator.expect.stage import Stage, judge
from e2e_validator.providers.aws import questions
from e2e_validator.providers.aws.comparing import lake_stages
from e2e_validator.providers.aws.expect.expectation import Expectation
from e2e_validator.providers.aws.tables import summary_stages, ui_stage


@dataclass(frozen=True)
class Bills:
    """The stack, and the target that names it."""

    classic: ClassicStack
    target: Target
    clients: Clients


def agree(bills: Bills, folder: Path, name: str, assemblies: Sequence[Sequence[Row]], markup: Decimal) -> bool:
    """Have Koku take one assembly after the other; each stage and each answer is what is expected, or this raises.

    False where the judge expects nothing of such data.
    """
    manifests = [package(folder, rows, assembly=f"a{number}") for number, rows in enumerate(assemblies) if rows]
    try:
        wanted = Expectation.from_manifests(manifests, today=TODAY, markup=markup)
    except Inconclusive:
        return False
    with _source(bills, name, markup) as uuid:
        context = _context(bills, folder, uuid, wanted, len(manifests))
        for number, manifest in enumerate(manifests, start=1):
            _deliver(bills, name, uuid, manifest.parents[2])
            judge([*lake_stages(context, number), *summary_stages(context, number), ui_stage(context, number)])
        if wanted.days():
            judge([Stage("UI tables -> API", questions.expected(context), questions.answered(context))])
    return True


@contextmanager
def _source(bills: Bills, name: str, markup: Decimal) -> Iterator[str]:
    uuid = bills.classic.create_source(name)
    model = None
    if markup:
        body = {
            "name": name, "description": "drawn", "source_type": "AWS", "source_uuids": [uuid], "rates": [],
            "markup": {"value": float(markup * 100), "unit": "percent"},
        }  # fmt: skip
        model = str(bills.clients.koku.create_cost_model(body)["uuid"])
    yield uuid
    if model is not None:
        bills.clients.koku.delete_cost_model(model)
    bills.classic.delete_source(uuid)
    bills.classic.conn.execute("TRUNCATE worker_cache_table")


def _deliver(bills: Bills, name: str, uuid: str, assembly: Path) -> None:
    """Lay the assembly into the source's directory and have Koku look there, whenever it looked last."""
    shutil.copytree(assembly, bills.classic.directory(name), dirs_exist_ok=True)
    bills.classic.conn.execute("UPDATE api_provider SET polling_timestamp = NULL WHERE uuid = %s::uuid", [uuid])
    bills.classic.poll(uuid)


def _context(bills: Bills, folder: Path, uuid: str, wanted: Expectation, payloads: int) -> Context:
    """What the stages look at of a phase's context."""
    sent = [SimpleNamespace(uuid=f"a{number}", index=number + 1, control=False) for number in range(payloads)]
    database: Any = bills.clients.database
    return cast(
        "Context",
        SimpleNamespace(
            expectation=wanted,
            clients=bills.clients,
            target=bills.target,
            provider_uuid=uuid,
            folder=folder,
            today=TODAY,
            plan=None,
            state=SimpleNamespace(payloads=sent),
            observe=lambda: database.observe(uuid),
        ),
    )
