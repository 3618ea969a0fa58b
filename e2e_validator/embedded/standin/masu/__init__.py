"""masu: the internal API that starts and watches the pipeline (koku contract 5.1)."""
