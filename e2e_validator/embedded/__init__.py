"""The embedded stack: real servers and a stand-in for Koku, for runs without a cluster."""
