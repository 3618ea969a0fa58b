"""What a scenario of AWS may say, and what is wrong with it; without any client (``scenario.source_type``)."""
