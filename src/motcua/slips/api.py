"""The front door of slips."""

__all__: list[str] = []
