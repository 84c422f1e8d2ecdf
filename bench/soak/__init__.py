"""`python -m bench.soak MINUTES`: a mesh that is never left alone, and whether anything in it grows.

scene      the machines: a control plane, agents with their Envoys, applications, a light crowd
churn      what keeps changing, and the traffic that must not notice
sample     what processes hold: memory, descriptors, threads, tasks
trend      whether a series grows beyond its noise
report     the table and the picture
"""
