"""The pages: each turns an address into one question and its answer into one template."""
