"""AWS's own models of its APIs, as botocore ships them, which rules are held against."""

from __future__ import annotations

import functools
import re

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel, Shape

SERVICES = {"cloudwatch": "cloudwatch", "route53resolver": "route53resolver"}


@functools.cache
def service(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(SERVICES.get(name, name))


def operation(name: str) -> OperationModel:
    """The model of `ec2:DescribeVpcs`; raises if there is none."""
    prefix, _, call = name.partition(":")
    return service(prefix).operation_model(call)


def names_field(model: OperationModel, field: str) -> bool:
    """Whether a field such as `Vpcs[].State` is in the operation's answer, or is one of its errors.

    Remarks in brackets are left out.
    """
    path = re.sub(r"\(.*\)|\[[^\]]+\]", "", field).strip()
    if path in {shape.name for shape in model.error_shapes}:
        return True
    shape: Shape | None = model.output_shape
    for step in path.split("."):
        name = step.removesuffix("[]")
        if shape is None or shape.type_name != "structure" or name not in shape.members:
            return False
        shape = shape.members[name]
        while shape.type_name == "list":
            shape = shape.member
    return True


def options(model: OperationModel) -> set[str]:
    """The command line's options for an operation's parameters."""
    members = model.input_shape.members if model.input_shape else {}
    return {"--" + xform_name(name, "-") for name in members}


def call_of(service_name: str, command: str) -> OperationModel:
    """The operation that `aws SERVICE COMMAND` calls; raises KeyError if there is none."""
    model = service(service_name)
    return model.operation_model({xform_name(name, "-"): name for name in model.operation_names}[command])
