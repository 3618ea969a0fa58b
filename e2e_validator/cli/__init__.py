"""``e2e-validator``: what is not a run. pytest stays the runner.

One file per command. A command imports what it needs when it is called: ``--help`` loads none of it.
"""

from __future__ import annotations

import click

from e2e_validator.cli import (
    check_files,
    deviations,
    doctor,
    embedded,
    expect,
    explain,
    lint,
    manifests,
    new,
    registry,
    repairs,
    schema,
)
from e2e_validator.cli.ending import run_to_end


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="e2e-validator", prog_name="e2e-validator")
def cli() -> None:
    """End-to-end validation of Cost Management (Koku) on-premise.

    Scenarios are run by pytest: pytest scenarios/
    """


for _command in (
    embedded.embedded,
    new.new,
    lint.lint,
    expect.expect,
    explain.explain,
    check_files.check_files,
    schema.schema,
    repairs.repairs,
    deviations.deviations,
    doctor.doctor,
    manifests.manifests,
    registry.registry,
):
    cli.add_command(_command)


def main() -> None:
    """Run the command line; an error is one sentence (a problem of a file: one each), and an exit code."""
    run_to_end(cli)
