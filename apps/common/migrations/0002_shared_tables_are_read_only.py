"""Take back from the app's role what all tenants share and nobody writes while the console serves.

Renaming one row of `auth_permission` would change what every tenant's grants mean. The libraries'
own grant and attempt tables are not used; nothing may hide there.
"""

from django.conf import settings
from django.db import migrations

READ_ONLY = (
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
    "django_admin_log",
    "django_content_type",
    "guardian_groupobjectpermission",
    "guardian_userobjectpermission",
)
TABLES = ", ".join(READ_ONLY)


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0001_app_role"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("axes", "0010_accessattemptexpiration"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("guardian", "0003_remove_groupobjectpermission_guardian_gr_content_ae6aec_idx_and_more"),
    ]

    operations = [
        migrations.RunSQL(
            f"REVOKE INSERT, UPDATE, DELETE ON {TABLES} FROM {settings.DATABASE_APP_ROLE};",
            f"GRANT INSERT, UPDATE, DELETE ON {TABLES} TO {settings.DATABASE_APP_ROLE};",
        )
    ]
