"""The front door of signing."""

__all__: list[str] = []
