"""From daily parquet to the rows behind the reports (docs/contract/clouds.md 8, 9, 11)."""
