"""What is to be said of scenario files once they are collected: those passed over, and those taken otherwise.

Files that nobody asked for by name and that stand in no folder of scenarios are passed over by pytest.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from e2e_validator.plugin.collect import PhaseItem, is_scenario_file
from e2e_validator.scenario.places import looks_like_scenario, yaml_within


def passed_over(config: pytest.Config, items: Iterable[pytest.Item]) -> str:
    """One sentence when the folders that were named hold scenarios and none was collected; else nothing."""
    if any(isinstance(item, PhaseItem) for item in items):
        return ""
    for arg in config.args:
        folder = Path(config.invocation_params.dir, arg.split("::")[0])
        found = [
            path for path in yaml_within(folder) if not is_scenario_file(path, config) and looks_like_scenario(path)
        ]
        if found:
            count = f"{len(found)} scenario files" if len(found) > 1 else "a scenario file"
            return (
                f"{arg} holds {count}, such as {found[0].name}, and nothing was collected of it: call the folder"
                f" scenarios/, or name the file: pytest {arg.rstrip('/')}/{found[0].relative_to(folder)}"
            )
    return ""


def warned(items: Iterable[pytest.Item]) -> str:
    """One sentence when scenarios are taken otherwise than they are written; else nothing."""
    scenarios = {item.scenario.name: item.scenario.loaded for item in items if isinstance(item, PhaseItem)}
    odd = [loaded for loaded in scenarios.values() if loaded.warnings]
    if not odd:
        return ""
    count = f"{len(odd)} scenarios are" if len(odd) > 1 else f"the scenario {odd[0].name} is"
    paths = " ".join(str(loaded.path) for loaded in odd[:3]) + (" ..." if len(odd) > 3 else "")
    return f"{count} taken, but not as written; what is different: e2e-validator lint {paths}"
