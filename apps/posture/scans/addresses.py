"""Routes of scans: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.posture.scans import api, views

READ, SCAN, EXPORT = powers.READ_APPS, powers.SCAN_METADATA, powers.EXPORT
ONE = "scans/<uuid:scan_id>/"
API = "api/v1/scans/"
API_ONE = f"api/v1/{ONE}"

routes = [
    route("scans/", views.scans, name="scans", policy={"GET": READ, "POST": SCAN}),
    route(ONE, views.scan, name="scan", policy=READ),
    route(f"{ONE}progress/", views.progress, name="scan-progress", policy=READ),
    route(f"{ONE}cancel/", views.cancel, name="cancel-scan", policy=SCAN),
    route(f"{ONE}sarif/", views.sarif, name="scan-sarif", policy=EXPORT),
    route(API, api.ScanList.as_view(), name="api-scans", policy={"GET": READ, "POST": SCAN}),
    route(
        "api/v1/connections/<uuid:connection_id>/scans/",
        api.OrgScan.as_view(),
        name="api-scan-org",
        policy=SCAN,
    ),
    route(API_ONE, api.ScanDetail.as_view(), name="api-scan", policy=READ),
    route(f"{API_ONE}cancel/", api.ScanCancel.as_view(), name="api-scan-cancel", policy=SCAN),
    route(f"{API_ONE}report/", api.ScanReport.as_view(), name="api-scan-report", policy=READ),
    route(
        f"{API_ONE}addresses/", api.ScanAddresses.as_view(), name="api-scan-addresses", policy=READ
    ),
    route(f"{API_ONE}findings/", api.ScanFindings.as_view(), name="api-scan-findings", policy=READ),
    route(f"{API_ONE}sarif/", api.ScanSarif.as_view(), name="api-scan-sarif", policy=EXPORT),
]
