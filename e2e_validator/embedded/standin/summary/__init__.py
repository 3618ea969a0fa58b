"""The daily summary and the tables behind the reports (docs/contract/koku.md 6)."""
