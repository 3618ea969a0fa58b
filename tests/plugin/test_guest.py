"""A project of others in whose environment the package is installed must not notice it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from nested import SLOW, environment, quick
from patience import finished

INI = "[pytest]\nstrict = true\n"
TEST = """
import pathlib, pytest, warnings
def test_own(ours):
    assert ours == "ours" and pathlib.Path("scenarios/shop.yaml").is_file()
@pytest.mark.parametrize("n", range(4))
def test_many(n):
    assert n >= 0
"""
CONFTEST = """
import pytest
@pytest.fixture
def ours():
    return "ours"
"""
# Names that we have too, taken as an option by the project itself, and the hooks that such plugins have.
TAKEN = """
def pytest_addoption(parser):
    parser.addoption("--namespace", default="theirs")
    parser.addoption("--target", action="store_true")
    parser.addoption("--e2e", action="store_true")
def pytest_configure(config):
    assert config.getoption("--namespace") == config.getoption("namespace") != ""
    config.addinivalue_line("markers", "asyncio: as plugins for coroutines have")
@pytest.hookimpl(tryfirst=True, hookwrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    yield
@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report, config):
    return None
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker("asyncio")
"""
# YAML of others that comes near to ours: the word, the keys of a scenario, a schema of their own.
THEIRS = {
    "shop.yaml": "scenario: buy\nsteps: [{visit: /}, {click: buy}]\n",
    "twice.yaml": "a: 1\n---\nb: 2\n",
    "broken.yaml": "a: [1,\n",
    "tagged.yml": "!Ref thing\n",
    "schema.yaml": "# yaml-language-server: $schema=../schemas/scenario.schema.json\nversion: 1\n",
    "compose.yml": 'version: "3"\nname: shop\nservices: {}\n',
    "near.yaml": "version: 1\nname: near\ndata: {a: 1}\n",
}
WORDS = ("e2e", "scenario:", "Koku", "run-dir", "INTERNALERROR", "left out", "verdict")


@dataclass(frozen=True)
class Guest:
    folder: Path

    def pytest(self, *arguments: str, **env: str) -> tuple[int, str]:
        """What its pytest says, in a process of its own."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            *(f"-pno:{name}" for name in SLOW),
            *arguments,
        ]
        done = finished(command, cwd=self.folder, env=environment(**env))
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    """The project: tests, a folder called ``scenarios``, and pytest as strict as it can be."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "tests").mkdir()
    for name, text in THEIRS.items():
        (tmp_path / "scenarios" / name).write_text(text)
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "tests" / "test_shop.py").write_text(TEST)
    return Guest(tmp_path)


def assert_unnoticed(ended: tuple[int, str], guest: Guest) -> None:
    """Its own tests pass, and nothing of ours was printed or made."""
    code, text = ended
    assert code == 0, text
    assert "5 passed" in text
    # pytest itself lists what is installed, and the folder may have any name.
    said = [line for line in text.splitlines() if not line.startswith(("plugins:", "rootdir:"))]
    assert not [line for line in said if any(word in line for word in WORDS)], text
    assert "warning" not in text.lower()
    assert not (guest.folder / "reports").exists()


MODES = pytest.mark.parametrize(
    "mode", [(), ("-n", "2"), ("-p", "no:e2e_validator.plugin")], ids=["plain", "n2", "off"]
)


@MODES
def test_a_guest_notices_nothing(guest: Guest, mode: tuple[str, ...]) -> None:
    assert_unnoticed(guest.pytest("-W", "error", "-v", *mode), guest)


def test_a_guest_may_name_its_folders(guest: Guest) -> None:
    (guest.folder / "scenarios" / "near.yaml").unlink()  # which is like a scenario in all but its data
    assert_unnoticed(guest.pytest("-W", "error", "scenarios", "tests"), guest)


@MODES
def test_a_guest_keeps_its_options_and_hooks(guest: Guest, mode: tuple[str, ...]) -> None:
    (guest.folder / "conftest.py").write_text(CONFTEST + TAKEN)
    assert_unnoticed(guest.pytest("-W", "error", "--namespace", "shop", "--target", "tests", *mode), guest)


def test_a_guest_keeps_its_scheduler(guest: Guest) -> None:
    code, text = guest.pytest("-v", "-n", "2", "--dist", "worksteal")
    assert code == 0, text
    assert "scheduling tests via WorkStealingScheduling" in text


def test_a_guest_may_run_each_test_on_each_worker(guest: Guest) -> None:
    code, text = guest.pytest("-n", "2", "--dist", "each")
    assert (code, "10 passed" in text) == (0, True), text


def test_a_taken_name_leaves_ours_the_long_one(guest: Guest) -> None:
    (guest.folder / "conftest.py").write_text(CONFTEST + TAKEN)
    code, text = guest.pytest("tests", "--e2e-namespace", "n", "--e2e-kubeconfig", "no/such")
    assert code == 4, text
    assert "--kubeconfig no/such: there is no such file" in text
    _, text = guest.pytest("--help")
    assert "--e2e-namespace=NS" in text
    assert "--namespace=NS" not in text
    assert "--resume=[RUN], --e2e-resume=[RUN]" in text


def test_the_value_of_an_option_is_no_path(guest: Guest) -> None:
    other = guest.folder / "other"
    other.mkdir()
    (other / "conftest.py").write_text("raise RuntimeError('loaded')")
    assert_unnoticed(guest.pytest("tests", "--run-dir", "other", "--today", "2026-11-21"), guest)


def test_a_named_folder_with_files_like_scenarios_says_so_once(guest: Guest) -> None:
    for mode in (("-q",), ("-n", "2")):
        code, text = guest.pytest("scenarios", "tests", *mode)
        assert (code, "5 passed" in text) == (0, True), text
        assert text.count("e2e-validator: 1 file looks like a scenario and is not collected") == 1
        assert "such as scenarios/near.yaml: name the file, set e2e_scenarios" in text


def test_a_file_that_another_plugin_collects_is_left_to_it(guest: Guest) -> None:
    plugin = """
class Theirs(pytest.File):
    def collect(self):
        yield Passing.from_parent(self, name="theirs")
class Passing(pytest.Item):
    def runtest(self):
        pass
def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".yaml":
        return Theirs.from_parent(parent, path=file_path)
"""
    (guest.folder / "conftest.py").write_text(CONFTEST + plugin)
    code, text = guest.pytest("scenarios/shop.yaml", "scenarios/schema.yaml", "-v")
    assert (code, "2 passed" in text) == (0, True), text
    code, text = guest.pytest("scenarios", "-v")
    assert (code, "5 passed" in text) == (0, True), text
    assert "e2e-validator:" not in text


def test_what_is_ours_is_collected_in_the_same_project(guest: Guest) -> None:
    """By its header, by name, by ini; what is bad is told."""
    header = "# yaml-language-server: $schema=https://example.com/e2e-validator/scenario.schema.json\n"
    (guest.folder / "deep" / "er").mkdir(parents=True)
    (guest.folder / "deep" / "er" / "bad.yml").write_text(f"\n# A comment.\n{header}version: 1\n")
    code, text = guest.pytest("--collect-only")
    assert code == 2, text
    assert "deep/er/bad.yml:4:1" in text
    (guest.folder / "deep" / "er" / "bad.yml").write_text(f"version: 1\n{header}")
    assert guest.pytest("--collect-only")[0] == 0
    code, text = guest.pytest("scenarios/shop.yaml", "--collect-only")
    assert (code, "scenarios/shop.yaml:1:1  'scenario' is not a key" in text) != (0, False), text
    code, text = guest.pytest("-o", "e2e_scenarios=scenarios", "--collect-only")
    assert code == 2, text
    for name in THEIRS:
        assert f"scenarios/{name}:" in text


@pytest.mark.parametrize("mode", [(), ("-n", "2")], ids=["plain", "n2"])
def test_a_wrong_setting_is_told_where_scenarios_are_found(guest: Guest, mode: tuple[str, ...]) -> None:
    header = "# yaml-language-server: $schema=e2e_validator/scenario/scenario.schema.json\n"
    (guest.folder / "ours.yaml").write_text(header + quick("ours"))
    code, text = guest.pytest("tests", *mode, E2E_SLOWNESS="snail")
    assert code == 0, text
    code, text = guest.pytest(*mode, E2E_SLOWNESS="snail")
    assert code != 0, text
    assert "E2E_SLOWNESS" in text
    assert "Traceback" not in text
