"""A stand-in for an on-premise Koku: what a validator can observe of it, on real servers.

One API process (the public API and masu), a listener that ingests payloads inline as Koku's Kafka listener does, and
workers fed by queues in Valkey. Facts: docs/contract/koku.md 9; no code is shared with the judge.
"""
