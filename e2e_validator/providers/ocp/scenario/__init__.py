"""What a scenario of this source type may say of its data and its prices."""
