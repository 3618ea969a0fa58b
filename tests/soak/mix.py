"""The scenarios of a soak: copies of healthy ones under names of their own, so that many run at once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from faults.running import SCENARIOS

# Recorded payloads cost nearly nothing to make, so that the stack and not nise is what is busy.
RECORDED = ("one_pod_day", "two_months", "team_cluster", "growing_day", "same_payload_twice", "not_daily")
GENERATED = (
    "cost_resend",
    "cost_team_full",
    "cost_month_end",
    "cost_storage_usage",
    "cost_distribution_cpu",
    "cost_cluster_month",
)
PRICED = """
cost_model:
  rates:
    - metric: {name: cpu_core_usage_per_hour}
      cost_type: Supplementary
      tiered_rates: [{unit: USD, value: 0.5}]
  distribution_info: {distribution_type: cpu, platform_cost: false, worker_cost: false}
"""
# Who waits behind six others at the slowest pace waits for minutes, and is healthy.
LIMITS = "\nlimits: {download: 900s, convert: 600s, summary: 900s, cost: 600s, manifest: 600s, cleanup: 60s}\n"
Kind = tuple[str, str]
"""The original, and ``recorded``, ``priced`` or ``generated``."""
# Two recorded ones, one of them with costs, then one that nise makes, and so on.
KINDS: list[Kind] = [
    kind
    for number in range(len(RECORDED) * 2)
    for kind in (
        (RECORDED[number % len(RECORDED)], "recorded"),
        (RECORDED[(number + 1) % len(RECORDED)], "priced"),
        (GENERATED[number % len(GENERATED)], "generated"),
    )
]


def write_mix(folder: Path, count: int, kinds: Sequence[Kind] = KINDS) -> list[Path]:
    """Write ``count`` scenarios into ``folder``; the first of them are as mixed as all."""
    chosen = itertools.islice(itertools.cycle(kinds), count)
    return [_write(folder, number, *kind) for number, kind in enumerate(chosen, start=1)]


def _write(folder: Path, number: int, original: str, kind: str) -> Path:
    name = f"{original}_{kind}_{number:03}"
    if kind == "generated":
        text = (SCENARIOS / f"{original}.yaml").read_text(encoding="utf-8")
        text = text.replace(f"\nname: {original}\n", f"\nname: {name}\n")
    else:
        text = f"version: 1\nname: {name}\ndescription: Healthy.\ndata: {{payloads: recordings/{original}}}\n"
        text += PRICED * (kind == "priced")
    path = folder / f"{name}.yaml"
    path.write_text(text + LIMITS, encoding="utf-8")
    return path
