"""What is released, and how it is shown to work: files, an index, an environment that has nothing else."""
