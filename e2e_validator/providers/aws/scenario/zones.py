"""The availability zones that nise knows; of any other region it takes one by chance (docs/contract/nise.md 0, 2.2)."""

from __future__ import annotations

_LETTERS = {
    "us-east-1": "abcdef", "us-west-1": "ab", "us-west-2": "abc", "eu-north-1": "a", "eu-west-1": "abc",
    "eu-central-1": "ab", "eu-west-2": "a", "eu-west-3": "a", "me-south-1": "a", "ap-east-1": "a",
    "ap-southeast-1": "ab", "ap-southeast-2": "abc", "ap-northeast-1": "ac", "ap-northeast-2": "a",
    "ap-northeast-3": "a", "cn-north-1": "a", "cn-northwest-1": "a", "sa-east-1": "abc", "ap-south-1": "ab",
    "ca-central-1": "a", "af-south-1": "a", "us-gov-east-1": "a", "us-gov-west-1": "a",
}  # fmt: skip
ZONES = tuple(f"{region}{letter}" for region, letters in _LETTERS.items() for letter in letters)
