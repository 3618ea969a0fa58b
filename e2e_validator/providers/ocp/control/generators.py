"""A healthy payload beside the scenario's own: one pod, one day of last month.

A negative scenario sends it after the bad one. One that needs tag keys which Koku has never seen sends it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any


def control_generators(keys: Sequence[str] = ()) -> list[dict[str, Any]]:
    """What nise makes it of; the pod has a label for each of ``keys``."""
    labels = "|".join(f"label_{key}:control payload" for key in ("app", *keys))
    return [
        {
            "OCPGenerator": {
                "nodes": [
                    {
                        "node_name": "control_node",
                        "cpu_cores": 2,
                        "memory_gig": 8,
                        "resource_id": "control",
                        "namespaces": {
                            "control": {
                                "pods": [
                                    {
                                        "pod_name": "control_pod",
                                        "cpu_request": 1,
                                        "cpu_limit": 2,
                                        "mem_request_gig": 1,
                                        "mem_limit_gig": 2,
                                        "pod_seconds": 3600,
                                        "cpu_usage": {"full_period": 0.5},
                                        "mem_usage_gig": {"full_period": 1},
                                        "labels": labels,
                                    }
                                ]
                            }
                        },
                    }
                ]
            }
        }
    ]


def control_period(today: datetime) -> tuple[datetime, datetime]:
    """The first day of last month: in the past on every day, and within any retention."""
    start = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return start, start + timedelta(days=1)
