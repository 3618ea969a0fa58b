"""What each phase compares of a source of this type, once it has stopped waiting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from e2e_validator.engine.context import Context
from e2e_validator.engine.provider import Compared
from e2e_validator.errors import GaveUp, NumbersDiffer, counted
from e2e_validator.expect.stage import judge
from e2e_validator.providers.ocp.deviating import refuse_lost_days, repaired_in, with_names_of_gone
from e2e_validator.providers.ocp.foreign_nodes import with_foreign_roles
from e2e_validator.providers.ocp.organisation_groups import unless_groups_changed
from e2e_validator.providers.ocp.other_keys import other_keys
from e2e_validator.providers.ocp.own import own_expectation
from e2e_validator.providers.ocp.stages import (
    archive_stages,
    label_stage,
    line_item_stages,
    rate_stage,
    summary_stage,
    text_stages,
    ui_stage,
)


def converted(context: Context) -> Compared:
    """The archive, the raw and the daily line items, their texts and hours."""
    manifest = context.manifest(context.observe())
    if manifest is None:
        raise GaveUp("conversion: the manifest row vanished when every file was done")
    # Noted already now: what others enabled while Koku summarised may be disabled before the summary is looked at.
    other_keys(context)
    stages = [
        *archive_stages(context, context.sent, manifest.id),
        *line_item_stages(context, context.payload_index),
        *text_stages(context, context.payload_index),
    ]
    if context.sent.rest_comes_later:
        # The first of several tarballs may hold a file without rows alone, as operators send them.
        stages = [replace(stage, may_be_empty=True) for stage in stages]
    lines = judge(stages)
    rows = sum(int(values["rows"]) for values in stages[2].actual.values())
    return Compared(f"{rows:,} line items", lines, {"rows": rows})


def summarised(context: Context) -> Compared:
    """The daily summary, and its label sets."""
    lost = not own_expectation(context).stage("summary", context.payload_index - 1)
    stage = summary_stage(context, context.payload_index)
    if lost and not stage.actual:
        refuse_lost_days(context)
    try:
        lines = judge([stage, label_stage(context, context.payload_index)])
    except NumbersDiffer as error:
        if mended := repaired_in(context, stage.actual):
            headline = with_names_of_gone(error.headline, mended, "its summary holds")
            raise NumbersDiffer(headline, detail=error.detail) from error
        raise with_foreign_roles(context, error, stage, context.payload_index) from error
    refuse_lost_days(context)
    return Compared(f"{len(stage.actual)} groups as expected", lines)


@unless_groups_changed
def priced(context: Context) -> Compared:
    """The rows with costs, and the costs in the UI tables."""
    stages = [rate_stage(context, context.payload_index), ui_stage(context, context.payload_index)]
    lines = judge(stages)
    groups = len(stages[0].actual)
    facts = f"{counted(groups, 'group')} of costs as expected" if groups else "no costs, as expected without rates"
    return Compared(facts, lines, {"groups": groups})


COMPARED: Mapping[str, Callable[[Context], Compared]] = {"convert": converted, "summary": summarised, "cost": priced}
