/// What the sandbox answers, as a plan that somebody else carries out: pure and determined by the request.
package struct SandboxAnswer: Sendable {
    /// One thing to do after the other.
    package enum Step: Hashable, Sendable {
        /// Send these bytes.
        case bytes([UInt8])
        /// Send what there is, then wait.
        case pause(Duration)
        /// Be silent until the peer leaves.
        case stall
        /// Close the connection without a proper end of the answer.
        case cut
        /// Close the connection such that the peer sees a reset.
        case reset
    }

    /// The body.
    package enum Body: Sendable {
        /// In one go.
        case bytes([UInt8])
        /// Step by step.
        case paced(SandboxSteps)
        /// None: a WebSocket that says back what it is told.
        case webSocket
    }

    /// The HTTP status.
    package var status: Int
    /// The fields beside those of the framing.
    package var headers: [(name: StaticString, value: String)]
    /// What happens before the head is sent; a `stall`, `cut` or `reset` in it means that no head is ever sent.
    package var beforeHead: [Step] = []
    /// What `content-length` says; nil for a body in chunks. Of a `fault=wrong-length` it is more than what comes.
    package var declaredLength: Int?
    /// The body.
    package var body: Body

    /// An answer with a body of known length.
    init(status: Int, headers: [(name: StaticString, value: String)], bytes: [UInt8]) {
        self.status = status
        self.headers = headers
        declaredLength = bytes.count
        body = .bytes(bytes)
    }

    /// The body's bytes up to where it ends or breaks off, without the waiting: for tests and batches.
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
