"""A Kubernetes cluster for tests: an API server, and pictures of what may run in it."""
