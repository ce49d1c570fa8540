"""The front door of documents."""

__all__: list[str] = []
