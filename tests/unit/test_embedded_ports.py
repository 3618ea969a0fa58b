from __future__ import annotations

import socket

import pytest

from e2e_validator.embedded.ports import BLOCK_SIZE, lease_ports
from e2e_validator.errors import Blocked


def test_two_leases_share_no_port() -> None:
    first, second = lease_ports(14), lease_ports(14)
    try:
        assert not set(first.ports) & set(second.ports)
        assert len(set(first.ports)) == 14
    finally:
        first.close()
        second.close()


def test_a_leased_block_is_refused_until_it_is_given_back() -> None:
    lease = lease_ports(1)
    block = lease.ports[0]
    with pytest.raises(Blocked, match="free ports"):
        lease_ports(1, blocks=[block])
    lease.close()
    again = lease_ports(1, blocks=[block])
    again.close()


def test_a_port_that_somebody_listens_on_is_not_leased() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = server.getsockname()[1]
        lease = lease_ports(1, blocks=[taken])
        lease.close()
        assert taken not in lease.ports


def test_an_unusable_port_is_not_leased_nor_a_block_too_small() -> None:
    free = lease_ports(BLOCK_SIZE)
    block = free.ports[0]
    free.close()
    with pytest.raises(Blocked):
        lease_ports(BLOCK_SIZE, blocks=[block], unusable=lambda port: port == block)


def test_ports_lie_below_the_range_of_outgoing_connections() -> None:
    lease = lease_ports(14)
    lease.close()
    assert all(20_000 <= port < 32_768 for port in lease.ports)
