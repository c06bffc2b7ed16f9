"""Routes of evidence packs."""

from apps.common import powers
from apps.common.routes import route
from apps.evidence import views
from apps.evidence.api.links import LinkFile, LinkRevoke, PackDownload, PackLinks
from apps.evidence.api.views import PackDetail, PackList, PackRetry, PackRoot
from apps.evidence.downloads import views as downloads

EXPORT = powers.EXPORT
app_name = "evidence"
urlpatterns = [
    route("packs/", views.packs, name="packs", policy=EXPORT),
    route("packs/root.pem", views.root, name="root", policy=EXPORT),
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
