"""Whether a CUR is complete before it is uploaded: what lacks, and what that does (docs/contract/clouds.md 12)."""
