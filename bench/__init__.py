"""What we measure, each against a baseline in the same run; `scenarios` is the table of it.

result      what a scenario returns: numbers, their spread, baselines and goals
run         one scenario in a process of its own
table       results for a terminal
page chart  results for docs/explanation/performance.md
crowd/      thousands of light delta xDS clients in one process
api/        creates, reads and lists at servers of the API
large_mesh  a mesh of any size
fleet       a real control plane with such a mesh, from outside
push/       servers whose fan-out is measured: ours, canned bytes, a peer
peer/       that peer, built where Go is installed
computed    what a process has computed
silence     servers in a scenario's process log little
"""
