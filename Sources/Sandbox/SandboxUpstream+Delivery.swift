/// From what is answered to how: headers, encodings, paces and faults, the same for all endpoints.
extension SandboxUpstream {
    /// A whole body of known length.
    func deliver(
        _ bytes: [UInt8], type: StaticString = "application/json", id: String, _ behaviour: Behaviour = .standard,
        to call: Call
    ) -> SandboxAnswer {
        var bytes = bytes
        if behaviour.fault == .malformed { bytes.removeLast(bytes.count / 2) }
        let isEncoded = behaviour.gzip && call.request.acceptsGzip
        if isEncoded { bytes = StoredGzip.encode(bytes) }
        var answer = SandboxAnswer(
            status: 200, headers: headers(type, id: id, behaviour, isEncoded: isEncoded), bytes: bytes)
        answer.beforeHead = Self.beforeHead(behaviour)
        if let step = behaviour.fault?.atHalf {
            answer.body = .paced(steps([.bytes(Array(bytes.prefix(bytes.count / 2))), step]))
        } else if behaviour.fault == .wrongLength {
            answer.declaredLength = bytes.count + 16
            answer.body = .paced(steps([.bytes(bytes), .cut]))
        } else if behaviour.fault == .drip {
            answer.body = .paced(SandboxSteps(.list([.bytes(bytes)]), gzip: false, drips: true))
        }
        return answer
    }

    /// A body of unknown length in `pieces`, paced by the behaviour.
    func deliver(
        pieces: [[UInt8]], type: StaticString, id: String, _ behaviour: Behaviour, to call: Call
    ) -> SandboxAnswer {
        var list: [SandboxAnswer.Step] = []
        let half = pieces.count / 2
        for (index, piece) in pieces.enumerated() {
            if index == half {
                if let step = Self.breakingStep(behaviour) {
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

    /// A body of unknown length as `source` makes it.
    func deliver(
        _ source: SandboxSteps.Source, type: StaticString, id: String, _ behaviour: Behaviour, to call: Call
    ) -> SandboxAnswer {
        let isEncoded = behaviour.gzip && call.request.acceptsGzip
        var answer = SandboxAnswer(
            status: 200, headers: headers(type, id: id, behaviour, isEncoded: isEncoded), bytes: [])
        answer.declaredLength = nil
        answer.beforeHead = Self.beforeHead(behaviour)
        answer.body = .paced(SandboxSteps(source, gzip: isEncoded, drips: behaviour.fault == .drip))
        return answer
    }

    /// An error.
    func refusal(_ refusal: SandboxRefusal, to call: Call) -> SandboxAnswer {
        var json = JSONOutput(capacity: 256)
        refusal.appendObject(to: &json)
        var headers = headers("application/json", id: id("req-", call.number), refusal.behaviour, isEncoded: false)
        if refusal.status == 429 { headers.append(("retry-after", "1")) }
        if let allow = refusal.allow { headers.append(("allow", allow)) }
        if let upgrade = refusal.upgrade {
            headers.append(("connection", "upgrade"))
            headers.append(("upgrade", upgrade))
        }
        var answer = SandboxAnswer(status: refusal.status, headers: headers, bytes: json.bytes)
        answer.beforeHead = Self.beforeHead(refusal.behaviour)
        return answer
    }

    /// What stops a body of unknown length at half. It has no length that could be wrong.
    static func breakingStep(_ behaviour: Behaviour) -> SandboxAnswer.Step? {
        behaviour.fault == .wrongLength ? .cut : behaviour.fault?.atHalf
    }

    private func steps(_ list: [SandboxAnswer.Step]) -> SandboxSteps {
        SandboxSteps(.list(list[...]), gzip: false, drips: false)
    }

    private static func beforeHead(_ behaviour: Behaviour) -> [SandboxAnswer.Step] {
        var steps: [SandboxAnswer.Step] = []
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
