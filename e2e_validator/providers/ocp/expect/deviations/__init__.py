"""Where Koku's figures are known not to be what the data say: found beforehand, by name."""
