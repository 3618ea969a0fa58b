"""What the later phases must know of an assembly that was made."""

from __future__ import annotations

from e2e_validator.engine.context import Context
from e2e_validator.engine.run_state import SentPayload
from e2e_validator.providers.aws.made import MadePackage


def note(context: Context, made: MadePackage, *, control: bool = False) -> SentPayload:
    """The note of it; ``control``: it is for the control source."""
    return SentPayload(
        index=made.index,
        uuid=made.assembly,
        payload_folder=str(made.folder),
        tarball=str(made.manifest),
        object_key=made.manifest.relative_to(made.folder).as_posix(),
        files=made.files,
        control=control,
        bucket=context.control_key if control else context.source_key,
    )
