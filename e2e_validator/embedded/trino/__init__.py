"""A server that speaks Trino's client protocol over the parquet objects of the stack's object store.

In place of what Trino and Hive do in a deployment (docs/contract/clouds.md 1, 7); DuckDB computes.
"""
