"""``e2e-validator embedded up``."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Literal

import click

from e2e_validator.cli.day import DAY
from e2e_validator.embedded.standin.config import PACE_NAMES


@click.group()
def embedded() -> None:
    """The embedded stack: PostgreSQL, an object store and a stand-in for Koku."""


@embedded.command("up")
@click.option("--today", type=DAY, help="Fix the stack's clock to this day.")
@click.option("--json", "as_json", is_flag=True, help="Print the endpoints as one JSON object.")
@click.option("--pace", type=click.Choice(PACE_NAMES), default="fast", show_default=True, help="How long work takes.")
@click.option(
    "--stack",
    type=click.Choice(("onprem", "classic")),
    default="onprem",
    show_default=True,
    help="Koku on-premise (OpenShift alone), or the classic one with AWS sources, parquet and Trino.",
)
def embedded_up(today: datetime | None, *, as_json: bool, pace: str, stack: Literal["onprem", "classic"]) -> None:
    """Start a stack, print its endpoints, and keep it until interrupted."""
    from e2e_validator.embedded.installed import require_installed

    require_installed(classic=stack == "classic")
    from e2e_validator.embedded.foreground import run_foreground

    sys.exit(run_foreground(today=today.date() if today else None, as_json=as_json, pace=pace, stack=stack))
