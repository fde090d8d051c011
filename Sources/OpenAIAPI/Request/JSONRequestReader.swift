import Bytes
import Scanners

/// Reads the members of a JSON body that the gateway decides on. Refuses a body in which one of them appears twice.
///
/// Reads a batch's line in the same way, with other paths.
final class JSONRequestReader {
    private var endpoint: Endpoint
    private let pathNamesModel: Bool
    private var paths: RequestPaths
    private var scanner: JSONScanner

    /// - Parameter pathNamesModel: The path names the model, so that the body's has no effect.
    init(_ endpoint: Endpoint, pathNamesModel: Bool) {
        self.endpoint = endpoint
        self.pathNamesModel = pathNamesModel
        paths = RequestPaths.of(endpoint)
        scanner = JSONScanner(paths.set)
    }

    /// A reader for the lines of a batch, one after the other.
    static func ofLines() -> JSONRequestReader { JSONRequestReader(lines: .ofLine) }

    private init(lines paths: RequestPaths) {
        endpoint = .other
        pathNamesModel = false
        self.paths = paths
        scanner = JSONScanner(paths.set)
    }

    /// Ends a line, and returns its `url` and the metadata of its request. Call `reset` before the next one.
    func finishLine() throws(APIError) -> (url: String, endpoint: Endpoint, metadata: RequestMetadata) {
        do throws(JSONError) { try scanner.finish() } catch { throw APIError(error) }
        guard let url = scanner.string(RequestPaths.urlOfLine), !url.isEmpty else {
            throw .invalidValue("url", "the path of an endpoint")
        }
        (endpoint, paths) = RequestPaths.ofLine(to: url)
        return (url, endpoint, try requestMetadata(from: scanner))
    }

    /// Prepares for the next line.
    func reset() { scanner.reset() }

    func scan(_ bytes: Span<UInt8>) throws(APIError) {
        do throws(JSONError) { try scanner.scan(bytes) } catch { throw APIError(error) }
    }

    func finish() throws(APIError) -> RequestMetadata {
        do throws(JSONError) { try scanner.finish() } catch { throw APIError(error) }
        var metadata = RequestMetadata()
        if endpoint.bodyKind == .jsonWhereDeclared {
            // Lists and members of unknown meaning are left to the upstream.
            try readModel(from: scanner, into: &metadata)
            metadata.stream = scanner.kind(RequestPaths.stream) == .true
            readInput(from: scanner, into: &metadata.counters)
            return metadata
        }
        guard scanner.topLevel == .object else { throw .invalidJSON("The body is JSON but no object.") }
        if let inputFile = paths.places.inputFile {
            let fileID = try scanner.text(inputFile.index, inputFile.name, "a file's id")
            var endpoint: String?
            if let member = paths.places.batchEndpoint {
                endpoint = try scanner.text(member.index, member.name, "the path of an endpoint")
            }
            metadata.batch = BatchMetadata(inputFileID: fileID, endpoint: endpoint)
            return metadata
        }
        return try requestMetadata(from: scanner)
    }

    // A noncopyable property of an object is copied for each use of it, a parameter is not.

    private func requestMetadata(from scanner: borrowing JSONScanner) throws(APIError) -> RequestMetadata {
        var metadata = RequestMetadata()
        try readModel(from: scanner, into: &metadata)
        metadata.stream = try scanner.boolean(RequestPaths.stream, "stream") ?? false
        try readStreamOptions(from: scanner, into: &metadata)
        metadata.maxOutputTokens = try outputBound(from: scanner)
        metadata.user = scanner.string(RequestPaths.user).flatMap(UserName.cleaned)
        metadata.stored = try storedReferences(from: scanner)
        readInput(from: scanner, into: &metadata.counters)
        try readChoices(from: scanner, into: &metadata)
        if endpoint.writesText { locateOutputBound(from: scanner, in: &metadata) }
        return metadata
    }

    private func readModel(
        from scanner: borrowing JSONScanner, into metadata: inout RequestMetadata
    ) throws(APIError) {
        guard let found = scanner.found(RequestPaths.model) else {
            if pathNamesModel {
                metadata.modelPlace = .member(insertAt: scanner.contentStart ?? 1, isEmpty: scanner.topLevelIsEmpty)
            } else if endpoint.needsModel {
                throw .missingModel
            }
            return
        }
        if pathNamesModel, found.kind == .null {
            metadata.modelRange = found.range
            return
        }
        guard found.kind == .string, let text = found.text, ModelName.isValid(text) else { throw .invalidModel }
        metadata.model = text
        metadata.modelRange = found.range
    }

    private func readStreamOptions(
        from scanner: borrowing JSONScanner, into metadata: inout RequestMetadata
    ) throws(APIError) {
        guard let options = scanner.found(RequestPaths.streamOptions) else {
            metadata.streamOptions = .absent(insertAt: scanner.contentStart ?? 1, isEmpty: scanner.topLevelIsEmpty)
            return
        }
        switch options.kind {
        case .null: metadata.streamOptions = .null(options.range)
        case .object:
            metadata.includeUsage =
                try scanner.boolean(RequestPaths.includeUsage, "stream_options.include_usage") ?? false
            if let member = scanner.found(RequestPaths.includeUsage) {
                metadata.streamOptions = .member(member.range)
            } else {
                metadata.streamOptions = .object(
                    insertAt: options.range.lowerBound + 1, isEmpty: options.contentIsEmpty)
            }
        default: throw .invalidValue("stream_options", "an object or null")
        }
    }

    private func storedReferences(from scanner: borrowing JSONScanner) throws(APIError) -> StoredReferences? {
        guard let places = paths.places.stored else { return nil }
        let isStored = try scanner.boolean(places.store, "store") ?? true
        let isBackground = try scanner.boolean(places.background, "background") ?? false
        let responseID = try scanner.text(places.previous, "previous_response_id", "a response's id")
        let isObject = scanner.kind(places.conversation) == .object
        let conversationID = try scanner.text(
            isObject ? places.conversationID : places.conversation, "conversation",
            "a conversation's id, or an object with it")
        return StoredReferences(
            isStored: isStored, isBackground: isBackground, responseID: responseID, conversationID: conversationID)
    }

    /// The largest bound that the request sets, at least 1: the upstream may write a token where 0 is asked.
    private func outputBound(from scanner: borrowing JSONScanner) throws(APIError) -> Int64? {
        var bound: Int64?
        for member in paths.places.outputBounds {
            guard let value = try scanner.count(member.index, member.name, from: 0) else { continue }
            bound = max(bound ?? 1, value)
        }
        return bound
    }

    /// Finds the place where a bound can be written into a request that sets none.
    private func locateOutputBound(from scanner: borrowing JSONScanner, in metadata: inout RequestMetadata) {
        guard metadata.maxOutputTokens == nil, let member = paths.places.outputBounds.last else { return }
        if let found = scanner.found(member.index) {
            metadata.outputBoundPlace = .null(found.range)
        } else {
            metadata.outputBoundPlace = .absent(
                member: member.name, insertAt: scanner.contentStart ?? 1, isEmpty: scanner.topLevelIsEmpty)
        }
    }

    private func readChoices(
        from scanner: borrowing JSONScanner, into metadata: inout RequestMetadata
    ) throws(APIError) {
        metadata.choices = try scanner.count(RequestPaths.choices, "n", from: 1, to: RequestMetadata.choicesLimit) ?? 1
        metadata.generations = metadata.choices
        if let attempts = paths.places.attempts {
            let count = try scanner.count(attempts.index, attempts.name, from: 1, to: RequestMetadata.choicesLimit) ?? 1
            metadata.generations = max(metadata.choices, count)
        }
        if endpoint.writesText, paths.places.items != nil {
            let inputs = Int64(max(1, metadata.counters.inputItems))
            metadata.generations = metadata.generations.multipliedSaturated(by: inputs)
        }
        if endpoint.billing == .images { metadata.counters.images = metadata.choices }
    }

    private func readInput(from scanner: borrowing JSONScanner, into counters: inout RequestCounters) {
        for index in paths.places.texts {
            let length = scanner.textLength(index)
            counters.inputScalars += length.scalars
            counters.inputBytes += length.utf8Bytes
        }
        for medium in paths.places.media { readMedium(medium.text, medium.kind, from: scanner, into: &counters) }
        guard let items = paths.places.items, let found = scanner.found(items.list) else { return }
        counters.inputItems = found.kind == .array ? found.elements : 1
        if let text = paths.places.repeatedText {
            let further = Int64(max(0, counters.inputItems - 1))
            counters.repeatedBytes = Int64(scanner.textLength(text).utf8Bytes).multipliedSaturated(by: further)
        }
        switch scanner.kind(items.element) {
        case .number:
            // One input, written as the numbers of its tokens.
            counters.inputTokenIDs = found.elements
            counters.inputItems = 1
        case .array: counters.inputTokenIDs = scanner.found(items.element)?.elements ?? 0
        default: break
        }
    }

    private func readMedium(
        _ index: Int, _ kind: Medium.Kind, from scanner: borrowing JSONScanner, into counters: inout RequestCounters
    ) {
        let length = scanner.textLength(index)
        counters.inputScalars -= length.scalars
        counters.inputBytes -= length.utf8Bytes
        counters.mediaParts += scanner.textCount(index)
        switch kind {
        case .document: break
        case .image: counters.mediaBytes += length.utf8Bytes
        case .timed:
            counters.mediaBytes += length.utf8Bytes
            counters.timedMediaBytes += length.utf8Bytes
        }
    }
}

/// Values of members. Null means the same as an absent member.
extension JSONScanner {
    fileprivate func text(_ index: Int, _ name: String, _ expectation: String) throws(APIError) -> String? {
        guard let found = found(index), found.kind != .null else { return nil }
        guard let text = string(index) else { throw .invalidValue(name, expectation) }
        return text
    }

    fileprivate func boolean(_ index: Int, _ name: String) throws(APIError) -> Bool? {
        switch kind(index) {
        case nil, .null: return nil
        case .true: return true
        case .false: return false
        default: throw .invalidValue(name, "true or false")
        }
    }

    fileprivate func count(
        _ index: Int, _ name: String, from least: Int64, to most: Int64 = .max
    ) throws(APIError) -> Int64? {
        switch kind(index) {
        case nil, .null: return nil
        default:
            guard let value = integer(index), value >= least, value <= most else {
                let range = most == .max ? "of at least \(least)" : "from \(least) to \(most)"
                throw .invalidValue(name, "an integer \(range)")
            }
            return value
        }
    }
}
