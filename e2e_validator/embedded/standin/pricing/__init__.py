"""The cost step: from the daily summary and a cost model to cost rows of the daily summary.

See docs/contract/koku.md 6.4.
"""
