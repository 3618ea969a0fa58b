"""The JSON Schema of scenario files, generated from the model: for editors, and shipped with the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from e2e_validator.providers import registry
from e2e_validator.scenario.fault_names import ARMABLE
from e2e_validator.scenario.model import Scenario
from e2e_validator.scenario.repair_names import REPAIR_NAMES

SHIPPED = Path(__file__).with_name("scenario.schema.json")


def schema() -> dict[str, Any]:
    """The schema as a JSON object."""
    kinds = [registry.rules(name) for name in registry.types()]
    reports = [model for kind in kinds for model in kind.report_models()]
    scales = [model for kind in kinds for model in kind.scale_models()]
    prices = [model for kind in kinds for model in kind.price_models()]
    _, shared = models_json_schema(
        [(model, "validation") for model in (Scenario, *reports, *scales, *prices)],
        title="Scenario of the e2e validator, version 1",
    )
    definitions = shared["$defs"]
    # The model takes the report as it is and checks it on its own, so that its problems carry their own words.
    definitions["Data"]["properties"]["nise"] = {
        "description": definitions["Data"]["properties"]["nise"]["description"],
        "anyOf": [_reference(model) for model in reports],
    }
    definitions["Data"]["properties"]["scale"] = {
        "description": definitions["Data"]["properties"]["scale"]["description"],
        "anyOf": [_reference(model) for model in scales],
    }
    body = definitions.pop("Scenario")
    definitions["Source"]["properties"]["type"] |= {"enum": list(registry.types())}
    body["properties"]["cost_model"] = {
        "description": body["properties"]["cost_model"]["description"],
        "anyOf": [_reference(model) for model in prices],
    }
    # The model takes any text, so that an unknown name is told with the one that was probably meant.
    definitions["Fault"]["properties"]["fault"]["enum"] = sorted(ARMABLE)
    for where in (body["properties"]["repairs"], definitions["Expect"]["properties"]["repaired"]):
        next(kind for kind in where["anyOf"] if kind.get("type") == "array")["items"]["enum"] = list(REPAIR_NAMES)
    costs = definitions["Expect"]["properties"]["costs"]
    costs["anyOf"] = [{"const": "zero"}, *(kind for kind in costs["anyOf"] if "$ref" in kind)]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shared, **body, "$defs": definitions}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{model.__name__}"}


def schema_text() -> str:
    """The schema as it is written to a file."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"
