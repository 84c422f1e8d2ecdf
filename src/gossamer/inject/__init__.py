"""Task definitions and pods, in without a sidecar, out with one; and the webhook that does it to pods.

settings         every option, and the endpoint that a workload is
environment      pure: the sidecar's variables
placeholder      pure: what of the Getting Started must not be left unchanged
ecs              pure: a task definition
ecs_contradiction  pure: what in one contradicts a sidecar
listener         pure: the ports of a virtual node
task_definition  pure: the documents that task definitions come in
spelling         members as the API writes them, and as CloudFormation does
container        pure: the containers that a pod gets
annotation       what a pod's metadata says
pod              pure: a pod
manifest         pure: the documents that pods come in
record           pure: how an injection is undone
patch            pure: JSON Patch
document         looking into parsed documents, and changing them in order
selector         pure: whether labels are selected
candidate        pure: which endpoint a pod is
review           pure: an AdmissionReview, and its answer
webhook          the server that is asked for reviews
text             files of JSON or YAML that keep their form
"""
