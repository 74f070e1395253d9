"""A small account for the tests of the command line: one way in that works, and faults."""

from __future__ import annotations

from pathlib import Path

from advisor.snapshot import Snapshot, write
from tests.scenes.builder import COLLECTED_AT, CORE, Scene, tcp
from tests.scenes.place import RECENTLY

WEB, WEB_ID = "web", "i-0aaaaaaaaaaaaaaa1"
DATABASE, DATABASE_ID = "db", "i-0aaaaaaaaaaaaaaa2"
CUT_OFF, CUT_OFF_ID = "cut-off", "i-0bbbbbbbbbbbbbbb3"


def scene(last_ping: str = RECENTLY) -> Scene:
    """A private machine with NAT and Session Manager, a database behind it, and one without any way out.

    `web` reaches ssm through the NAT gateway and is online; `db` admits tcp/5432 from web's group only and
    has no role; `cut-off` stands in a subnet without routes. There is no EC2 Instance Connect Endpoint, no
    bastion, and the serial console is off.
    """
    account = Scene()
    vpc = account.vpc("10.0.0.0/16", name="shop")
    gateway = vpc.igw()
    public = vpc.subnet("10.0.0.0/24", name="public", table=vpc.table([("0.0.0.0/0", gateway)]))
    nat = public.nat()
    private = vpc.subnet("10.0.1.0/24", name="private", table=vpc.table([("0.0.0.0/0", nat)]))
    isolated = vpc.subnet("10.0.2.0/24", name="isolated", table=vpc.table())
    web_group = vpc.group("web")
    data_group = vpc.group("data", ingress=[tcp(5432, web_group)])
    role = account.role("web-role", [CORE])
    web = private.instance(groups=[web_group], name=WEB, id=WEB_ID, profile=role, extra_tags={"env": "prod"})
    account.node(web, last_ping=last_ping)
    private.instance(groups=[data_group], name=DATABASE, id=DATABASE_ID, extra_tags={"env": "prod"})
    isolated.instance(
        groups=[web_group], name=CUT_OFF, id=CUT_OFF_ID, profile=role, extra_tags={"env": "test"}
    )
    return account


def saved(account: Scene, folder: Path, name: str = "account.json") -> str:
    """The path of a snapshot file that holds the scene."""
    path = folder / name
    write(Snapshot(responses=tuple(account.responses()), collected_at=COLLECTED_AT), path)
    return str(path)
