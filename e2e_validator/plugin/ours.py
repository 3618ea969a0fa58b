"""Which files of a project are ours; everything else is left alone. pytest loads this file in every project."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from e2e_validator.errors import counted
from e2e_validator.scenario.file_kind import HEADER_HINT, SUFFIXES, carries_header, looks_like_scenario, yaml_within

INI = "e2e_scenarios"
INI_HELP = "Folders whose YAML files are scenarios of e2e-validator, relative to this file."


class Ours:
    """The rule, for one command line and one configuration.

    A YAML file is ours when the command line names it, when it is below a folder of ``e2e_scenarios``, or when it
    begins with the line that names our schema.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Nothing has been collected yet."""
        self._config = config
        self._named = {path.resolve() for path in given_paths(config)}
        self._folders = [Path(folder).resolve() for folder in config.getini(INI)]
        self.passed_over: list[Path] = []
        """Files in the folders of the command line that look like scenarios and are not ours."""

    def has(self, path: Path, *, taken: bool) -> bool:
        """Whether a file is ours; one that looks like ours, and is not, is remembered.

        ``taken`` says that another plugin collects it: then its name on the command line is not meant for us, unless
        it looks like a scenario.
        """
        if path.suffix not in SUFFIXES:
            return False
        real = path.resolve()
        if any(folder in real.parents for folder in self._folders) or carries_header(path):
            return True
        if real in self._named:
            return not taken or looks_like_scenario(path)
        if not taken and any(parent in self._named for parent in real.parents) and looks_like_scenario(path):
            self.passed_over.append(path)
        return False

    def meant(self) -> bool:
        """Whether the command line means our scenarios, as far as this is known before anything is collected."""
        asked = [path.resolve() for path in _paths(self._config)]
        for folder in self._folders:
            if any(folder == path or folder in path.parents or path in folder.parents for path in asked):
                return folder.is_dir()
        named = given_paths(self._config)
        if any(path.suffix in SUFFIXES and path.is_file() for path in named):
            return True
        return any(carries_header(file) for path in named for file in yaml_within(path))


def given_paths(config: pytest.Config) -> list[Path]:
    """What the command line names; nothing where pytest chose by itself what to collect."""
    return _paths(config) if config.args_source is pytest.Config.ArgsSource.ARGS else []


def _paths(config: pytest.Config) -> list[Path]:
    return [Path(config.invocation_params.dir, arg.split("::")[0]) for arg in config.args]


def passed_over_line(files: Iterable[str]) -> str:
    """What is said of files that look like scenarios and are not ours; empty when there is none."""
    found = sorted(set(files))
    if not found:
        return ""
    what = f"{len(found)} files look" if len(found) > 1 else "1 file looks"
    return (
        f"e2e-validator: {what} like a scenario and {'are' if len(found) > 1 else 'is'} not collected, such as"
        f" {found[0]}: name the file, set {INI} in the pytest configuration, or begin the file with {HEADER_HINT}"
    )


def no_scenario_line(config: pytest.Config) -> str:
    """What is said in a run of scenarios when a folder that was named has YAML files and nothing was collected."""
    for folder in given_paths(config):
        if files := yaml_within(folder):
            return (
                f"{folder.name}/: no test, and no scenario among its {counted(len(files), 'YAML file')}"
                f" (such as {files[0].relative_to(folder)}): name a file itself to be told what is wrong with it, or"
                f" begin it with {HEADER_HINT}"
            )
    return ""
