"""Routes of sync: pages, and the API under /api/v1/."""

from apps.common import powers
from apps.common.routes import route
from apps.sync import views
from apps.sync.api import views as api

app_name = "sync"
READ, RUN = powers.READ_SYNC, powers.RUN_SYNC
urlpatterns = [
    route("sync/", views.jobs, name="jobs", policy=READ),
    route("sync/new/", views.create, name="create", policy=RUN),
    route("sync/preview/", views.preview, name="preview", policy=RUN),
    route("sync/jobs/<uuid:job_id>/", views.job, name="job", policy=READ),
    route("sync/jobs/<uuid:job_id>/start/", views.start, name="start", policy=RUN),
    route("sync/runs/<uuid:run_id>/", views.run, name="run", policy=READ),
    route("sync/runs/<uuid:run_id>/progress/", views.progress, name="progress", policy=READ),
    route(
        "api/v1/sync/jobs/",
        api.Jobs.as_view(),
        name="api-jobs",
        policy={"GET": READ, "POST": RUN},
    ),
    route("api/v1/sync/preview/", api.Preview.as_view(), name="api-preview", policy=RUN),
    route("api/v1/sync/jobs/<uuid:job_id>/", api.OneJob.as_view(), name="api-job", policy=READ),
    route(
        "api/v1/sync/jobs/<uuid:job_id>/runs/",
        api.JobRuns.as_view(),
        name="api-job-runs",
        policy={"GET": READ, "POST": RUN},
    ),
    route("api/v1/sync/runs/<uuid:run_id>/", api.OneRun.as_view(), name="api-run", policy=READ),
    route(
        "api/v1/sync/runs/<uuid:run_id>/items/",
        api.RunItems.as_view(),
        name="api-run-items",
        policy=READ,
    ),
]
