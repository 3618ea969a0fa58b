"""Where the system under test is."""

from e2e_validator.deployment.target import Target

__all__ = ["Target"]
