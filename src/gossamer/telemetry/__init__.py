"""What the control plane tells of itself while it runs. The edges count and trace; the pure core never does.

metrics    the one table of metrics
tally      those of them that count once a stream and push
facts      what stands in every line that is logged for a call
cause      which change something follows from, and since when
commits    when the newest changes became durable
trace      spans, handed along by hand; none unless somebody collects them
tracing    whether somebody does; otlp: the door to OpenTelemetry
"""
