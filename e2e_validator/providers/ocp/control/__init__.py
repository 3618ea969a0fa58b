"""The sources that a run makes beside its scenarios' own: the neighbour, and a negative scenario's control source."""
