"""The document that holds the matrix."""

from __future__ import annotations

from collections.abc import Sequence

from .matrix import Row, markdown, noticing, summary

_TEXT = """# The matrix of faults

Made by `make faults`; do not edit. `python -m tests.faults --check` compares everything but the seconds.

Every fault that the embedded stack knows, and what a run makes of it: once with `--repair=auto`, once with
`--repair=off`. A fault is put to the stack for real (a process is killed, a row deleted, a queue purged, a server
answers 503); the validator sees what it would see of a real deployment, and nothing else.

* **detected as**: the cause that the run names, by evidence. Several were recognised one after the other. `-` where
  there is nothing to name: what is late, or refused once, comes when it is asked for again.
* **repaired by**: the repairs that worked (`e2e-validator repairs` describes them). *Tried in vain*: it stopped at its
  limit and said so.
* **with repair on**, **with repair off**: the verdict, and the phase in which it fell. REPAIRED and PASSED mean that
  every figure of the API was compared afterwards and is exact. Our own scenario of a fault that must be found passes
  only if the run ends like this.
* **seconds to notice**: from the fault until it was recognised, or until the end of the phase that failed of it, in a
  run with `-n 2` on two cores. Repairs wait until nothing has changed for `--repair-after`: 2 s on an embedded stack,
  30 s elsewhere.

Payloads that Koku refuses stand for themselves: PASSED means there that it refused them and left just the traces that
the scenario names, which is believed only after a healthy payload came through behind them.
"""


def document(found: Sequence[Row]) -> str:
    """The whole document."""
    return f"{_TEXT}\n{markdown(found)}\n{summary(found)} {noticing(found)}\n"
