"""What runs the validator inside the cluster: its rights, a Job, a ``helm test`` hook, and the image."""
