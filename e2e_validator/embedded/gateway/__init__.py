"""The production transport, in one process: Keycloak's token endpoint, the gateway with its JWT filter, the ingress.

It answers as the Helm deployment's Envoy, Lua filter and insights-ingress do (docs/contract/chart.md 1.7, 1.8). The
tokens are real: signed with RS256 by a key of this stack, checked against the key set that is published.
"""
