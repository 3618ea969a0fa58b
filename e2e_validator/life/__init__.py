"""How a source and its payloads live: rows, moments and states that must be there, in order, and be this run's own."""
