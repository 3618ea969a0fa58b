"""What Koku must make of a CUR, computed from its CSV files alone (docs/contract/clouds.md 5 to 11)."""
