"""pytest-xdist: a scenario stays on one worker, without the user having to ask for it.

``--dist=loadgroup`` does not work on pytest 9.2 with xdist 3.8 and the default spreads the phases of one scenario
over all workers, which made false greens; so the scheduler is ours. Registered only where xdist is.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from e2e_validator.errors import UsageError
from e2e_validator.plugin import terminal
from e2e_validator.plugin.collect import SUFFIXES
from e2e_validator.plugin.run_session import SESSION


class ScenarioScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Phases of a scenario together; every other test by itself, as plain ``-n`` does."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, rest = nodeid.partition("::")
        is_phase = file.endswith(tuple(SUFFIXES)) and "::" in rest
        return nodeid.rsplit("::", 1)[0] if is_phase else nodeid


class Distribution:
    """The hooks of xdist, in the controller."""

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> ScenarioScheduling | None:
        """Ours, unless the user asked for one that keeps a file together anyway."""
        mode = config.getoption("dist")
        if mode == "each":
            raise pytest.UsageError("--dist=each would run every scenario several times at once; use plain -n N.")
        return None if mode in {"loadfile", "loadscope"} else ScenarioScheduling(config, log)

    def pytest_configure_node(self, node: Any) -> None:
        """Tell the worker which run it belongs to."""
        node.config.stash[SESSION].tell_worker(node.workerinput)

    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        """The first worker that has collected scenarios says which; then the target is started."""
        scenarios = scenarios_of(ids)
        if scenarios and not node.config.getoption("collectonly"):
            try:
                begun = node.config.stash[SESSION].begin(scenarios)
            except UsageError as error:
                raise pytest.UsageError(str(error)) from error
            if begun:
                terminal.show_header(node.config, node.config.stash[SESSION], below_status_line=True)


def scenarios_of(ids: list[str]) -> dict[str, list[str]]:
    """Scenario names with their phases, from node ids ``file.yaml::scenario::phase``."""
    scenarios: dict[str, list[str]] = {}
    for nodeid in ids:
        parts = nodeid.split("::")
        if len(parts) == 3 and parts[0].endswith(tuple(SUFFIXES)):
            scenarios.setdefault(parts[1], []).append(parts[2])
    return scenarios
