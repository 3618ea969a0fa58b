"""What runs a scenario, whatever its source type: context, state on disk, runner, stall monitor, repair runner."""
