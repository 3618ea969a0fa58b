"""Data for the scenarios: nise in isolation, counted against the plan, and packed as Koku's operator packs it."""
