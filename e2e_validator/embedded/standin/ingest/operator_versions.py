"""Which operator release a commit sha in ``manifest.json`` stands for (docs/contract/koku.md 3.3, ``version``)."""

# Only releases a test is likely to send. Other texts are shown as they came, as Koku does with unknown commits.
OPERATOR_VERSIONS = {
    "cdd836a19466190844727ff8f71730cd39dc28b7": "costmanagement-metrics-operator:4.4.2",
    "53d63c3aa6dc255ec8bc0cecf5d62c3a30066df3": "costmanagement-metrics-operator:4.4.1",
    "74ab8043a31a07d831035d5233cce0e44f3fb082": "costmanagement-metrics-operator:4.4.0",
    "ec11d7bddaa8ea3a980236b364780fed0cd2cb0f": "costmanagement-metrics-operator:4.3.1",
    "078c8d706ff3bc4198d2364c6fad1e3f7074cbe8": "costmanagement-metrics-operator:4.3.0",
    "d0bc2c257b15ad2f6d73b4e77badbd9706d1a694": "costmanagement-metrics-operator:4.2.0",
    "c7361974c47522d07a4810fdada6be4f39ecd75d": "costmanagement-metrics-operator:4.1.0",
    "e53f9db7c6e7f995b6aa6100a580dae74162ac3c": "costmanagement-metrics-operator:4.0.0",
    "78eabeb962648926f98b4cc239a6f59541f001cd": "koku-metrics-operator:v4.4.1",
    "765fc5be236ca2ca2494b2e5ca57fbb93a94e943": "koku-metrics-operator:v4.4.0",
}
