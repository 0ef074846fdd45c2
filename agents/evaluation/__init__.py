"""How judgement is measured: samples in benchmark form, and metrics over them."""
