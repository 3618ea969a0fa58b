"""Waiting: observe until success, give-up or time-out. The only room that imports tenacity."""

from e2e_validator.waiting.reading import Reading, dead, done, pending
from e2e_validator.waiting.waiter import Interrupted, Waiter

__all__ = ["Interrupted", "Reading", "Waiter", "dead", "done", "pending"]
