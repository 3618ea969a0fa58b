"""The way of an assembly of AWS through Koku: the phases in order, and how long each may take."""

from __future__ import annotations

from e2e_validator.scenario.flow import CLASSIC, Flow, Step

_INGEST = Step("ingest", 60, "until masu has taken the request to poll the source")
FLOW = Flow(
    stack=CLASSIC,
    before=(
        Step("preflight", 60, "until the deployment has answered"),
        Step("source", 300, "until the source is linked and copied to the tenant"),
        Step("generate", 300, "until nise has written the data"),
        Step("upload", 300, "until the files of the report are in the bucket of the source"),
    ),
    accepted=(
        _INGEST,
        Step("download", 300, "until every file of the manifest is fetched and split into days"),
        Step("parquet", 600, "until every file is in the parquet objects"),
        Step("summary", 1200, "until the daily summary is whole"),
        Step("cost", 1200, "until the cost model is applied"),
        Step("manifest", 1200, "until the manifest is completed"),
    ),
    refused=(_INGEST, Step("rejection", 90, "how long a refused payload is watched")),
    after=(
        Step("api", 60, "until the report API gives the figures"),
        Step("cleanup", 300, "until nothing of the run is left"),
    ),
)
