from django.apps import AppConfig


class SlipsConfig(AppConfig):
    name = "motcua.slips"
    label = "slips"
    default_auto_field = "django.db.models.BigAutoField"
