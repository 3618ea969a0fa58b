"""What is wrong when a phase does not get on: symptom, cause, evidence. It only looks."""
