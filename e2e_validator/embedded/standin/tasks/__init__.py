"""What the workers do: summary, cost step, completion, deletion (koku contract 1.5, 2.5)."""
