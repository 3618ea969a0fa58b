"""The expectation by the data: what must come out by conservation, from the CSV files alone.

It is a second opinion on ``expect.summary`` and what follows from it, which say what Koku makes of the data. So it
shares none of their groups, windows and roundings: each row of the last assembly of a month counts once.
"""
