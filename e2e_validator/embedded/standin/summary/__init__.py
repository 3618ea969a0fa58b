"""The daily summary and the tables behind the reports (koku contract 6)."""
