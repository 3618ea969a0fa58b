"""The nise report that is handed on: one form, without marker keys, with fixed CSI names, still without dates."""

from __future__ import annotations

import copy
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
