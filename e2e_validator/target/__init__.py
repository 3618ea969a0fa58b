"""Where the system under test is."""

from e2e_validator.target.target import Target

__all__ = ["Target"]
