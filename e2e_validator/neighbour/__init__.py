"""A control source in the same organisation, made once a run, whose figures no scenario may change."""
