"""Where Koku's figures are known not to be what the data say: each by an id, found by what in the data causes it."""
