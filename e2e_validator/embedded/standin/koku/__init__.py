"""The public API of the stand-in: what an on-prem Koku answers under ``/api/cost-management/v1/``.

See docs/contract/koku.md 5.
"""
