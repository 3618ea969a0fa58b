"""What happens to a payload until its line items are in the database (koku contract 3)."""
