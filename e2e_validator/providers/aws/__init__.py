"""AWS as a source type: Cost and Usage Reports (CUR) on the classic stack."""
