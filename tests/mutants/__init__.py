"""``make mutants``: planted regressions, each of which must turn a named scenario or test red at a named place."""
