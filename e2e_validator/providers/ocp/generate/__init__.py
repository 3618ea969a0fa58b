"""Payloads as the operator of Koku packs them."""
