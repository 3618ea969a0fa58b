"""What tests of every room share: one embedded stack for the session, made when first asked for."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from selected import by_room, leave_out

from e2e_validator.deployment import Target
from e2e_validator.deployment import embedded as embedded_target

# The day of the recordings: their data leave the retention period as time passes.
RECORDED_DAY = date(2026, 11, 21)
CLASSIC_DAY = date(2026, 11, 29)


@pytest.fixture(scope="session")
def stack_target() -> Iterator[Target]:
    """The target of an embedded stack whose clock stands on the day of the recordings."""
    target, stack = embedded_target.start(today=RECORDED_DAY)
    with stack:
        yield target


@pytest.fixture(scope="session")
def target_file(stack_target: Target, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for ``--target`` that names the session's stack."""
    path = tmp_path_factory.mktemp("target") / "stack.json"
    stack_target.save(path)
    return path


@pytest.fixture(scope="session")
def classic_target_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file for ``--target`` that names a classic embedded stack, on the day of the recordings of such a one."""
    target, stack = embedded_target.start(today=CLASSIC_DAY, stack="classic")
    with stack:
        path = tmp_path_factory.mktemp("classic") / "stack.json"
        target.save(path)
        yield path


_TOLD: dict[int, tuple[BaseException, str]] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """What several tests share and could not be made fails once with its cause; the others are skipped, and say where.

    pytest keeps the exception of a fixture and raises the same one for each test that wants it.
    """
    report = yield
    if call.when == "setup" and call.excinfo is not None and report.failed:
        error = call.excinfo.value
        _, first = _TOLD.setdefault(id(error), (error, item.nodeid))
        if first != item.nodeid:
            cause = (str(error).splitlines() or [type(error).__name__])[0]
            path, line, _ = item.location
            reason = f"Skipped: what it shares with others could not be made ({cause}); {first} tells all of it"
            report.outcome, report.longrepr = "skipped", (path, (line or 0) + 1, reason)
    return report


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the project."""
    return Path(__file__).parent.parent


_LEFT_OUT = pytest.StashKey[set[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before ``-m`` is looked at."""
    leave_out(items)


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember what ``-m "not long"`` leaves out; under xdist a worker tells the controller."""
    if items:
        config = items[0].config
        left_out = config.stash.setdefault(_LEFT_OUT, set())
        left_out.update(item.nodeid for item in items if item.get_closest_marker("long"))
        if hasattr(config, "workeroutput"):
            config.workeroutput["left_out"] = sorted(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """All workers collect the same."""
    node.config.stash.setdefault(_LEFT_OUT, set()).update(getattr(node, "workeroutput", {}).get("left_out", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, so that nobody takes the fast half for the whole."""
    left_out = config.stash.get(_LEFT_OUT, set())
    if left_out:
        rooms = ", ".join(f"{room} {count}" for room, count in sorted(by_room(left_out).items()))
        terminalreporter.section("left out")
        terminalreporter.write_line(f"{len(left_out)} tests marked long ({rooms}); run them with: make long")
