/// A response of the sandbox, as a plan for `SandboxHandler`: determined by the request, without a socket.
package struct SandboxResponse: Sendable {
    /// One act of the server; acts follow each other.
    package enum Step: Hashable, Sendable {
        /// Send these bytes.
        case bytes([UInt8])
        /// Send all bytes so far, then wait.
        case pause(Duration)
        /// Be silent until the client leaves.
        case stall
        /// Close the connection without a proper end of the response.
        case cut
        /// Close the connection such that the client sees a reset.
        case reset
    }

    package enum Body: Sendable {
        /// All bytes at once.
        case bytes([UInt8])
        /// Bytes, pauses and faults.
        case paced(ResponseSteps)
        /// A WebSocket that echoes, instead of a body.
        case webSocket(WebSocket)
    }

    /// A WebSocket that echoes.
    package struct WebSocket: Sendable {
        let fault: Behaviour.Fault?
        /// The pause between two pings; nil for none.
        let pingInterval: Duration?
    }

    /// The HTTP status.
    package var status: Int
    /// The header fields, without those of the framing.
    package var headers: [(name: StaticString, value: String)]
    /// Steps before the head. A `stall`, `cut` or `reset` among them means that no head is sent.
    package var beforeHead: [Step] = []
    /// The value of `content-length`; nil for a chunked body. With `fault=wrong-length` it is more than the body has.
    package var declaredLength: Int?
    package var body: Body

    /// A response with a body of known length.
    init(status: Int, headers: [(name: StaticString, value: String)], bytes: [UInt8]) {
        self.status = status
        self.headers = headers
        declaredLength = bytes.count
        body = .bytes(bytes)
    }

    /// The bytes of the body up to its end or its fault, without the pauses.
    package var wholeBody: [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .paced(let steps):
            var whole: [UInt8] = []
            for step in steps {
                if case .bytes(let bytes) = step { whole += bytes }
            }
            return whole
        case .webSocket: return []
        }
    }

    /// The value of the header called `name`, in lower case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.description == name }?.value
    }
}
