"""What must come out, computed from the generated CSV files alone."""
