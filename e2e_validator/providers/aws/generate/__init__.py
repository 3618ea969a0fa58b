"""Cost and usage reports: made by nise, written from rows or taken as recorded, and laid down as the provider does."""
