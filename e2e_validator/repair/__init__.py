"""Repairs of known faults, one file each: recognised by evidence, bounded, undone by a statement, and proven."""
