"""What happens to a payload until its line items are in the database (docs/contract/koku.md 3)."""
