"""The front door of feedback."""

__all__: list[str] = []
