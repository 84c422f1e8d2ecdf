"""The two snippets of the Getting Started, word for word.

Source: Getting Started with AWS App Mesh, step 6.
"""

from typing import Any, Final

ENVOY_IMAGE: Final = "111345817488.dkr.ecr.us-west-2.amazonaws.com/aws-appmesh-envoy:v1.8.0.2-beta"
INIT_IMAGE: Final = "111345817488.dkr.ecr.us-west-2.amazonaws.com/aws-appmesh-proxy-route-manager:latest"

TASK_DEFINITION: Final = f"""{{
  "family": "appmesh-gateway",
  "memory": "256",
  "proxyConfiguration": {{
    "type": "APPMESH",
    "containerName": "envoy",
    "properties": [
      {{
        "name": "IgnoredUID",
        "value": "1337"
      }},
      {{
        "name": "ProxyIngressPort",
        "value": "15000"
      }},
      {{
        "name": "ProxyEgressPort",
        "value": "15001"
      }},
      {{
        "name": "AppPorts",
        "value": "9080"
      }},
      {{
        "name": "EgressIgnoredIPs",
        "value": "169.254.170.2,169.254.169.254"
      }}
    ]
  }},
  "containerDefinitions": [
    {{
      "name": "app",
      "image": "application_image",
      "portMappings": [
        {{
          "containerPort": 9080,
          "hostPort": 9080,
          "protocol": "tcp"
        }}
      ],
      "essential": true,
      "dependsOn": [
        {{
          "containerName": "envoy",
          "condition": "HEALTHY"
        }}
      ]
    }},
    {{
      "name": "envoy",
      "image": "{ENVOY_IMAGE}",
      "essential": true,
      "environment": [
        {{
          "name": "APPMESH_VIRTUAL_NODE_NAME",
          "value": "mesh/meshName/virtualNode/virtualNodeName"
        }}
      ],
      "healthCheck": {{
        "command": [
          "CMD-SHELL",
          "curl -s http://localhost:9901/server_info | cut -d' ' -f3 | grep -q live"
        ],
        "startPeriod": 10,
        "interval": 5,
        "timeout": 2,
        "retries": 3
      }},
      "user": "1337"
    }}
  ],
  "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
  "networkMode": "awsvpc"
}}
"""

#: What reads the third word of a line of text, and what reads the JSON that every Envoy since 1.9 answers.
CHECK: Final = "cut -d' ' -f3 | grep -q live"
CHECK_THAT_WORKS: Final = "grep state | grep -q LIVE"

POD_SPEC: Final = f"""
spec:
  containers:
    - name: envoy
      image: {ENVOY_IMAGE}
      securityContext:
        runAsUser: 1337
      env:
        - name: "APPMESH_VIRTUAL_NODE_NAME"
          value: "mesh/meshName/virtualNode/virtualNodeName"
        - name: "ENVOY_LOG_LEVEL"
          value: "info"
        - name: "AWS_REGION"
          value: "aws_region_name"
  initContainers:
    - name: proxyinit
      image: {INIT_IMAGE}
      securityContext:
        capabilities:
          add:
            - NET_ADMIN
      env:
        - name: "APPMESH_START_ENABLED"
          value: "1"
        - name: "APPMESH_IGNORE_UID"
          value: "1337"
        - name: "APPMESH_ENVOY_INGRESS_PORT"
          value: "15000"
        - name: "APPMESH_ENVOY_EGRESS_PORT"
          value: "15001"
        - name: "APPMESH_APP_PORTS"
          value: "application_port_list"
        - name: "APPMESH_EGRESS_IGNORED_IP"
          value: "169.254.169.254"
"""


def filled(text: str) -> str:
    """A snippet with its placeholders filled in."""
    for placeholder, value in {
        "meshName": "simpleapp",
        "virtualNodeName": "serviceA",
        "application_image": "shop/front:7",
        "aws_region_name": "us-west-2",
        "application_port_list": "9080",
    }.items():
        text = text.replace(placeholder, value)
    return text


def without(containers: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """Containers but one."""
    return [each for each in containers if each["name"] != name]
