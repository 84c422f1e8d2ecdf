"""model.access_log -> envoy.config.accesslog.v3.AccessLog."""

from envoy.config.accesslog.v3.accesslog_pb2 import AccessLog as EnvoyAccessLog
from envoy.config.core.v3.base_pb2 import DataSource
from envoy.config.core.v3.substitution_format_string_pb2 import SubstitutionFormatString
from envoy.extensions.access_loggers.file.v3.file_pb2 import FileAccessLog
from google.protobuf.struct_pb2 import Struct

from gossamer.compile.value import packed
from gossamer.model.access_log import Logging, LoggingFormat


def access_logs(logging: Logging | None) -> list[EnvoyAccessLog]:
    """Translate where a proxy writes its requests down: to one file, for both directions.

    Absent: no access log at all; a file without a format gets Envoy's own line.
    Source: App Mesh API `AccessLog`, `LoggingFormat`; Envoy `FileAccessLog`.
    """
    file = logging.access_log.file if logging is not None and logging.access_log is not None else None
    if file is None:
        return []
    log = FileAccessLog(path=file.path, log_format=_format(file.format) if file.format is not None else None)
    return [EnvoyAccessLog(name="envoy.access_loggers.file", typed_config=packed(log))]


def _format(written: LoggingFormat) -> SubstitutionFormatString:
    if written.text is not None:
        return SubstitutionFormatString(text_format_source=DataSource(inline_string=written.text))
    fields = Struct()
    fields.update({pair.key: pair.value for pair in written.json_ or ()})
    return SubstitutionFormatString(json_format=fields)
