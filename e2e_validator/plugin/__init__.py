"""The pytest plugin as every project loads it: its options, and a look at YAML files.

The package may be installed in a project without scenarios. So this file imports next to nothing, and changes nothing
until a scenario is collected or an option of this plugin is given; then ``hooks.py`` brings the rest.
"""

from __future__ import annotations

import shutil
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from e2e_validator.plugin import newhooks, options
from e2e_validator.plugin.lookout import LOOKOUT, Lookout
from e2e_validator.plugin.ours import INI, INI_HELP


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare our ini option; the options of the command line are registered after those of all other plugins."""
    parser.addini(INI, INI_HELP, type="paths", default=[])


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: Sequence[str]
) -> Generator[None, Any, Any]:
    """Register our options after the other plugins and the first conftest files have registered theirs."""
    options.take_values_out(early_config.known_args_namespace.file_or_dir, args)
    result = yield
    options.declare(parser)
    return result


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare our hooks."""
    pluginmanager.add_hookspecs(newhooks)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Bring the rest at once where scenarios are meant: JUnit and Allure open their files next."""
    config.stash[LOOKOUT] = lookout = Lookout(config)
    lookout.start()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, Any, Any]:
    """Files that are ours are collected by us; what others collect stays theirs."""
    found = yield
    lookout = parent.config.stash[LOOKOUT]
    if lookout.ours.has(file_path, taken=bool(found)):
        found.append(lookout.scenario_file(file_path, parent))
    return found


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which run it would belong to."""
    node.config.stash[LOOKOUT].tell_worker(node.workerinput)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: Sequence[str]) -> None:
    """The first worker that has collected scenarios has left word of it."""
    node.config.stash[LOOKOUT].hear_worker(node, ids)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Learn what a worker has passed over."""
    node.config.stash[LOOKOUT].learn_passed_over(getattr(node, "workeroutput", None) or {})


def pytest_report_collectionfinish(config: pytest.Config) -> str | list[str]:
    """Say at once which files look like scenarios and are not collected (with xdist, at the end)."""
    return config.stash[LOOKOUT].passed_over_line() or []


def pytest_terminal_summary(config: pytest.Config, terminalreporter: Any) -> None:
    """The same in the controller of pytest-xdist, which collects nothing itself."""
    if line := config.stash[LOOKOUT].passed_over_line():
        terminalreporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """As a worker: tell the controller what was passed over."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        session.config.stash[LOOKOUT].leave_passed_over(output)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove what workers have left for a controller that never knew of scenarios."""
    lookout = config.stash.get(LOOKOUT, None)
    if lookout is not None and lookout.identity is not None:
        shutil.rmtree(lookout.identity.handover, ignore_errors=True)
