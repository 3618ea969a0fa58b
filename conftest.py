"""Loads the plugin in a checkout; nothing else."""

pytest_plugins = ["e2e_validator.plugin"]
