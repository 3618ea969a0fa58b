"""Faults put to the embedded stack from outside, real in mechanism (docs/contract/koku.md 7, 9)."""
