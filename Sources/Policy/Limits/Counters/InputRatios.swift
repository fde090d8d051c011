import Bytes

/// The tokens that a key's requests to a model take for each byte of their text, as the upstream measured them.
///
/// A text can have a token a byte, and prose has a quarter of that. So a request reserves a token a byte until enough like it
/// were measured, and from then on the highest ratio of those and a quarter more. What it reserves less than a token a byte is
/// not covered: a text of another kind could use it beyond the limit. Three rules bound that:
///
/// - The uncovered tokens of all requests in flight of the key and model are at most a quarter of the bytes that were measured.
///   Nobody overspends by more than a quarter of what was billed exactly before.
/// - A request that used more than it reserved is counted in full, and all that was measured is forgotten.
/// - Only the last 64 to 128 measured requests count, and nothing of an earlier process.
struct InputRatios {
    /// The requests that are measured together.
    struct Owner: Hashable, Sendable {
        /// The public id of the key.
        let key: String
        /// The model as it goes upstream.
        let model: String
    }

    /// What a request holds of the ratio of its owner.
    struct Hold: Sendable {
        /// The place of its owner, while `table` is the one with this number.
        fileprivate let place: Int
        fileprivate let table: Int
        /// Bytes of text, each of which could be a token.
        fileprivate let bytes: Int64
        /// Input tokens that are reserved in addition to those of the text.
        fileprivate let beside: Int64
        /// The tokens that are reserved less than a token a byte.
        let uncovered: Int64
        /// True where all of the input is text, so that its tokens say something about text.
        fileprivate let isMeasured: Bool
    }

    /// The requests of a period, summed up.
    private struct Period {
        var requests: Int64 = 0
        var bytes: Int64 = 0
        /// The highest ratio, in tokens for each `unit` bytes.
        var highest: Int64 = 0
    }

    private struct Measured {
        private var last = Period()
        private var present = Period()
        /// The uncovered tokens of all requests in flight.
        var uncovered: Int64 = 0

        var requests: Int64 { last.requests + present.requests }
        var bytes: Int64 { last.bytes.addingSaturated(present.bytes) }
        var highest: Int64 { max(last.highest, present.highest) }

        private mutating func add(bytes: Int64, ratio: Int64) {
            if present.requests >= requestsInPeriod {
                last = present
                present = Period()
            }
            present.requests += 1
            present.bytes = present.bytes.addingSaturated(bytes)
            present.highest = max(present.highest, ratio)
        }

        mutating func end(_ hold: Hold, tokens: Int64?) {
            uncovered = max(0, uncovered.subtractingSaturated(hold.uncovered))
            guard let tokens else { return }
            let ofText = max(0, tokens.subtractingSaturated(hold.beside))
            if hold.uncovered > 0, ofText > hold.bytes - hold.uncovered {
                last = Period()
                present = Period()
            }
            guard hold.isMeasured else { return }
            add(bytes: hold.bytes, ratio: ofText.scaled(by: unit, over: hold.bytes, limit: unit))
        }
    }

    /// Ratios are in tokens for each so many bytes.
    private static let unit: Int64 = 1024
    /// The ratio that is assumed at the least: a token for eight bytes.
    private static let leastRatio = unit / 8
    /// The requests to measure before a ratio is used.
    private static let leastRequests: Int64 = 8
    private static let requestsInPeriod: Int64 = 64
    /// The pairs of key and model that are remembered. A table that is full is emptied.
    private static let capacity = 16_384

    private var places: [Owner: Int] = [:]
    private var measured: [Measured] = []
    /// The number of the table: of all that were emptied.
    private var table = 0

    /// Says how much less than a token a byte `request` of the key `key` needs to reserve. Nil where its text is unknown.
    mutating func hold(for request: LimitedRequest, of key: KeyRecord) -> Hold? {
        guard request.textBytes > 0, let model = request.model else { return nil }
        let place = place(of: Owner(key: key.id, model: model))
        return Hold(
            place: place, table: table, bytes: request.textBytes,
            beside: max(0, request.mostInputTokens.subtractingSaturated(request.textBytes)),
            uncovered: Self.uncovered(request.textBytes, measured[place]), isMeasured: request.isText)
    }

    private mutating func place(of owner: Owner) -> Int {
        if let known = places[owner] { return known }
        if measured.count >= Self.capacity {
            places = [:]
            measured = []
            table += 1
        }
        places[owner] = measured.count
        measured.append(Measured())
        return measured.count - 1
    }

    /// Begins the request of `hold`, which was admitted.
    mutating func begin(_ hold: Hold) {
        guard hold.table == table else { return }
        measured[hold.place].uncovered = measured[hold.place].uncovered.addingSaturated(hold.uncovered)
    }

    private static func uncovered(_ bytes: Int64, _ measured: Measured) -> Int64 {
        guard measured.requests >= leastRequests else { return 0 }
        let ratio = max(leastRatio, measured.highest)
        let likely = bytes.scaled(by: ratio.addingSaturated(ratio / 4), over: unit, limit: bytes)
        let uncovered = bytes - likely
        return measured.uncovered.addingSaturated(uncovered) <= measured.bytes / 4 ? uncovered : 0
    }

    /// Ends the request of `hold`, which took `tokens` input tokens; nil where the upstream did not state them exactly.
    mutating func end(_ hold: Hold, tokens: Int64?) {
        guard hold.table == table else { return }
        measured[hold.place].end(hold, tokens: tokens)
    }
}
