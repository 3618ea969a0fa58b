"""The classic stack (``ONPREM=False``): AWS reports read from a directory or bucket (docs/contract/clouds.md)."""
