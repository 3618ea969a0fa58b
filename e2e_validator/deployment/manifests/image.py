"""The definition of the image that the Job runs."""

from __future__ import annotations

CONTAINERFILE = """\
# Build in the checkout:  podman build -f Containerfile -t e2e-validator .
# Any image with Python 3.11 or newer, a shell, tar and base64 will do as BASE.
ARG BASE=python:3.12-slim
FROM ${BASE}
WORKDIR /validator
COPY pyproject.toml constraints.txt README.md LICENSE conftest.py ./
COPY e2e_validator ./e2e_validator
COPY scenarios ./scenarios
COPY fixtures ./fixtures
RUN python -m pip install --no-cache-dir --constraint constraints.txt --editable .
# OpenShift runs it as any user of group 0; nothing but /tmp and /results is written.
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 COLUMNS=120
RUN mkdir /results && chmod 0770 /results
USER 1001:0
CMD ["pytest", "scenarios/", "--run-dir", "/results", "-p", "no:cacheprovider"]
"""
