"""One stream as the audit log sees it: who opened it, for which endpoint, and what became of it."""

from dataclasses import dataclass, field

import grpc

from gossamer.xds.admission import Admission, NotPermitted, StreamEvent, Unauthenticated, Visitor
from gossamer.xds.call import Refused
from gossamer.xds.node_id import NodeId, UnknownNode, node_id


@dataclass(slots=True)
class Life:
    """What is known of it; `is_served` once it was let in."""

    admission: Admission
    number: int
    peer: str
    visitor: Visitor = field(default_factory=Visitor)
    node: str = ""
    is_served: bool = False

    def note(self, status: str, code: str = "", why: str = "") -> None:
        """Tell of something in it."""
        self.admission.note(
            StreamEvent(
                stream=self.number,
                node=self.node,
                peer=self.peer,
                status=status,
                visitor=self.visitor,
                code=code,
                why=why,
            )
        )

    async def permitted(self) -> NodeId:
        """The endpoint that the stream speaks for.

        Raises: Refused.
        """
        try:
            return await self.admission.permit(self.visitor, node_id(self.node))
        except UnknownNode as error:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        except NotPermitted as error:
            raise Refused(grpc.StatusCode.PERMISSION_DENIED, str(error)) from error
        except Unauthenticated as error:
            raise Refused(grpc.StatusCode.UNAUTHENTICATED, str(error)) from error
