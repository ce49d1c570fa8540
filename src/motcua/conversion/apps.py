from django.apps import AppConfig


class ConversionConfig(AppConfig):
    name = "motcua.conversion"
    label = "conversion"
    default_auto_field = "django.db.models.BigAutoField"
