"""OpenShift: what its scenarios may say, what must come out of their data, and what each stage really holds."""
