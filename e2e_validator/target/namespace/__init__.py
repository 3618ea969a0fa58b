"""A Helm deployment, from nothing but its namespace."""
