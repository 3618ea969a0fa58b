"""The sources that a run makes beside its scenarios' own: the neighbour, and the witness of a negative scenario."""
