"""The expectation by the data: what must come out by conservation, from the CSV files and the cost model alone.

It is a second opinion on ``expect.usage`` and what follows from it, which say what Koku makes of the data. So it shares
none of their joins: each row of a CSV file counts once, where it stands.
"""
