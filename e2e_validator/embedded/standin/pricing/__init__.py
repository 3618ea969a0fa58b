"""The cost step: from the daily summary and a cost model to cost rows of the daily summary (koku contract 6.4)."""
