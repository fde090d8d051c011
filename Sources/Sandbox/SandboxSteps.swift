/// The steps of a paced body, made one at a time: four thousand waiting streams cost next to nothing.
package struct SandboxSteps: Sequence, IteratorProtocol, Sendable {
    enum Source: Sendable {
        case list(ArraySlice<SandboxAnswer.Step>)
        case events(EventSource)
    }

    private var list: ArraySlice<SandboxAnswer.Step> = []
    private var events: EventSource?
    private var gzip: StoredGzip?
    private var drips: Bool
    private var dripping: ArraySlice<UInt8> = []
    private var owesPause = false
    private var isOver = false

    /// - Parameters:
    ///   - gzip: whether the bytes go out compressed, each step's as a block of its own.
    ///   - drips: whether they go out a few at a time.
    init(_ source: Source, gzip: Bool, drips: Bool) {
        switch source {
        case .list(let list): self.list = list
        case .events(let events): self.events = events
        }
        self.gzip = gzip ? StoredGzip() : nil
        self.drips = drips
    }

    /// The next step; nil at the proper end of the body.
    package mutating func next() -> SandboxAnswer.Step? {
        guard drips else { return nextEncoded() }
        while dripping.isEmpty {
            guard let step = nextEncoded() else { return nil }
            guard case .bytes(let bytes) = step else { return step }
            dripping = bytes[...]
        }
        owesPause.toggle()
        guard !owesPause else { return .pause(.milliseconds(1)) }
        // Seven is prime to all usual lengths, so that every place of an event is a seam at some time.
        let drop = dripping.prefix(7)
        dripping = dripping.dropFirst(7)
        return .bytes(Array(drop))
    }

    private mutating func nextEncoded() -> SandboxAnswer.Step? {
        guard !isOver else { return nil }
        let step = nextPlain()
        guard gzip != nil else { return step }
        switch step {
        case .bytes(let bytes):
            var encoded: [UInt8] = []
            gzip?.append(bytes, to: &encoded)
            return .bytes(encoded)
        case nil:
            isOver = true
            var end: [UInt8] = []
            gzip?.finish(to: &end)
            return .bytes(end)
        default: return step
        }
    }

    private mutating func nextPlain() -> SandboxAnswer.Step? { events == nil ? list.popFirst() : events?.next() }
}
