"""The healthy payload that a negative scenario sends after the bad one: one pod, one day of last month."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

WITNESS_GENERATORS: list[dict[str, Any]] = [
    {
        "OCPGenerator": {
            "nodes": [
                {
                    "node_name": "witness_node",
                    "cpu_cores": 2,
                    "memory_gig": 8,
                    "resource_id": "witness",
                    "namespaces": {
                        "witness": {
                            "pods": [
                                {
                                    "pod_name": "witness_pod",
                                    "cpu_request": 1,
                                    "cpu_limit": 2,
                                    "mem_request_gig": 1,
                                    "mem_limit_gig": 2,
                                    "pod_seconds": 3600,
                                    "cpu_usage": {"full_period": 0.5},
                                    "mem_usage_gig": {"full_period": 1},
                                    "labels": "label_app:witness",
                                }
                            ]
                        }
                    },
                }
            ]
        }
    }
]


def witness_period(today: datetime) -> tuple[datetime, datetime]:
    """The first day of last month: in the past on every day, and within any retention."""
    start = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return start, start + timedelta(days=1)
