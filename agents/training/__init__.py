"""The corpus that the local engine learns from, and what trains on it. Needs the extra `train`, but for the corpus."""
