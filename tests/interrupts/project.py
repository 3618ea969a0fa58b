"""What is interrupted: a scenario that runs nise, one with money and tag keys, one of two payloads."""

from __future__ import annotations

from pathlib import Path

from faults.running import SCENARIOS, make_project

RECORDED = """
version: 1
name: {name}
description: Recorded data.
tags: [quick]
data: {{payloads: recordings/{recording}}}
"""
PRICED = """
enable_tags: [environment]
cost_model:
  rates:
    - metric: {name: cpu_core_usage_per_hour}
      cost_type: Supplementary
      tag_rates: {tag_key: environment, tag_values: [{tag_value: prod, unit: USD, value: 2, default: false}]}
"""


def furnish(folder: Path) -> Path:
    """Make ``folder`` a project with three scenarios."""
    scenarios = make_project(folder)
    texts = {
        "one_pod_day": (SCENARIOS / "one_pod_day.yaml").read_text(encoding="utf-8"),
        "priced": RECORDED.format(name="priced", recording="team_cluster") + PRICED,
        "two_months": RECORDED.format(name="two_months", recording="two_months"),
    }
    for name, text in texts.items():
        (scenarios / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder
