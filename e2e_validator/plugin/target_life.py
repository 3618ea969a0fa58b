"""The target of a run, from when it is found or started to its end: its locks, its secrets, the servers it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
        self._target: Target | None = None
        self._word: Word | None = None
        self._claims: dict[str, Claims] = {}
        self._at_end: list[Callable[[], None]] = []
        self.secrets: list[str] = []
        """What must be masked beside the secrets of the target itself."""
        self.notes: list[str] = []
        """What is unusual about the target, a line each."""

    def begin(self, on_wait: Callable[[str], None]) -> Mapping[str, str]:
        """Find or start the target and hold it; returns its kind, title and addresses, without secrets.

        What goes wrong is kept as the reason for which phases are blocked. ``on_wait`` is told when another run has to
        be waited for.

        Raises:
            UsageError: the options name no target.
        """
        where: Mapping[str, str] = {"kind": "embedded", "title": "none"}
        word: Word = {}
        try:
            target = self._find(word)
            where = {"kind": target.kind, "title": target.title, **addresses(target)}
            self._hold(target, on_wait)
        except UsageError:
            raise
        except E2EError as error:
            self._word = {"error": error.headline, "detail": error.detail}
        else:
            self._word = {"target": target.model_dump(by_alias=True), **word}
        return where

    def announce(self) -> None:
        """Tell the workers."""
        if self._word is not None:
            self._exchange.leave_target(self._word)

    @property
    def title(self) -> str:
        """The title of the target; ``none`` when it cannot be used."""
        target = (self._word or {}).get("target")
        return str(Target.load(target).title) if target else "none"

    def target(self) -> Target:
        """The target.

        Raises:
            Blocked: there is none; says why.
        """
        if self._target is None:
            if self._word is None:
                self._word = self._exchange.target()
            if "error" in self._word:
                raise Blocked(self._word["error"], detail=self._word["detail"])
            self._target = Target.load(self._word["target"])
        return self._target

    def logs(self) -> Path | None:
        """Where the run's embedded stack writes its logs, if it has one."""
        logs = (self._word or {}).get("logs")
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

    def _find(self, word: dict[str, Any]) -> Target:
        if self._options.target_file is not None:
            return from_file(self._options.target_file)
        if self._options.where is not None:
            target, opened = namespace.start(self._options.where)
            self.at_end(opened.close)
            self.secrets += opened.found.secrets()
            self.notes += opened.notes()
            return target
        from e2e_validator.deployment import embedded

        target, stack = embedded.start(today=self._options.today)
        self.at_end(stack.stop)
        word["logs"] = str(stack.logs)
        return target

    def _hold(self, target: Target, on_wait: Callable[[str], None]) -> None:
        """Hold the organisation; where no database answers, preflight says so, and asks again before anything begins.

        Raises:
            Blocked: another run has it.
        """
        with suppress(Unreachable):
            hold_organisation(self.claims(target), wait_seconds=self._options.wait_for_lock, on_wait=on_wait)
