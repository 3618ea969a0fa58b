"""One file per fault or family of faults."""
