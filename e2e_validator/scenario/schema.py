"""The JSON Schema of scenario files, generated from the model: for editors, and shipped with the package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from e2e_validator.providers.ocp.scenario.cost_model import CostModelFile, InlineCostModel
from e2e_validator.providers.ocp.scenario.nise_model import Generator, NiseReport
from e2e_validator.scenario.fault_names import ARMABLE
from e2e_validator.scenario.model import Scenario
from e2e_validator.scenario.repair_names import REPAIR_NAMES

SHIPPED = Path(__file__).with_name("scenario.schema.json")


def schema() -> dict[str, Any]:
    """The schema as a JSON object."""
    _, shared = models_json_schema(
        [(model, "validation") for model in (Scenario, Generator, NiseReport, InlineCostModel, CostModelFile)],
        title="Scenario of the e2e validator, version 1",
    )
    definitions = shared["$defs"]
    # The model takes the report as it is and checks it on its own, so that its problems carry their own words.
    definitions["Data"]["properties"]["nise"] = {
        "description": definitions["Data"]["properties"]["nise"]["description"],
        "anyOf": [{"$ref": "#/$defs/Generator"}, {"$ref": "#/$defs/NiseReport"}],
    }
    body = definitions.pop("Scenario")
    body["properties"]["cost_model"] = {
        "description": body["properties"]["cost_model"]["description"],
        "anyOf": [{"$ref": "#/$defs/CostModelFile"}, {"$ref": "#/$defs/InlineCostModel"}],
    }
    # The model takes any text, so that an unknown name is told with the one that was probably meant.
    definitions["Fault"]["properties"]["fault"]["enum"] = sorted(ARMABLE)
    for where in (body["properties"]["repairs"], definitions["Expect"]["properties"]["repaired"]):
        next(kind for kind in where["anyOf"] if kind.get("type") == "array")["items"]["enum"] = list(REPAIR_NAMES)
    costs = definitions["Expect"]["properties"]["costs"]
    costs["anyOf"] = [{"const": "zero"}, *(kind for kind in costs["anyOf"] if "$ref" in kind)]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **shared, **body, "$defs": definitions}


def schema_text() -> str:
    """The schema as it is written to a file."""
    return json.dumps(schema(), indent=2, sort_keys=True) + "\n"


def write_schema(path: Path = SHIPPED) -> None:
    """Write the schema to ``path``."""
    path.write_text(schema_text(), encoding="utf-8")
