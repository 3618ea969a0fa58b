"""masu: the internal API that starts and watches the pipeline (docs/contract/koku.md 5.1)."""
