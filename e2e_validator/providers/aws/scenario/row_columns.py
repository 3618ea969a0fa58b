"""How the rows of a scenario name their columns: as a CUR does, or shorter; and the run's own columns, with an @."""

from __future__ import annotations

from e2e_validator.providers.aws.cost_file.columns import CATEGORY_PREFIX, OPTIONAL, RECOMMENDED, USER_TAG

DAYS, HOURS, INTERVAL, AT, UPLOADS, FILE = "@days", "@hours", "@interval", "@at", "@uploads", "@file"
OWN = (DAYS, HOURS, INTERVAL, AT, UPLOADS, FILE)
# What a row gets from the run: when it is, and of which bill.
TIMES = (
    "bill/BillingPeriodStartDate",
    "bill/BillingPeriodEndDate",
    "identity/TimeInterval",
    "lineItem/UsageStartDate",
    "lineItem/UsageEndDate",
)
KNOWN = (*RECOMMENDED, *OPTIONAL)
SHORT = {column.rpartition("/")[2]: column for column in KNOWN}
_PREFIXES = {"tag:": USER_TAG, "category:": CATEGORY_PREFIX}


def full_name(name: str) -> str:
    """The column that is meant: ``UnblendedCost``, ``tag:app`` and ``category:env`` are the short ways to say one.

    Any other name with a ``/`` is taken as it is, as is one that begins with ``@``.

    Raises:
        KeyError: it is none of these.
    """
    for short, prefix in _PREFIXES.items():
        if name.startswith(short) and name != short:
            return prefix + name.removeprefix(short)
    if name in SHORT:
        return SHORT[name]
    if name.startswith("@") or "/" in name[1:-1]:
        return name
    raise KeyError(name)
