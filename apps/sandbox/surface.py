"""The whole surface of the stand-in org: its own routes, OAuth, then REST."""

from apps.sandbox.admin import PREFIX, serve_admin
from apps.sandbox.edge import Serve
from apps.sandbox.errors import not_found
from apps.sandbox.oauth.routes import serve_oauth
from apps.sandbox.org import Org
from apps.sandbox.rest.bulk1.routes import serve_async
from apps.sandbox.rest.router import serve_data
from apps.sandbox.wire import Answer, Call


def org_surface(org: Org, *, certificate: str) -> Serve:
    """A function that answers any call to the org."""

    def serve(call: Call) -> Answer:
        if call.path.startswith(PREFIX):
            return serve_admin(org, call, certificate=certificate)
        org.counts["requests"] += 1
        answer = serve_oauth(org, call) or serve_data(org, call) or serve_async(org, call)
        if answer is not None:
            return answer
        error = not_found()
        return Answer(status=error.status, body=error.body())

    return serve
