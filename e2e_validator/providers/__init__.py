"""The source types: a folder each, found through ``providers.registry``."""
