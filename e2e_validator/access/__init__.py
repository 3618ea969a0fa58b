"""One client per thing talked to."""
