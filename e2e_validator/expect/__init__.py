"""What must come out, computed from the generated CSV files alone; and the ledger that compares it stage by stage.

This room knows nothing of the system under test: it reads CSV files and gives numbers. It shares no code with
the embedded stand-in, so that a mistake in one cannot hide the same mistake in the other.
"""
