"""``e2e-validator expect``."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from e2e_validator.cli.day import DAY
from e2e_validator.cli.source_type import SOURCE_TYPE
from e2e_validator.providers import registry


@click.command()
@click.argument("payloads", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--cost-model", type=click.Path(path_type=Path), help="The cost model in the API's own JSON.")
@click.option("--enabled-tags", default="", help="Enabled tag keys, separated by commas.")
@click.option("--today", type=DAY, help="Days after this one are not shown by the API (default: all days count).")
@click.option("--platform", multiple=True, help="A project that the organisation has put into the cost group Platform.")
@SOURCE_TYPE
@click.option("--json", "as_json", is_flag=True, help="One JSON object, numbers as decimal strings.")
def expect(
    payloads: tuple[Path, ...],
    cost_model: Path | None,
    enabled_tags: str,
    today: datetime | None,
    platform: tuple[str, ...],
    source_type: str,
    *,
    as_json: bool,
) -> None:
    """Say what the reports must show of PAYLOADS (tarballs, folders or manifests, in the order of their ingest)."""
    from e2e_validator.engine.provider import Asked

    keys = tuple(key.strip() for key in enabled_tags.split(",") if key.strip())
    asked = Asked(payloads, cost_model, keys, today.date() if today else None, platform)
    provider = registry.find(source_type)
    if as_json:
        click.echo(json.dumps(provider.expected_figures(asked), indent=1))
    else:
        click.echo(provider.expected_text(asked), nl=False)
