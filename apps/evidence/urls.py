"""Routes of evidence packs."""

from apps.common import powers
from apps.common.routes import route
from apps.evidence import asking, readers, views
from apps.evidence.api.controls import ControlList, ControlRun
from apps.evidence.api.links import LinkFile, LinkRevoke, PackDownload, PackLinks
from apps.evidence.api.readers import ReaderLimit, ReaderList
from apps.evidence.api.views import PackDetail, PackList, PackRetry, PackRoot
from apps.evidence.catalogue import views as catalogue
from apps.evidence.downloads import views as downloads

EXPORT, CONTROLS, PEOPLE = powers.EXPORT, powers.READ_CONTROLS, powers.MANAGE_MEMBERS
app_name = "evidence"
urlpatterns = [
    route("controls/", catalogue.catalogue, name="controls", policy=CONTROLS),
    route("controls/one/", catalogue.control, name="control", policy=CONTROLS),
    route("controls/framework/", catalogue.framework, name="framework", policy=CONTROLS),
    route("controls/run/", catalogue.run, name="run-checks", policy=CONTROLS),
    route("controls/progress/", catalogue.run_progress, name="controls-progress", policy=CONTROLS),
    route("api/v1/controls/", ControlList.as_view(), name="api-controls", policy=CONTROLS),
    route("api/v1/controls/run/", ControlRun.as_view(), name="api-run-checks", policy=CONTROLS),
    route("packs/", asking.packs, name="packs", policy=EXPORT),
    route("packs/look/", asking.look, name="look", policy=EXPORT),
    route("packs/root.pem", views.root, name="root", policy=EXPORT),
    route("packs/readers/", readers.readers, name="readers", policy=PEOPLE),
    route("packs/readers/<uuid:user_id>/", readers.reader, name="reader", policy=PEOPLE),
    route("packs/<uuid:pack_id>/", views.pack, name="pack", policy=EXPORT),
    route("packs/<uuid:pack_id>/progress/", views.progress, name="progress", policy=EXPORT),
    route("packs/<uuid:pack_id>/retry/", views.retry, name="retry", policy=EXPORT),
    route("packs/links/<str:secret>/", downloads.link, name="link", policy=EXPORT),
    route(
        "packs/<uuid:pack_id>/links/<uuid:grant_id>/revoke/",
        downloads.revoke,
        name="revoke-link",
        policy=EXPORT,
    ),
    route("api/v1/packs/links/<str:secret>/", LinkFile.as_view(), name="api-link", policy=EXPORT),
    route(
        "api/v1/packs/<uuid:pack_id>/links/", PackLinks.as_view(), name="api-links", policy=EXPORT
    ),
    route(
        "api/v1/packs/<uuid:pack_id>/links/<uuid:grant_id>/revoke/",
        LinkRevoke.as_view(),
        name="api-revoke-link",
        policy=EXPORT,
    ),
    route("api/v1/packs/", PackList.as_view(), name="api-packs", policy=EXPORT),
    route("api/v1/packs/root/", PackRoot.as_view(), name="api-root", policy=EXPORT),
    route("api/v1/packs/readers/", ReaderList.as_view(), name="api-readers", policy=PEOPLE),
    route(
        "api/v1/packs/readers/<uuid:user_id>/",
        ReaderLimit.as_view(),
        name="api-reader",
        policy=PEOPLE,
    ),
    route("api/v1/packs/<uuid:pack_id>/", PackDetail.as_view(), name="api-pack", policy=EXPORT),
    route(
        "api/v1/packs/<uuid:pack_id>/retry/", PackRetry.as_view(), name="api-retry", policy=EXPORT
    ),
    route(
        "api/v1/packs/<uuid:pack_id>/download/",
        PackDownload.as_view(),
        name="api-download",
        policy=EXPORT,
    ),
]
