"""What people must do besides: certificates, notices, books, routes; each is ticked off by name."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from motcua.desk.frame import show
from motcua.desk.gate import Seat
from motcua.desk.views.reorganisation.said import of_a_province
from motcua.kernel import clock
from motcua.kernel.errors import NotFound
from motcua.reorganisation import api as reorganisation
from motcua.screens.pages import address

KINDS = {
    "certificate": gettext_noop("đổi giấy chứng nhận"),
    "identifier_notice": gettext_noop("thông báo mã định danh"),
    "route": gettext_noop("tuyến liên thông"),
    "meeting_account": gettext_noop("tài khoản họp"),
    "citizen_notice": gettext_noop("thông báo cho người dân"),
    "book": gettext_noop("sổ"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def listing(request: HttpRequest, seat: Seat, name: str) -> HttpResponse:
    """The tasks of a plan with who did them when."""
    plan = reorganisation.plan(name).row
    found = reorganisation.tasks(name)
    if request.method == "POST":
        typed = request.POST.get("so", "")[:12]
        number = int(typed) if typed.isascii() and typed.isdigit() else 0
        if number not in {task.id for task in found}:
            raise NotFound("task-unknown", "Kế hoạch không có việc này.")
        reorganisation.tick(task_id=number, done=request.POST.get("xong") == "1", now=clock.now(), by=seat.scope)
        return HttpResponseRedirect(address("reorganisation-tasks", name))
    today = clock.today()
    context = {
        "plan": plan,
        "rows": [
            (task, _(KINDS[task.kind]) if task.kind in KINDS else task.kind,
             task.done_at is None and task.due_on is not None and task.due_on < today)
            for task in found
        ],
        "open": sum(1 for task in found if task.done_at is None),
        "may_tick": of_a_province(seat),
    }  # fmt: skip
    return show(request, seat, "desk/reorganisation/tasks.html", context, here="reorganisations")
