"""The assemblies as they stand in the source's bucket."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.expect.measures import Measures
from e2e_validator.expect.stage import Stage
from e2e_validator.providers.aws.delivery import bucket_of, files_of
from e2e_validator.providers.aws.expect import stages
from e2e_validator.providers.aws.expect.package import Package, read_file
from e2e_validator.providers.aws.own import own_expectation

_DATA = (".gz", ".csv")


def package_stages(context: Context, sent: Sequence[SentPayload]) -> list[Stage]:
    """A stage for each assembly: its files, rows and sums by day, as they are read back."""
    return [_stage(context, one) for one in sent if not one.control]


def _stage(context: Context, sent: SentPayload) -> Stage:
    wanted = own_expectation(context).stage(stages.FILES, sent.index - 1)
    return Stage(f"CSV -> assembly {sent.index}", wanted, _measures(context, sent), may_be_empty=not wanted)


def _measures(context: Context, sent: SentPayload) -> Measures:
    objects, bucket = context.clients.objects, bucket_of(context, sent)
    with tempfile.TemporaryDirectory(dir=context.folder) as name:
        folder = Path(name)
        for key in files_of(sent):
            if key.endswith(_DATA):
                (folder / Path(key).name).write_bytes(objects.read(bucket, key))
        files = tuple(read_file(path) for path in sorted(folder.iterdir()))
        return stages.files(Package("", "", files))
