"""What the workers do: summary, cost step, completion, deletion (docs/contract/koku.md 1.5, 2.5)."""
