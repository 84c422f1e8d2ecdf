"""Everything at a terminal: one file a command group, loaded only when it is called.

entry      where the program begins: a sidecar without flags at once, everything else through `main`
main       the commands
synopsis   what each is for, for their list
serve      the control plane
agent, sidecar    the sidecar, with flags and without
variable_flag     a flag for each of its variables
intercept  the proxy route manager
doctor     why the proxy on this machine is not ready
cni        the same as a plugin of a container runtime
inject, webhook   sidecars into task definitions and pods: by files, and as the API server asks
get, describe    what is in a mesh
apply, diff, delete    documents as one change
history, rollback    what was changed, and the way back
proxies, config    what each proxy runs, and what it was sent
top        what goes on in a mesh, live
explain    what becomes of a request
analyze    what in a mesh is wrong, doubtful or of no use
offline    meshes as they stand in files
audit      what was done, by whom
keys       who may use the API and the xDS port, and what they may do
ca         the local certificate authority
store      the database: checked, backed up, restored, moved, brought to another version
progress   long work shown to whoever watches
share      which other accounts may use a mesh
database   the database of a data directory, beside a running server
failure    how commands fail
inventory, summary    what is in a mesh, asked of the operations, and in one line
files, template    documents in files, and in CloudFormation templates
changes    what a change came to, or what is wrong with it
confirm    asks a person
words      kinds and resources as people name them
shown      tables, documents, diffs
server     the control plane as these commands call it
aws_settings  endpoint, region and credentials as the AWS CLI finds them
control_plane  our commands as callers of the API
completion what a shell needs to complete commands
sdk        the API's description, for an AWS CLI or SDK that has none
demo       the Getting Started, live
"""
