"""The pages: what people do in a browser, behind the same doors as everything else."""
