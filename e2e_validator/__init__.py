"""End-to-end validation of Cost Management (Koku) on-premise.

Green means that the numbers are right; red names the place where they stopped being right.
"""

__version__ = "0.1.0"
