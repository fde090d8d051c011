/// Headers, encodings, pauses and faults, the same for all endpoints.
extension SandboxUpstream {
    /// A response with a body of known length.
    func deliver(
        _ bytes: [UInt8], type: StaticString = "application/json", id: String, _ behaviour: Behaviour = .standard,
        to call: Call
    ) -> SandboxResponse {
        var bytes = bytes
        if behaviour.fault == .malformed { bytes.removeLast(bytes.count / 2) }
        let isEncoded = behaviour.gzip && call.request.acceptsGzip
        if isEncoded { bytes = GzipEncoder.encode(bytes) }
        var response = SandboxResponse(
            status: 200, headers: headers(type, id: id, behaviour, isEncoded: isEncoded), bytes: bytes)
        response.beforeHead = Self.beforeHead(behaviour)
        if let step = behaviour.fault?.atHalf {
            response.body = .paced(steps([.bytes(Array(bytes.prefix(bytes.count / 2))), step]))
        } else if behaviour.fault == .wrongLength {
            response.declaredLength = bytes.count + 16
            response.body = .paced(steps([.bytes(bytes), .cut]))
        } else if behaviour.fault == .drip {
            response.body = .paced(ResponseSteps(.list([.bytes(bytes)]), gzip: false, drips: true))
        }
        if behaviour.fault == .switchProtocols { switchProtocols(&response, behaviour) }
        return response
    }

    /// A response with a body of unknown length, in `pieces` with the behaviour's pauses.
    func deliver(
        pieces: [[UInt8]], type: StaticString, id: String, _ behaviour: Behaviour, to call: Call
    ) -> SandboxResponse {
        var list: [SandboxResponse.Step] = []
        let half = pieces.count / 2
        for (index, piece) in pieces.enumerated() {
            if index == half {
                if let step = behaviour.breakingStep {
                    list.append(step)
                    break
                }
                if behaviour.fault == .malformed { break }
            }
            if index > 0, behaviour.interval > .zero { list.append(.pause(behaviour.interval)) }
            list.append(.bytes(piece))
        }
        return deliver(.list(list[...]), type: type, id: id, behaviour, to: call)
    }

    /// A response with a body of unknown length.
    func deliver(
        _ source: ResponseSteps.Source, type: StaticString, id: String, _ behaviour: Behaviour, to call: Call
    ) -> SandboxResponse {
        let isEncoded = behaviour.gzip && call.request.acceptsGzip
        var response = SandboxResponse(
            status: 200, headers: headers(type, id: id, behaviour, isEncoded: isEncoded), bytes: [])
        response.declaredLength = nil
        response.beforeHead = Self.beforeHead(behaviour)
        response.body = .paced(ResponseSteps(source, gzip: isEncoded, drips: behaviour.fault == .drip))
        if behaviour.fault == .switchProtocols { switchProtocols(&response, behaviour) }
        return response
    }

    /// Makes `response` a 101 that begins a WebSocket, without the fields that agree to a handshake.
    func switchProtocols(_ response: inout SandboxResponse, _ behaviour: Behaviour) {
        response.status = 101
        response.headers.removeAll { $0.name.description.hasPrefix("content-") }
        response.headers += [("connection", "upgrade"), ("upgrade", "websocket")]
        let interval = behaviour.interval
        response.body = .webSocket(
            SandboxResponse.WebSocket(fault: behaviour.fault, pingInterval: interval > .zero ? interval : nil))
    }

    /// An error response.
    func deliver(_ error: SandboxError, to call: Call) -> SandboxResponse {
        var json = JSONOutput(capacity: 256)
        error.appendObject(to: &json)
        var headers = headers("application/json", id: id("req-", call.number), error.behaviour, isEncoded: false)
        if error.status == 429 { headers.append(("retry-after", "1")) }
        if let allow = error.allow { headers.append(("allow", allow)) }
        if let upgrade = error.upgrade {
            headers.append(("connection", "upgrade"))
            headers.append(("upgrade", upgrade))
        }
        var response = SandboxResponse(status: error.status, headers: headers, bytes: json.bytes)
        response.beforeHead = Self.beforeHead(error.behaviour)
        return response
    }

    /// A response of one object.
    func deliver(_ value: JSONValue, _ call: Call) -> SandboxResponse {
        var json = JSONOutput()
        value.append(to: &json)
        return deliver(json.bytes, id: id("req-", call.number), to: call)
    }

    /// A page in the API's format.
    func list(_ elements: [(id: String, object: JSONValue)], hasMore: Bool) -> JSONValue {
        .object([
            ("object", .string("list")), ("data", .array(elements.map(\.object))),
            ("first_id", elements.first.map { .string($0.id) } ?? .null),
            ("last_id", elements.last.map { .string($0.id) } ?? .null), ("has_more", .bool(hasMore)),
        ])
    }

    /// Appends the members `id` and `backend`, each with a comma, where the behaviour places them in bodies.
    func appendIdentity(_ id: String, _ behaviour: Behaviour, to json: inout JSONOutput) {
        guard behaviour.backend != .none else { return }
        json.raw(#""id":"#)
        json.string(id)
        json.raw(",")
        guard behaviour.hasBodyIdentity || behaviour.backend == .firstEvent else { return }
        json.raw(#""backend":"#)
        json.raw(backendBytes)
        json.raw(",")
    }

    private func steps(_ list: [SandboxResponse.Step]) -> ResponseSteps {
        ResponseSteps(.list(list[...]), gzip: false, drips: false)
    }

    static func beforeHead(_ behaviour: Behaviour) -> [SandboxResponse.Step] {
        var steps: [SandboxResponse.Step] = []
        if behaviour.first > .zero { steps.append(.pause(behaviour.first)) }
        if behaviour.fault == .stallBefore { steps.append(.stall) }
        if behaviour.fault == .cutBefore { steps.append(.cut) }
        return steps
    }

    private func headers(
        _ type: StaticString, id: String, _ behaviour: Behaviour, isEncoded: Bool
    ) -> [(name: StaticString, value: String)] {
        var headers: [(name: StaticString, value: String)] = []
        headers.reserveCapacity(8)
        let type = type.description
        headers.append(("content-type", type))
        if type == "text/event-stream" { headers.append(("cache-control", "no-cache")) }
        if isEncoded { headers.append(("content-encoding", "gzip")) }
        if behaviour.hasHeaderIdentity {
            headers.append(("id", id))
            headers.append(("backend", backend))
        }
        let now = options.clock()
        let count = requestsThisMinute(now)
        headers.append(("x-ratelimit-limit-requests", String(options.requestsPerMinute)))
        headers.append(("x-ratelimit-remaining-requests", String(max(0, options.requestsPerMinute - count))))
        headers.append(("x-ratelimit-reset-requests", String(now + 60 - now % 60)))
        return headers
    }
}
