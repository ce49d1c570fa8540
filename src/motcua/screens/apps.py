from django.apps import AppConfig


class ScreensConfig(AppConfig):
    name = "motcua.screens"
    label = "screens"
    default_auto_field = "django.db.models.BigAutoField"
