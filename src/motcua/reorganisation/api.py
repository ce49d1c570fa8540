"""The front door of reorganisation."""

__all__: list[str] = []
