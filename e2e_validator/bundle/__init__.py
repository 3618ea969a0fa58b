"""The failure bundle: what the environment looked like when a phase did not pass, or before something was repaired.

It only looks, it is bounded in time, and it changes no verdict: what cannot be collected is said in ``bundle.log``.
"""
