"""What the public API shows of AWS sources (docs/contract/clouds.md 10, 11)."""
