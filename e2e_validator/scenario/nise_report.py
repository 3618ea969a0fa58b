"""The nise report as nise gets it: without marker keys, with fixed CSI names, with dates nise cannot misread."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

MARKERS = frozenset({"node", "namespace", "pod", "volume", "volume_claim"})
CSI_DRIVER = "csi.e2e-validator"


def settled(raw: dict[str, Any]) -> dict[str, Any]:
    """``{"generators": [...]}`` from a checked report in either form; nothing in it is left to chance."""
    report = copy.deepcopy(raw if "generators" in raw else {"generators": [{"OCPGenerator": raw}]})
    for entry in report["generators"]:
        for node in entry["OCPGenerator"]["nodes"]:
            _strip(node)
            for name, namespace in node["namespaces"].items():
                content = node["namespaces"][name] = namespace or {}
                _strip(content)
                if content.get("pods", ()) is None:
                    del content["pods"]
                for pod in content.get("pods", ()):
                    _strip(pod)
                for volume in content.get("volumes", ()):
                    _settle_volume(volume)
    return report


def _settle_volume(volume: dict[str, Any]) -> None:
    _strip(volume)
    # nise takes random ones; only these two columns of a volume may be left out of a scenario.
    volume["csi_driver"] = volume.get("csi_driver") or CSI_DRIVER
    volume["csi_volume_handle"] = volume.get("csi_volume_handle") or f"vol-{volume['volume_name']}"
    for claim in volume["volume_claims"]:
        _strip(claim)


def _strip(mapping: dict[str, Any]) -> None:
    """Drop marker keys and empty optional ones."""
    for key in [key for key, value in mapping.items() if key in MARKERS or (value is None and key.endswith("labels"))]:
        del mapping[key]


def dated(report: dict[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
    """A copy of ``report`` for the hours ``[start, end)``.

    The dates are text, never YAML dates: nise takes a YAML date that is the day of the run for "until now"
    (nise contract 6).
    """
    result = copy.deepcopy(report)
    for entry in result["generators"]:
        entry["OCPGenerator"]["start_date"] = f"{start:%Y-%m-%d %H:%M:%S}"
        entry["OCPGenerator"]["end_date"] = f"{end:%Y-%m-%d %H:%M:%S}"
    return result
