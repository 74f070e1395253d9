"""The demo account's people and roles."""

from __future__ import annotations

from typing import NamedTuple

from tests.scenes.builder import CORE, Role, Scene, allow, deny

SSO_ROLE = "AWSReservedSSO_PlatformEngineer_3f9c1b7a5d2e8046"
SESSION_LOGS = {
    "session-logs": allow(
        "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"
    )
}
"""What a machine needs to write its sessions to CloudWatch Logs."""


class Identities(NamedTuple):
    """The roles of the instances, by what is wrong with them."""

    managed: Role
    without_logs: Role
    without_rights: Role
    without_channel: Role
    wrong_trust: Role
    bounded: Role


def identities(scene: Scene) -> Identities:
    """Make the roles, and the person who looks at the account."""
    scene.instance_profile("orders-batch-empty")
    _person(scene)
    return Identities(
        managed=scene.role("ManagedInstance", [CORE], inline=SESSION_LOGS),
        without_logs=scene.role("OrdersApi", [CORE]),
        without_rights=scene.role("WebAssets", ["AmazonS3ReadOnlyAccess"]),
        without_channel=scene.role(
            "OrdersReportLegacy",
            inline={
                "run-command-only": allow(
                    "ssm:UpdateInstanceInformation",
                    "ssm:ListAssociations",
                    "ssm:ListInstanceAssociations",
                    "ec2messages:*",
                )
            },
        ),
        wrong_trust=scene.role("OrdersBatch", [CORE], inline=SESSION_LOGS, trust="lambda.amazonaws.com"),
        bounded=scene.role(
            "OrdersReconcile", [CORE], inline=SESSION_LOGS, boundary=allow("s3:*", "sqs:*", "dynamodb:*")
        ),
    )


def _person(scene: Scene) -> None:
    path = "/aws-reserved/sso.amazonaws.com/ap-northeast-1/"
    scene.role(
        SSO_ROLE,
        ["ReadOnlyAccess"],
        inline={
            "connect": {
                "Version": "2012-10-17",
                "Statement": [
                    *allow("ssm:StartSession", "ssm:DescribeSessions", "ssm:GetConnectionStatus")[
                        "Statement"
                    ],
                    *allow(
                        "ssm:TerminateSession",
                        "ssm:ResumeSession",
                        "ssmmessages:OpenDataChannel",
                        resource="arn:aws:ssm:*:*:session/${aws:userid}-*",
                    )["Statement"],
                    *allow("ec2-instance-connect:*", "ec2:GetConsoleOutput")["Statement"],
                    *deny("ec2-instance-connect:SendSerialConsoleSSHPublicKey")["Statement"],
                ],
            }
        },
        trust={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {
                        "Federated": "arn:aws:iam::111122223333:saml-provider/AWSSSO_DO_NOT_DELETE"
                    },
                    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                }
            ],
        },
        path=path,
        profile=False,
    )
    scene.caller(
        f"arn:aws:sts::111122223333:assumed-role/{SSO_ROLE}/hanako.yamada",
        "AROA3X7EXAMPLEQ2R5T6:hanako.yamada",
    )
