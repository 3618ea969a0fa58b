"""Loads the plugin in a checkout; nothing else."""

import pytest

from e2e_validator.plugin.options import declare

pytest_plugins = ["e2e_validator.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    # Where the package is not installed, pytest comes here first; where it is, nothing is left to do.
    declare(parser)
