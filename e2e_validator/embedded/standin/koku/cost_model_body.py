"""The body of ``POST`` and ``PUT cost-models/`` (docs/contract/koku.md 5.5)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from e2e_validator.embedded.standin.koku.cost_model_rates import currency, read_rates
from e2e_validator.embedded.standin.koku.fields import (
    FieldError,
    boolean,
    choice,
    gather,
    mapping,
    number,
    text,
)

Row = dict[str, Any]
SOURCE_TYPES = {
    "OCP": "OpenShift Container Platform",
    "AWS": "Amazon Web Services",
    "Azure": "Microsoft Azure",
    "GCP": "Google Cloud",
}
ENABLED_CURRENCY = "USD"
_DISTRIBUTIONS = ("cpu", "memory")
_SHARED = {
    "platform_cost": True,
    "worker_cost": True,
    "network_unattributed": False,
    "storage_unattributed": False,
    "gpu_unallocated": False,
}


@dataclass(frozen=True, slots=True)
class CostModelBody:
    """What was asked for; None is what the body leaves as it is."""

    name: str
    description: str
    source_type: str
    currency: str
    source_uuids: list[str]
    distribution_info: Row
    rates: list[Row] | None
    markup: Row | None
    distribution: str | None


def _currency(data: Row) -> str:
    """Only one currency is enabled, as no others were enabled."""
    code = currency(data["currency"])
    if code != ENABLED_CURRENCY:
        raise FieldError([f'"{code}" is not an enabled currency.'])
    return code


def _markup(raw: Any) -> Row:
    data = mapping(raw)
    readers: dict[str, Any] = {}
    if "value" in data:
        readers["value"] = lambda: f"{number(data['value']):f}"
    if "unit" in data:
        readers["unit"] = lambda: choice(data["unit"], ("percent",))
    return gather(readers)


def _distribution(raw: Any) -> str:
    if raw == "":
        raise FieldError([f"{raw} is an invaild distribution type"])
    return choice(raw, _DISTRIBUTIONS)


def _distribution_info(raw: Any) -> Row:
    data = mapping(raw)
    readers: dict[str, Any] = {
        "distribution_type": lambda: choice(data.get("distribution_type", "cpu"), _DISTRIBUTIONS)
    }
    for name, default in _SHARED.items():
        readers[name] = lambda name=name, default=default: boolean(data.get(name, default))
    return gather(readers)


def _source_uuids(raw: Any) -> list[str]:
    if not isinstance(raw, list):
        raise FieldError([f'Expected a list of items but got type "{type(raw).__name__}".'])
    try:
        return [str(uuid.UUID(str(item))) for item in raw]
    except ValueError:
        raise FieldError(["Invalid request. Source UUID validation failed."]) from None


def _check_units(rates: list[Row], code: str) -> None:
    for rate in rates:
        for priced in (*rate.get("tiered_rates", []), *rate.get("tag_rates", {}).get("tag_values", [])):
            if priced["unit"] != code or priced.get("usage", {}).get("unit", code) != code:
                text = "Rate units must match currency provided in a cost model."
                raise FieldError({"non_field_errors": [text]})


def read_body(data: Row) -> CostModelBody:
    """Check a body.

    Raises:
        FieldError: every wrong field, or the rule over several fields that is broken.
    """
    readers: dict[str, Any] = {
        "name": lambda: text(data, "name", 100, blank=True),
        "description": lambda: text(data, "description", 500, blank=True),
        "source_type": lambda: text(data, "source_type", 10_000),
    }
    optional = {
        "source_uuids": _source_uuids,
        "rates": read_rates,
        "markup": _markup,
        "distribution": _distribution,
        "distribution_info": _distribution_info,
        "currency": lambda _raw: _currency(data),
    }
    readers |= {key: lambda read=read, key=key: read(data[key]) for key, read in optional.items() if key in data}
    found = gather(readers)
    types = {name.lower(): name for name in SOURCE_TYPES}
    source_type = types.get(found["source_type"].lower(), found["source_type"])
    only_markup = bool(found.get("markup")) and not found.get("rates")
    if source_type != "OCP" and not (only_markup and source_type in SOURCE_TYPES):
        raise FieldError({"non_field_errors": [f"{source_type} is not a valid source."]})
    code = found.get("currency", ENABLED_CURRENCY)
    _check_units(found.get("rates") or [], code)
    info = found.get("distribution_info")
    if info is None:
        info = {"distribution_type": found.get("distribution", "cpu"), **_SHARED}
    return CostModelBody(
        name=found["name"],
        description=found["description"],
        source_type=source_type,
        currency=code,
        source_uuids=found.get("source_uuids", []),
        distribution_info=info,
        rates=found.get("rates"),
        markup=found.get("markup"),
        distribution=found.get("distribution"),
    )
