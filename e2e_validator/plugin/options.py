"""Our command-line options as data, and how they are registered; pytest loads this file in every project.

Each option has two names, such as ``--namespace`` and ``--e2e-namespace``. Where another plugin or a ``conftest.py``
has the short one, only the long one is registered.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

_TARGET = ("e2e target", "end-to-end validation: where the system under test is")
_BEHAVIOUR = ("e2e behaviour", "end-to-end validation: what a run does")
_OUTPUT = ("e2e output", "end-to-end validation: what is left of a run")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its short name, its group, and what argparse is told of it."""

    name: str
    group: tuple[str, str]
    attributes: Mapping[str, Any]

    @property
    def long_name(self) -> str:
        """The name that no other plugin takes."""
        return f"--e2e-{self.name.removeprefix('--')}"

    @property
    def default(self) -> Any:
        """What pytest holds when the option is not given."""
        return self.attributes.get("default", False if self.attributes.get("action") == "store_true" else None)

    @property
    def takes_value(self) -> bool:
        """Whether the next argument may be its value."""
        return self.attributes.get("action") != "store_true"


def destination(name: str) -> str:
    """The attribute of ``config.option`` that holds the option of this short name."""
    return f"e2e_{name.removeprefix('--').replace('-', '_')}"


def value(config: pytest.Config, name: str) -> Any:
    """The value of the option of this short name, whichever of its names was given."""
    return config.getoption(destination(name), _DEFAULTS[name])


def given(config: pytest.Config) -> list[str]:
    """The short names of our options that were given."""
    return [option.name for option in OPTIONS if value(config, option.name) != option.default]


def declare(parser: pytest.Parser) -> None:
    """Register the options, once: with both names, or with the long one where the short one is taken."""
    if parser.getgroup(*_TARGET).options:
        return
    for option in OPTIONS:
        group = parser.getgroup(*option.group)
        attributes = {**option.attributes, "dest": destination(option.name)}
        try:
            group.addoption(option.name, option.long_name, **attributes)
        except (argparse.ArgumentError, ValueError):
            group.addoption(option.long_name, **attributes)


def take_values_out(paths: list[str], arguments: Sequence[str]) -> None:
    """Remove the values of our options from the ``paths`` that pytest made of the command line ``arguments``.

    pytest looks for conftest files before our options are registered, and takes their values for paths.
    """
    names = {name for option in OPTIONS if option.takes_value for name in (option.name, option.long_name)}
    for before, argument in pairwise(arguments):
        if before in names and not argument.startswith("-") and argument in paths:
            paths.remove(argument)


def _option(name: str, group: tuple[str, str], text: str, **attributes: Any) -> Option:
    return Option(name, group, {**attributes, "help": text})


OPTIONS: tuple[Option, ...] = (
    _option(
        "--namespace",
        _TARGET,
        "Kubernetes namespace of a Helm deployment; everything else is found (E2E_NAMESPACE).",
        metavar="NS",
    ),
    _option(
        "--kubeconfig",
        _TARGET,
        "With --namespace: the kubeconfig (E2E_KUBECONFIG; default: KUBECONFIG, ~/.kube/config, or the pod we run in).",
        metavar="FILE",
    ),
    _option("--context", _TARGET, "With --namespace: a context of the kubeconfig (E2E_CONTEXT).", metavar="NAME"),
    _option(
        "--set",
        _TARGET,
        "With --namespace: a value that is not to be looked for, such as database.host=db.example.com; may be repeated."
        " 'e2e-validator doctor --settings' lists them. Secrets belong into the environment: E2E_DATABASE_PASSWORD for"
        " database.password.",
        metavar="NAME=VALUE",
        action="append",
        default=[],
    ),
    _option(
        "--insecure",
        _TARGET,
        "With --namespace: do not verify the certificates of the deployment (E2E_INSECURE=1).",
        action="store_true",
    ),
    _option(
        "--target",
        _TARGET,
        "YAML or JSON file of endpoints, as 'e2e-validator embedded up --json' prints; with --namespace, of settings as"
        " --set takes them.",
        metavar="FILE",
    ),
    _option(
        "--embedded",
        _TARGET,
        "Start PostgreSQL, an object store and a stand-in for Koku for this run (default without --namespace and"
        " --target).",
        action="store_true",
    ),
    _option(
        "--today",
        _TARGET,
        "The day of the run and of its embedded stack to the end; relative dates start from it (default: today).",
        metavar="YYYY-MM-DD",
    ),
    _option(
        "--slowness",
        _TARGET,
        "Make every limit of the embedded stack and of what we start so many times as long (E2E_SLOWNESS; default:"
        " measured, as this machine is now).",
        metavar="FACTOR",
    ),
    _option(
        "--repair",
        _BEHAVIOUR,
        "Repair known faults of this run's own sources: by itself (auto, the default), never (off), or after asking at"
        " the terminal (ask). 'e2e-validator repairs' lists them.",
        choices=("auto", "off", "ask"),
        default="auto",
    ),
    _option(
        "--fail-on-repair",
        _BEHAVIOUR,
        "For a release gate: end with 11, and show the phase as failed, when something had to be repaired.",
        action="store_true",
    ),
    _option(
        "--accept-deviation",
        _BEHAVIOUR,
        "Accept a known deviation of the figures from the data: the phase is KNOWN instead of FAILED; may be given"
        " several times. 'e2e-validator deviations' lists them.",
        metavar="ID",
        action="append",
        default=[],
    ),
    _option(
        "--fail-on-known",
        _BEHAVIOUR,
        "For a release gate: end with 15, and show the phase as failed, when figures are known not to be what the data"
        " say.",
        action="store_true",
    ),
    _option(
        "--fail-on-skip",
        _BEHAVIOUR,
        "For a release gate: end with 14 when something was not looked at, and block where a check could not look.",
        action="store_true",
    ),
    _option(
        "--repair-after",
        _BEHAVIOUR,
        "How long nothing may have changed before a fault is believed (default: 30; embedded stack: 2).",
        metavar="SECONDS",
        type=float,
    ),
    _option(
        "--resume",
        _BEHAVIOUR,
        "Go on with a run that was stopped (default: the latest), at each scenario's first phase that did not pass;"
        " needs the deployment the run was made on.",
        metavar="RUN",
        nargs="?",
        const="latest",
    ),
    _option(
        "--from-phase", _BEHAVIOUR, "With --resume: go on at this phase, even if it passed before.", metavar="PHASE"
    ),
    _option(
        "--until-phase",
        _BEHAVIOUR,
        "End each scenario after this phase and leave everything in place; --resume goes on from there.",
        metavar="PHASE",
    ),
    _option(
        "--exclusive",
        _BEHAVIOUR,
        "Run alone in the organisation: blocked while another run is at work there, and block those that come.",
        action="store_true",
    ),
    _option(
        "--wait-for-lock",
        _BEHAVIOUR,
        "Wait this long (90s, 30m) for a run that stands in the way, instead of ending at once as blocked.",
        metavar="DURATION",
    ),
    _option(
        "--share",
        _BEHAVIOUR,
        "Run every N-th scenario of those selected, beginning with the I-th (from 0), for a run that is spread over N"
        " pods or machines.",
        metavar="I/N",
    ),
    _option(
        "--no-nise-cache",
        _BEHAVIOUR,
        "Let nise make all data anew, also what it made before of the same report and days (E2E_NISE_CACHE=off; a path"
        " there is the folder in place of ~/.cache/e2e-validator/nise).",
        action="store_true",
    ),
    _option(
        "--run-dir",
        _OUTPUT,
        "Folder for the run folders, also of --resume (default: reports/ here).",
        metavar="DIR",
    ),
    _option(
        "--keep",
        _OUTPUT,
        "Keep source and objects of no, failed or all scenarios (default: what the scenario says, else none).",
        choices=("none", "failed", "all"),
    ),
)
_DEFAULTS = {option.name: option.default for option in OPTIONS}
