"""What preflight looks at in the cluster around a deployment: one small file per group of checks."""
