"""The target of a run, from when it is found or started to its end: its locks, its secrets, the servers it has."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from e2e_validator.access.claims import Claims
from e2e_validator.access.http import Unreachable
from e2e_validator.deployment import Target, namespace
from e2e_validator.deployment.endpoints import from_file
from e2e_validator.deployment.identity import addresses
from e2e_validator.engine.claims import hold_organisation
from e2e_validator.errors import Blocked, E2EError, UsageError
from e2e_validator.plugin.exchange import Exchange
from e2e_validator.plugin.handover import Word
from e2e_validator.plugin.settings import Options
from e2e_validator.scenario.flow import ON_PREM


class Stoppable(Protocol):
    """A stack that the run started for one scenario."""

    def stop(self) -> None:
        """Stop it."""


class TargetLife:
    """The target as one process has it: the controller finds or starts it, workers are told of it."""

    def __init__(self, options: Options, run_id: str, exchange: Exchange) -> None:
        """Nothing is looked for yet."""
        self._options = options
        self._run_id = run_id
        self._exchange = exchange
        self._targets: dict[str, Target] = {}
        self._word: Word | None = None
        self._claims: dict[str, Claims] = {}
        self._at_end: list[Callable[[], None]] = []
        self.secrets: list[str] = []
        """What must be masked beside the secrets of the target itself."""
        self.notes: list[str] = []
        """What is unusual about the target, a line each."""

    def begin(self, on_wait: Callable[[str], None], stacks: Collection[str] = (ON_PREM,)) -> Mapping[str, str]:
        """Find or start the target and hold it; returns its kind, title and addresses, without secrets.

        What goes wrong is kept as the reason for which phases are blocked. ``on_wait`` is told when another run has to
        be waited for. ``stacks`` are those that the scenarios need, where the run starts them itself.

        Raises:
            UsageError: the options name no target.
        """
        where: Mapping[str, str] = {"kind": "embedded", "title": "none"}
        word: Word = {}
        try:
            found = self._find(word, stacks)
            first = next(iter(found.values()))
            title = " and ".join(dict.fromkeys(target.title for target in found.values()))
            where = {"kind": first.kind, "title": title, **addresses(first)}
            for target in found.values():
                self._hold(target, on_wait)
        except UsageError:
            raise
        except E2EError as error:
            self._word = {"error": error.headline, "detail": error.detail}
        else:
            targets = {stack: target.model_dump(by_alias=True) for stack, target in found.items()}
            self._word = {"targets": targets, "title": title, **word}
        return where

    def announce(self) -> None:
        """Tell the workers."""
        if self._word is not None:
            self._exchange.leave_target(self._word)

    @property
    def title(self) -> str:
        """The title of the target, or of both; ``none`` when it cannot be used."""
        return str((self._word or {}).get("title", "none"))

    def target(self, stack: str = "") -> Target:
        """The target for scenarios that need the ``stack``; any one without.

        Raises:
            Blocked: there is none; says why.
        """
        if self._word is None:
            self._word = self._exchange.target()
        if "error" in self._word:
            raise Blocked(self._word["error"], detail=self._word["detail"])
        if not self._targets:
            self._targets = {name: Target.load(one) for name, one in self._word["targets"].items()}
        return self._targets.get(stack) or next(iter(self._targets.values()))

    def secrets_of_targets(self) -> list[str]:
        """Every string of the targets that must not reach a report.

        Raises:
            Blocked: there is none.
        """
        self.target()
        return [one for target in self._targets.values() for one in target.secrets()]

    def logs(self, stack: str) -> Path | None:
        """Where the run's embedded stack of that kind writes its logs, if it has one."""
        logs = (self._word or {}).get("logs", {}).get(stack)
        return Path(logs) if logs else None

    def claims(self, target: Target) -> Claims:
        """The locks of this process on a target; held until they are given back, or the process ends."""
        if target.dsn not in self._claims:
            self._claims[target.dsn] = Claims(target, self._run_id, exclusive=self._options.exclusive)
        return self._claims[target.dsn]

    def at_end(self, action: Callable[[], None]) -> None:
        """Do this when the run ends, after the locks are given back; what came last is done first."""
        self._at_end.append(action)

    def end(self) -> None:
        """Give back the locks, and end what was started."""
        for claims in self._claims.values():
            claims.close()
        while self._at_end:
            self._at_end.pop()()

    def _find(self, word: dict[str, Any], stacks: Collection[str]) -> dict[str, Target]:
        """The targets by the stack that they are; a deployment is whatever it is."""
        if self._options.target_file is not None:
            return {"": from_file(self._options.target_file)}
        if self._options.where is not None:
            target, opened = namespace.start(self._options.where)
            self.at_end(opened.close)
            self.secrets += opened.found.secrets()
            self.notes += opened.notes()
            return {"": target}
        from e2e_validator.deployment import embedded

        found = {}
        for name in sorted(stacks, reverse=True):
            found[name], stack = embedded.start(today=self._options.today, stack=name)
            self.at_end(stack.stop)
            word.setdefault("logs", {})[name] = str(stack.logs)
        return found

    def _hold(self, target: Target, on_wait: Callable[[str], None]) -> None:
        """Hold the organisation; where no database answers, preflight says so, and asks again before anything begins.

        Raises:
            Blocked: another run has it.
        """
        with suppress(Unreachable):
            hold_organisation(self.claims(target), wait_seconds=self._options.wait_for_lock, on_wait=on_wait)
