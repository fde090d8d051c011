/// The steps of a paced body, made one at a time, so that a waiting stream costs little memory.
package struct ResponseSteps: Sequence, Sendable {
    enum Source: Sendable {
        case list(ArraySlice<SandboxResponse.Step>)
        case events(EventSource)
    }

    private let source: Source
    private let isGzip: Bool
    private let drips: Bool

    /// - Parameters:
    ///   - gzip: compresses the bytes, each step up to a byte border.
    ///   - drips: sends a few bytes at a time.
    init(_ source: Source, gzip: Bool, drips: Bool) {
        self.source = source
        isGzip = gzip
        self.drips = drips
    }

    package func makeIterator() -> Iterator { Iterator(source, gzip: isGzip, drips: drips) }

    package struct Iterator: IteratorProtocol {
        private var list: ArraySlice<SandboxResponse.Step> = []
        private var events: EventSource?
        private let gzip: GzipEncoder?
        private let drips: Bool
        /// Bytes of a step that are not sent yet.
        private var dripping: ArraySlice<UInt8> = []
        private var owesPause = false
        private var isOver = false

        init(_ source: Source, gzip: Bool, drips: Bool) {
            switch source {
            case .list(let list): self.list = list
            case .events(let events): self.events = events
            }
            self.gzip = gzip ? GzipEncoder() : nil
            self.drips = drips
        }

        /// The next step; nil at the proper end of the body.
        package mutating func next() -> SandboxResponse.Step? {
            guard drips else { return nextEncoded() }
            while dripping.isEmpty {
                guard let step = nextEncoded() else { return nil }
                guard case .bytes(let bytes) = step else { return step }
                dripping = bytes[...]
            }
            owesPause.toggle()
            guard !owesPause else { return .pause(.milliseconds(1)) }
            // Seven is prime to all usual lengths: in time, the seams fall on every place of an event.
            let drop = dripping.prefix(7)
            dripping = dripping.dropFirst(7)
            return .bytes(Array(drop))
        }

        private mutating func nextEncoded() -> SandboxResponse.Step? {
            guard !isOver else { return nil }
            let step = nextPlain()
            guard let gzip else { return step }
            var encoded: [UInt8] = []
            switch step {
            case .bytes(let bytes): gzip.append(bytes, to: &encoded)
            case nil:
                isOver = true
                gzip.finish(to: &encoded)
            default: return step
            }
            return .bytes(encoded)
        }

        private mutating func nextPlain() -> SandboxResponse.Step? { events == nil ? list.popFirst() : events?.next() }
    }
}
