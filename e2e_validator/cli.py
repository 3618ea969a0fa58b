"""``e2e-validator``: what is not a run. pytest stays the runner."""

from __future__ import annotations

import json
import shutil
import sys
import traceback
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING

import click

from e2e_validator import __version__
from e2e_validator.embedded.standin.config import PACE_NAMES
from e2e_validator.errors import E2EError, HarnessError, Inconclusive, Problem, ScenarioError, UsageError, printable

if TYPE_CHECKING:
    from e2e_validator.scenario.load import LoadedScenario

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="e2e-validator")
def cli() -> None:
    """End-to-end validation of Cost Management (Koku) on-premise.

    Scenarios are run by pytest: pytest scenarios/
    """


@cli.group()
def embedded() -> None:
    """The embedded stack: PostgreSQL, an object store and a stand-in for Koku."""


@embedded.command("up")
@click.option("--today", type=_DAY, help="Fix the stack's clock to this day.")
@click.option("--json", "as_json", is_flag=True, help="Print the endpoints as one JSON object.")
@click.option("--pace", type=click.Choice(PACE_NAMES), default="fast", show_default=True, help="How long work takes.")
def embedded_up(today: datetime | None, *, as_json: bool, pace: str) -> None:
    """Start a stack, print its endpoints, and keep it until interrupted."""
    from e2e_validator.embedded.foreground import run_foreground

    sys.exit(run_foreground(today=today.date() if today else None, as_json=as_json, pace=pace))


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--today", type=_DAY, help="The day that relative dates start from (default: today, UTC).")
def lint(paths: tuple[Path, ...], today: datetime | None) -> None:
    """Check scenario files and folders (default: scenarios/): all problems at once, each with its position.

    Warnings say what is taken, but not as it is written; they change no exit code.
    """
    from e2e_validator.scenario.lint import lint as find_problems

    given, day = list(paths) or [Path("scenarios")], _day(today)

    def also(loaded: LoadedScenario, fixtures: Path) -> list[Problem]:
        # Few scenarios need what this brings along: of the others nise would have to make the data.
        if loaded.scenario.expect.costs is None or not (loaded.payloads or loaded.rows):
            return []
        from e2e_validator.phases.rehearsal import recorded_contradictions

        return recorded_contradictions(loaded, fixtures=fixtures, today=day)

    found = find_problems(given, fixtures=Path("fixtures"), today=day, also=also)
    for problem in found:
        click.echo(str(problem))
    warnings = sum(problem.warning for problem in found)
    problems = len(found) - warnings
    more = f", {_counted(warnings, 'warning')}" if warnings else ""
    if problems:
        click.echo(f"{_counted(problems, 'problem')} found{more}.")
        sys.exit(2)
    click.echo(f"No problems found{more}.")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _day(given: datetime | None) -> date:
    """The day of the run.

    Raises:
        UsageError: no data could be of that day.
    """
    from e2e_validator.scenario import dates

    day = given.date() if given else datetime.now(UTC).date()
    if not dates.FIRST_YEAR < day.year < dates.LAST_YEAR:
        raise UsageError(f"--today {day}: write a day of the years {dates.FIRST_YEAR + 1} to {dates.LAST_YEAR - 1}.")
    return day


@cli.command()
@click.argument("payloads", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--cost-model", type=click.Path(path_type=Path), help="The cost model in the API's own JSON.")
@click.option("--enabled-tags", default="", help="Enabled tag keys, separated by commas.")
@click.option("--today", type=_DAY, help="Days after this one are not shown by the API (default: all days count).")
@click.option("--platform", multiple=True, help="A project that the organisation has put into the cost group Platform.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, numbers as decimal strings.")
def expect(
    payloads: tuple[Path, ...],
    cost_model: Path | None,
    enabled_tags: str,
    today: datetime | None,
    platform: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Say what the reports must show of PAYLOADS (tarballs or folders, in the order of their ingest)."""
    from e2e_validator.expect.command import expect_json, expect_text

    keys = [key.strip() for key in enabled_tags.split(",") if key.strip()]
    day = today.date() if today else None
    if as_json:
        click.echo(json.dumps(expect_json(payloads, cost_model, keys, day, platform), indent=1))
    else:
        click.echo(expect_text(payloads, cost_model, keys, day, platform), nl=False)


@cli.command()
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--today", type=_DAY, help="The day that relative dates start from (default: today, UTC).")
def explain(scenario: Path, today: datetime | None) -> None:
    """Show what SCENARIO comes to: faults and end, which data, which rate, which sum. Needs no deployment."""
    from e2e_validator.expect.explain import explain_expectation
    from e2e_validator.phases.prices import cost_model_of
    from e2e_validator.phases.rehearsal import hand_figures_of, rehearse
    from e2e_validator.scenario.load import load_scenario
    from e2e_validator.scenario.places import fixtures_for
    from e2e_validator.scenario.told import told

    day, fixtures = _day(today), fixtures_for(scenario, Path("fixtures"))
    loaded = load_scenario(scenario, fixtures=fixtures, today=day)
    for problem in loaded.warnings:
        click.echo(str(problem), err=True)
    for name, text in told(loaded.scenario).items():
        click.echo(f"{name:<10}{text}")
    with TemporaryDirectory() as folder:
        context = rehearse(loaded, fixtures=fixtures, today=day, folder=Path(folder))
        click.echo(explain_expectation(context.expectation, cost_model_of(loaded)), nl=False)
        if wrong := hand_figures_of(context):
            raise ScenarioError(wrong)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    from e2e_validator.scenario.schema import schema_text

    click.echo(schema_text(), nl=False)


@cli.command()
@click.option("--markdown", is_flag=True, help="Print a Markdown table.")
def repairs(*, markdown: bool) -> None:
    """List the repairs: what each recognises, does and writes, how often it is tried, and how to undo it."""
    from e2e_validator.repair.catalogue import REPAIRS
    from e2e_validator.report.repair_list import repair_list, repair_markdown

    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    click.echo(repair_markdown(REPAIRS) if markdown else repair_list(REPAIRS, width))


@cli.command()
@click.option("--markdown", is_flag=True, help="Print a page in Markdown.")
def deviations(*, markdown: bool) -> None:
    """List where Koku's figures are known not to be what the data say: why, at which stage, how to accept it."""
    from e2e_validator.expect.deviations.text import deviation_list, deviation_markdown

    click.echo(deviation_markdown() if markdown else deviation_list(), nl=not markdown)


@cli.command()
@click.option("-n", "--namespace", envvar="E2E_NAMESPACE", help="Kubernetes namespace of the deployment.")
@click.option("--kubeconfig", envvar="E2E_KUBECONFIG", default="", help="The kubeconfig.")
@click.option("--context", envvar="E2E_CONTEXT", default="", help="A context of the kubeconfig.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A value that is not to be looked for.")
@click.option("--target", "file", type=click.Path(path_type=Path), help="A file of such values.")
@click.option("--insecure", is_flag=True, envvar="E2E_INSECURE", help="Do not verify the deployment's certificates.")
@click.option("--settings", "list_settings", is_flag=True, help="List the names that --set takes, and end.")
def doctor(
    namespace: str | None,
    kubeconfig: str,
    context: str,
    settings: tuple[str, ...],
    file: Path | None,
    *,
    insecure: bool,
    list_settings: bool,
) -> None:
    """Say what is found in a namespace: each value with where it comes from, and how each part is reached.

    Ends with 0, or with 10 when a run would be blocked.
    """
    from e2e_validator.target.namespace import Where, open_where
    from e2e_validator.target.namespace.doctor import doctor_lines, exit_code, setting_lines

    if list_settings:
        click.echo("\n".join(setting_lines()))
        return
    if not namespace:
        raise UsageError("doctor: give the namespace with -n NS.")
    with open_where(Where(namespace, kubeconfig, context, settings, file, insecure)) as opened:
        click.echo("\n".join(doctor_lines(opened.found)))
        sys.exit(exit_code(opened.found))


@cli.command()
@click.option("-n", "--namespace", envvar="E2E_NAMESPACE", help="Kubernetes namespace of the deployment.")
@click.option("--image", default="e2e-validator:latest", show_default=True, help="The image; see --containerfile.")
@click.option("--completions", type=click.IntRange(1), default=1, show_default=True, help="Pods that share the work.")
@click.option("--helm-test", is_flag=True, help="A hook of 'helm test' instead of a Job.")
@click.option("--kafka-namespace", default="", metavar="NS", help="Where the brokers are, if in this cluster.")
@click.option("--keycloak-namespace", default="", metavar="NS", help="Where Keycloak and its secrets are.")
@click.option("--object-store-namespace", default="", metavar="NS", help="Where the object store is.")
@click.option("--openshift", is_flag=True, help="Also read the router's authority, for Routes.")
@click.option("--with-exec", is_flag=True, help="Also allow commands in pods, the last resort to reach something.")
@click.option("--containerfile", is_flag=True, help="Print the image's definition instead.")
@click.argument("arguments", nargs=-1)
def manifests(
    namespace: str | None,
    image: str,
    completions: int,
    kafka_namespace: str,
    keycloak_namespace: str,
    object_store_namespace: str,
    arguments: tuple[str, ...],
    *,
    helm_test: bool,
    openshift: bool,
    with_exec: bool,
    containerfile: bool,
) -> None:
    """Print what runs the scenarios inside the cluster: account, minimal roles, Job; for kubectl apply.

    ARGUMENTS are pytest's (default: scenarios/); put -- before those that begin with a dash.
    """
    from e2e_validator.target.manifests.image import CONTAINERFILE
    from e2e_validator.target.manifests.job import Work
    from e2e_validator.target.manifests.rbac import Account, around
    from e2e_validator.target.manifests.text import manifests_text

    if containerfile:
        click.echo(CONTAINERFILE, nl=False)
        return
    if not namespace:
        raise UsageError("manifests: give the namespace with -n NS.")
    if helm_test and completions > 1:
        raise UsageError("manifests: --helm-test makes one pod; leave --completions out.")
    places = around(kafka_namespace, keycloak_namespace, object_store_namespace, openshift=openshift)
    work = Work(namespace, image, completions, arguments)
    click.echo(manifests_text(Account(namespace, places, with_exec), work, hook=helm_test), nl=False)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("scenarios"))
def catalogue(folder: Path) -> None:
    """Print the catalogue of the scenarios in a folder as Markdown."""
    from e2e_validator.scenario.catalogue import catalogue as make_catalogue

    try:
        there = folder.is_dir()
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {error.strerror}.") from error
    if not there:
        raise UsageError(f"{folder}: there is no such folder.")
    today = datetime.now(UTC).date()
    click.echo(make_catalogue(folder, fixtures=folder.parent / "fixtures", today=today), nl=False)


# As pytest ends: 2 for scenario files that are wrong, 4 for what was typed; all else is the environment.
_CODES: tuple[tuple[type[E2EError], int], ...] = (
    (ScenarioError, 2),
    (UsageError, 4),
    (HarnessError, 3),
    (Inconclusive, 12),
    (E2EError, 10),
)


def main() -> None:
    """Run the command line; our own errors are one sentence (a problem of a file: one each).

    What nobody expected is a bug of ours: one sentence too, with where its traceback is, and 3.
    """
    try:
        cli()
    except E2EError as error:
        click.echo(str(error), err=True)
        sys.exit(next(code for kind, code in _CODES if isinstance(error, kind)))
    except Exception as error:  # noqa: BLE001 - the last place; what is caught here is told as what it is
        click.echo(_bug(error), err=True)
        sys.exit(3)


def _bug(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".rstrip(": ").split("\n")[0]
    text = printable(what if len(what) <= 200 else f"{what[:200]}...")
    try:
        with NamedTemporaryFile(prefix="e2e-validator-", suffix=".txt", delete=False) as file:
            file.write("".join(traceback.format_exception(error)).encode(errors="backslashreplace"))
    except OSError as full:
        return f"This is a bug of e2e-validator: {text}. Its traceback could not be written: {full.strerror}."
    return f"This is a bug of e2e-validator: {text}. Please report it with the traceback in {file.name}."
