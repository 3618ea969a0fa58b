"""Faults put to the embedded stack from outside, real in mechanism (koku contract 7 and 9)."""
