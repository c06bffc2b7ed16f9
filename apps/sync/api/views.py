"""Jobs, runs and what became of each record."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.api.reading import read_body
from apps.common.clock import database_now
from apps.crm import selectors as crm
from apps.llm import selectors as llm
from apps.residency.api.serializers import VerdictOut
from apps.sync import reading, selectors, services
from apps.sync.api.serializers import JobIn, JobOut, PreviewIn, RunItemOut, RunOut
from apps.sync.models import Job, Run, RunItem
from apps.tenancy.views import acting


class Jobs(generics.ListAPIView[Job]):
    """The tenant's jobs; POST makes one."""

    serializer_class = JobOut

    def get_queryset(self) -> QuerySet[Job]:
        return selectors.list_jobs()

    @extend_schema(request=JobIn, responses={201: JobOut})
    def post(self, request: Request) -> Response:
        job = services.create_job(
            actor=acting(request._request),
            job=services.JobInput(**read_body(JobIn, request)),
            now=database_now(),
        )
        return Response(JobOut(job).data, status=status.HTTP_201_CREATED)


class Preview(APIView):
    """What the policy in force would say about such a job, now. Nothing is made or sent."""

    @extend_schema(operation_id="sync_preview", request=PreviewIn, responses=VerdictOut)
    def post(self, request: Request) -> Response:
        actor, asked = acting(request._request), read_body(PreviewIn, request)
        shown = reading.verdict_for(
            crm.get_connection_for(actor=actor, connection_id=asked["connection_id"]),
            llm.get_endpoint_for(actor=actor, endpoint_id=asked["endpoint_id"]),
            asked["source_fields"],
            asked["purpose"],
        )
        return Response(VerdictOut(shown.verdict).data)


class OneJob(APIView):
    """One job."""

    @extend_schema(responses=JobOut)
    def get(self, request: Request, job_id: UUID) -> Response:
        job = selectors.get_job_for(actor=acting(request._request), job_id=job_id)
        return Response(JobOut(job).data)


class JobRuns(generics.ListAPIView[Run]):
    """A job's runs; POST starts one."""

    serializer_class = RunOut

    def get_queryset(self) -> QuerySet[Run]:
        job = selectors.get_job_for(
            actor=acting(self.request._request), job_id=self.kwargs["job_id"]
        )
        return selectors.list_runs(job=job)

    @extend_schema(request=None, responses={202: RunOut})
    def post(self, request: Request, **kwargs: Any) -> Response:
        run = services.start_run(
            actor=acting(request._request), job_id=kwargs["job_id"], now=database_now()
        )
        return Response(RunOut(run).data, status=status.HTTP_202_ACCEPTED)


class OneRun(APIView):
    """One run."""

    @extend_schema(responses=RunOut)
    def get(self, request: Request, run_id: UUID) -> Response:
        run = selectors.get_run_for(actor=acting(request._request), run_id=run_id)
        return Response(RunOut(run).data)


class RunItems(generics.ListAPIView[RunItem]):
    """What became of each record of a run."""

    serializer_class = RunItemOut

    def get_queryset(self) -> QuerySet[RunItem]:
        run = selectors.get_run_for(
            actor=acting(self.request._request), run_id=self.kwargs["run_id"]
        )
        return selectors.list_items(run)
