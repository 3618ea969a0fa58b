"""What the plugin knows of a project before a scenario is collected, and the transport to the rest of it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from e2e_validator.plugin.options import given
from e2e_validator.plugin.ours import Ours, given_paths, passed_over_line

if TYPE_CHECKING:  # pytest loads this file in every project
    from e2e_validator.plugin.hooks import RunHooks
    from e2e_validator.plugin.run_identity import RunIdentity

_ACTIVE = "e2e_active"
_PASSED_OVER = "e2e_passed_over"


class Lookout:
    """One pytest process that may have to do with scenarios."""

    def __init__(self, config: pytest.Config) -> None:
        """No scenario has been seen yet."""
        self._config = config
        self._hooks: RunHooks | None = None
        self._of_workers: set[str] = set()
        self._said = False
        self.ours = Ours(config)
        self.identity: RunIdentity | None = None
        """The run that workers were told of when nothing was known of scenarios; None when they were told none."""

    def start(self) -> None:
        """Activate the plugin at once where the command line means scenarios, or gives an option of this plugin.

        Raises:
            pytest.UsageError: the options cannot be done.
        """
        workerinput = getattr(self._config, "workerinput", None)
        if workerinput is not None:
            if workerinput.get(_ACTIVE):
                self._activate()
            return
        meant = self.ours.meant()
        if meant or given(self._config):
            self._activate(meant=meant)

    def scenario_file(self, path: Path, parent: pytest.Collector) -> pytest.File:
        """The collector of a file that is ours; the first one activates the plugin."""
        try:
            with _warnings_of_imports():
                self._activate()
                from e2e_validator.plugin.collect import ScenarioFile
        except pytest.UsageError as error:
            refused: RefusedFile = RefusedFile.from_parent(parent, path=path)
            refused.reason = str(error)
            return refused
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=path)
        return file

    def tell_worker(self, workerinput: dict[str, Any]) -> None:
        """Tell a worker which run it belongs to, should there be scenarios."""
        workerinput[_ACTIVE] = self._hooks is not None
        if self._hooks is not None:
            self._hooks.tell_worker(workerinput)
            return
        if self.identity is None:
            from e2e_validator.plugin.run_identity import RunIdentity

            self.identity = RunIdentity.new(Path(self._config.invocation_params.dir, "reports"))
        self.identity.tell(workerinput)

    def hear_worker(self, node: Any, ids: Sequence[str]) -> None:
        """A worker has collected: if it is the first that has seen scenarios, activate the plugin here too.

        Raises:
            pytest.UsageError: the options cannot be done.
        """
        if self._hooks is None and self.identity is not None and self.identity.handover.is_dir():
            # Registered in the middle of this call, which therefore does not reach it.
            self._activate().hear_worker(node, ids)

    def leave_passed_over(self, workeroutput: MutableMapping[str, Any]) -> None:
        """As a worker: leave for the controller what was passed over."""
        workeroutput[_PASSED_OVER] = [*map(str, self.ours.passed_over)]

    def learn_passed_over(self, workeroutput: Mapping[str, Any]) -> None:
        """As the controller: take what a worker has left."""
        self._of_workers.update(workeroutput.get(_PASSED_OVER, ()))

    def passed_over_line(self) -> str:
        """What is to be said of the files that were passed over; empty when there is nothing, or it has been said."""
        files = {*map(str, self.ours.passed_over), *self._of_workers}
        if self._said or not files or not given_paths(self._config):
            return ""
        self._said = True
        here = f"{self._config.invocation_params.dir}/"
        return passed_over_line(file.removeprefix(here) for file in files)

    def _activate(self, *, meant: bool = False) -> RunHooks:
        if self._hooks is None:
            from e2e_validator.plugin.hooks import RunHooks

            self._hooks = RunHooks.register(self._config, self.identity, meant=meant)
        return self._hooks


class RefusedFile(pytest.File):
    """A scenario file in a run whose options cannot be done."""

    reason = ""

    def collect(self) -> Iterator[pytest.Item]:
        """Nothing but the reason."""
        raise self.CollectError(self.reason)


@contextmanager
def _warnings_of_imports() -> Iterator[None]:
    """Show what libraries warn of when they are imported; a project's ``-W error`` is about the project."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        yield


LOOKOUT = pytest.StashKey[Lookout]()
