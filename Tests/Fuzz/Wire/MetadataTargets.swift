import Bytes
import Fuzzing
import OpenAIAPI

/// Requests and responses of the API: any split gives the same metadata, and edits change what was judged.
extension FuzzTarget {
    static let jsonRequests = FuzzTarget("json-requests") { data, count in
        examine(data, count) { input in
            guard input.count > 0 else { return }
            let endpoint = Endpoint.allCases[Int(input[0]) % Endpoint.allCases.count]
            let body = input.extracting(1..<input.count)
            let whole = RequestOutcome(endpoint, [body.indices], body)
            let split = RequestOutcome(endpoint, Splits(body), body)
            require(whole == split, "a split request is read as the whole")
            if let metadata = whole.metadata { checkEdits(metadata, endpoint, body) }
        }
    }

    static let jsonResponses = FuzzTarget("json-responses") { data, count in
        examine(data, count) { input in
            guard input.count > 0 else { return }
            let endpoint = Endpoint.allCases[Int(input[0]) % Endpoint.allCases.count]
            let body = input.extracting(1..<input.count)
            let whole = ResponseScanner(endpoint: endpoint)
            whole.scan(body)
            whole.finish()
            let split = ResponseScanner(endpoint: endpoint)
            for piece in Splits(body) { split.scan(body.extracting(piece)) }
            split.finish()
            checkResponse(whole.metadata, body)
            // A document without an end may differ in the part of an escape that was counted.
            guard JSONGrammar.accepts(body, depth: 256) == true else { return }
            require(whole.counters == split.counters, "a split response is billed as the whole")
            // Names are read as early as they pass. A name that stands twice has no one meaning.
            guard !namesTwice(body) else { return }
            require(whole.metadata == split.metadata, "a split response is read as the whole")
        }
    }
}

/// Returns true for a body in which `id`, `model` or `backend` may stand twice, which escapes can hide.
private func namesTwice(_ body: Span<UInt8>) -> Bool {
    var counts = (0, 0, 0)
    for index in body.indices {
        if body[index] == ASCII.backslash { return true }
        if body.hasPrefix("\"id\"", from: index, to: body.count) { counts.0 += 1 }
        if body.hasPrefix("\"model\"", from: index, to: body.count) { counts.1 += 1 }
        if body.hasPrefix("\"backend\"", from: index, to: body.count) { counts.2 += 1 }
    }
    return counts.0 > 1 || counts.1 > 1 || counts.2 > 1
}

private func checkResponse(_ metadata: ResponseMetadata, _ body: Span<UInt8>) {
    require(metadata.id.map { (1...256).contains($0.utf8.count) } ?? true, "an id fits into a header")
    require(metadata.id?.utf8.allSatisfy { (0x21...0x7E).contains($0) } ?? true, "an id is visible")
    require((metadata.backend?.utf8.count ?? 0) <= ResponseMetadata.backendLimit, "a backend fits into a header")
    require(metadata.backend?.utf8.allSatisfy { (0x20...0x7E).contains($0) } ?? true, "a backend is ASCII")
    let counters = metadata.counters
    require(counters.contentBytes <= body.count * 3, "text is no longer than its body")
    require(counters.estimatedOutputTokens >= 0 && counters.images >= 0, "counts are not negative")
    if let usage = counters.usage {
        require(usage.promptTokens >= 0 && usage.completionTokens >= 0, "tokens are not negative")
        require((usage.audioMilliseconds ?? 0) >= 0 && (usage.searchUnits ?? 0) >= 0, "amounts are not negative")
    }
}

/// What a scanner made of a request.
private struct RequestOutcome: Equatable {
    var metadata: RequestMetadata?
    var error: APIError?

    init(_ endpoint: Endpoint, _ pieces: some Sequence<Range<Int>>, _ body: Span<UInt8>) {
        let type: StaticString = "application/json"
        do throws(APIError) {
            let bytes = UnsafeBufferPointer(start: type.utf8Start, count: type.utf8CodeUnitCount).span
            let scanner = try RequestScanner(endpoint: endpoint, contentType: bytes)
            for piece in pieces { try scanner.scan(body.extracting(piece)) }
            metadata = try scanner.finish()
        } catch {
            self.error = error
        }
    }

    static func == (one: Self, other: Self) -> Bool {
        guard let a = one.metadata, let b = other.metadata else {
            return one.metadata == nil && other.metadata == nil && one.error?.message == other.error?.message
        }
        return a.model == b.model && a.modelRange == b.modelRange && a.stream == b.stream
            && a.includeUsage == b.includeUsage && a.maxOutputTokens == b.maxOutputTokens && a.choices == b.choices
            && a.generations == b.generations && a.user == b.user && a.counters == b.counters
            && a.batch == b.batch && a.canBeBounded == b.canBeBounded
    }
}

/// Checks that the edited body says what the gateway wrote into it.
private func checkEdits(_ metadata: RequestMetadata, _ endpoint: Endpoint, _ body: Span<UInt8>) {
    require(metadata.counters.inputScalars >= 0 && metadata.counters.inputBytes >= 0, "lengths are not negative")
    require(metadata.counters.mostInputTokens >= 0, "tokens are not negative")
    require(metadata.generations >= metadata.choices && metadata.choices >= 1, "at least one choice is written")
    let edits = metadata.edits(
        servedModel: "m\"\u{e9}", askForUsage: true, outputBound: metadata.canBeBounded ? 17 : nil)
    guard !edits.isEmpty else { return }
    var edited: [UInt8] = []
    edits.forEachPiece(length: body.count) { piece in
        switch piece {
        case .original(let range): edited += body.extracting(range).array
        case .inserted(let bytes): edited += bytes
        }
    }
    require(edited.count == edits.newLength(of: body.count), "edits have the length that they state")
    let again = RequestOutcome(endpoint, [edited.indices], edited.span).metadata
    guard let again else { return require(false, "an edited request is valid") }
    if metadata.modelRange != nil { require(again.model == "m\"\u{e9}", "an edited request names the served model") }
    if metadata.canBeBounded { require(again.maxOutputTokens == 17, "an edited request has the bound") }
    var counters = again.counters
    require(counters.bodyBytes == 0 || counters.bodyBytes == edited.count, "the body is as long as it was sent")
    counters.bodyBytes = metadata.counters.bodyBytes
    if endpoint == .other {
        // All of its body is input.
        counters.inputScalars = metadata.counters.inputScalars
        counters.inputBytes = metadata.counters.inputBytes
    }
    require(counters == metadata.counters, "edits change no other count")
}
