"""Scenario files: their model, their checks with line and column, their dates, their plan."""
