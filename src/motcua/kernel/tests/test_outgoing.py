"""A call that failed: whether anything of it can have arrived."""

import socket
import threading
from unittest import mock

import pytest
import requests

from motcua.kernel.outgoing import never_left


def failed(port: int) -> requests.RequestException:
    with pytest.raises(requests.RequestException) as error:
        requests.post(f"http://127.0.0.1:{port}/", data=b"x", timeout=2)
    return error.value


def test_a_port_where_nobody_listens_and_a_name_that_nobody_has_were_never_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        assert never_left(failed(taken.getsockname()[1]))
    with mock.patch.object(socket, "getaddrinfo", side_effect=socket.gaierror(-2, "Name or service not known")):
        assert never_left(failed(1))


def test_a_line_that_was_cut_or_is_silent_may_have_carried_it_all() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        cutting = threading.Thread(target=lambda: server.accept()[0].close())
        cutting.start()
        assert not never_left(failed(server.getsockname()[1]))
        cutting.join()
    assert not never_left(requests.ReadTimeout("nobody said anything"))
