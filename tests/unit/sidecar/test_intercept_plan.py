import ipaddress

from gossamer.sidecar.intercept.plan import IgnoreNetwork, IgnorePort, Interception, Redirect, plan


def test_where_all_users_are_one_addresses_alone_tell_the_proxy_from_the_workload() -> None:
    backends = ipaddress.ip_network("10.1.0.0/16")
    made = plan(Interception(egress_port=15001, ignored_networks=(backends,)))
    assert made.egress == (IgnorePort(22), IgnoreNetwork(backends), Redirect(15001))
    assert made.ingress == ()


def test_more_ports_than_one_iptables_rule_could_hold_are_one_rule_here() -> None:
    ports = tuple(range(8000, 8020))
    made = plan(Interception(egress_port=15001, ingress_port=15000, app_ports=ports))
    assert made.ingress == (Redirect(15000, ports),)
