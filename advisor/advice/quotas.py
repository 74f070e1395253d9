"""Default quotas that stand in the way of a change. An account may have had them raised: said, not enforced.

Sources: Amazon VPC User Guide, "Amazon VPC quotas"; EC2 User Guide, "EC2 Instance Connect Endpoint".
"""

from __future__ import annotations

from typing import Final

RULES_PER_GROUP: Final = 60
"""Inbound or outbound rules of one security group."""
NETWORK_ACL_ENTRIES: Final = 20
"""Entries of a network ACL in one direction (40 when raised)."""
INTERFACE_ENDPOINTS_PER_VPC: Final = 50
"""Interface and Gateway Load Balancer endpoints of one VPC."""
INSTANCE_CONNECT_ENDPOINTS_PER_VPC: Final = 1
"""EC2 Instance Connect Endpoints of one VPC."""
INSTANCE_CONNECT_ENDPOINTS_PER_REGION: Final = 5
"""EC2 Instance Connect Endpoints of one account in one Region."""
ADDRESSES_PER_REGION: Final = 5
"""Elastic IP addresses of one account in one Region."""
NAT_GATEWAYS_PER_ZONE: Final = 5
"""NAT gateways in one Availability Zone."""
MANAGED_POLICIES_PER_ROLE: Final = 10
"""Managed policies attached to one role."""
