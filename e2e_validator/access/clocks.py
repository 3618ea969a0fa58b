"""What other machines' clocks say: the ``Date`` header of a server's answer, and the database's own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime

import requests
from psycopg import sql

from e2e_validator.access.database import Database
from e2e_validator.access.http import not_answered

_TIMEOUT_SECONDS = 20.0


def http_offset(whom: str, url: str, verify: bool | str = True, wall: Callable[[], float] = time.time) -> float | None:
    """How many seconds a server's clock is ahead of this machine's, give or take a second; None if it sends no date.

    Any answer will do, a refusal included: nothing is authenticated.

    Raises:
        Blocked: its certificate is not trusted.
        Unreachable: there is no answer.
    """
    with requests.Session() as session:
        session.trust_env = False
        began = wall()
        try:
            response = session.get(url, verify=verify, timeout=_TIMEOUT_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise not_answered(f"{whom} at {url}", error) from error
    middle = (began + wall()) / 2
    try:
        # The header leaves out the fraction: half a second is right on average.
        return parsedate_to_datetime(response.headers.get("date", "")).timestamp() + 0.5 - middle
    except (TypeError, ValueError):
        return None


def database_offset(database: Database, wall: Callable[[], float] = time.time) -> float:
    """How many seconds the database's clock is ahead of this machine's; raises as ``Database.value``."""
    database.server_version()  # whatever connecting takes
    began = wall()
    told = float(database.value(sql.SQL("SELECT extract(epoch FROM clock_timestamp())")))
    return told - (began + wall()) / 2
