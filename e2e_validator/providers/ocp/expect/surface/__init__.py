"""What answers of the API must have in common, one file per family: pure functions on answers.

See docs/contract/koku.md 5.4, 5.5.

The figures of a few plain answers are compared with the expectation. Everything else that people ask (the best groups
and "Others", filters, exclusions, pages, spans, orders) must say the same in other words, so no further expectation is
needed: each family builds its questions from plain answers and tells what an answer must then show.
"""
