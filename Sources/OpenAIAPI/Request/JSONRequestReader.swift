import Scanners

/// A JSON body: its members that the gateway decides on. Any of them standing twice is refused.
final class JSONRequestReader {
    private let endpoint: Endpoint
    private let paths: RequestPaths
    private var scanner: JSONScanner

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
        paths = RequestPaths.paths(for: endpoint)
        scanner = JSONScanner(paths.list)
    }

    func scan(_ bytes: Span<UInt8>) throws(APIError) {
        do throws(JSONError) { try scanner.scan(bytes) } catch { throw APIError(error) }
    }

    func finish() throws(APIError) -> RequestMetadata {
        do throws(JSONError) { try scanner.finish() } catch { throw APIError(error) }
        var facts = RequestMetadata()
        // What an unknown endpoint makes of other members, or of a list, is not the gateway's to judge.
        if endpoint == .other {
            try readModel(into: &facts)
            facts.stream = scanner.kind(RequestPaths.stream) == .true
            return facts
        }
        guard scanner.topLevel == .object else { throw .invalidJSON("The body is JSON but no object.") }
        // A batch's requests have their models in a file.
        guard endpoint != .batches else {
            try readInputFile(into: &facts)
            return facts
        }
        try readModel(into: &facts)
        facts.stream = try boolean(RequestPaths.stream, "stream") ?? false
        try readStreamOptions(into: &facts)
        let completionTokens = try count(RequestPaths.maxCompletionTokens, "max_completion_tokens", from: 0)
        let tokens = try count(RequestPaths.maxTokens, "max_tokens", from: 0)
        facts.maxOutputTokens = completionTokens ?? tokens
        facts.choices = try count(RequestPaths.choices, "n", from: 1, to: RequestMetadata.choicesLimit) ?? 1
        facts.generations = facts.choices
        if let bestOf = paths.bestOf {
            facts.generations = max(
                facts.choices, try count(bestOf, "best_of", from: 1, to: RequestMetadata.choicesLimit) ?? 1)
        }
        if endpoint == .images { facts.amounts.images = facts.choices }
        facts.user = scanner.found(RequestPaths.user).flatMap { $0.kind == .string ? $0.text : nil }
            .flatMap(UserName.cleaned)
        facts.responseFormat = scanner.found(RequestPaths.responseFormat).flatMap {
            $0.kind == .string ? $0.text : nil
        }
        readInput(into: &facts)
        if endpoint.writesText { readOutputBoundPlace(into: &facts) }
        if endpoint == .completions {
            let (product, overflows) = facts.generations.multipliedReportingOverflow(
                by: Int64(max(1, facts.amounts.inputItems)))
            facts.generations = overflows ? .max : product
        }
        return facts
    }

    private func readOutputBoundPlace(into facts: inout RequestMetadata) {
        guard facts.maxOutputTokens == nil else { return }
        if let found = scanner.found(RequestPaths.maxTokens) {
            facts.outputBoundPlace = .null(found.range)
        } else {
            facts.outputBoundPlace = .absent(insertAt: scanner.contentStart ?? 1, isEmpty: scanner.topLevelIsEmpty)
        }
    }

    private func readModel(into facts: inout RequestMetadata) throws(APIError) {
        guard let found = scanner.found(RequestPaths.model) else {
            if endpoint.needsModel { throw .missingModel }
            return
        }
        guard found.kind == .string, let text = found.text, !text.isEmpty, text.utf8.count <= RequestMetadata.modelLimit
        else {
            throw .invalidModel
        }
        facts.model = text
        facts.modelRange = found.range
    }

    private func readInputFile(into facts: inout RequestMetadata) throws(APIError) {
        guard let found = paths.inputFile.flatMap({ scanner.found($0) }), found.kind != .null else { return }
        guard found.kind == .string, let text = found.text else { throw .invalidValue("input_file_id", "a file's id") }
        facts.inputFileID = text
    }

    private func readStreamOptions(into facts: inout RequestMetadata) throws(APIError) {
        guard let options = scanner.found(RequestPaths.streamOptions) else {
            let place = scanner.contentStart ?? 1
            return facts.streamOptions = .absent(insertAt: place, isEmpty: scanner.topLevelIsEmpty)
        }
        switch options.kind {
        case .null: facts.streamOptions = .null(options.range)
        case .object:
            facts.includeUsage = try boolean(RequestPaths.includeUsage, "stream_options.include_usage") ?? false
            if let member = scanner.found(RequestPaths.includeUsage) {
                facts.streamOptions = .member(member.range)
            } else {
                facts.streamOptions = .object(insertAt: options.range.lowerBound + 1, isEmpty: options.contentIsEmpty)
            }
        default: throw .invalidValue("stream_options", "an object or null")
        }
    }

    private func readInput(into facts: inout RequestMetadata) {
        for index in paths.texts {
            let length = scanner.textLength(index)
            facts.amounts.inputScalars += length.scalars
            facts.amounts.inputBytes += length.utf8Bytes
        }
        for index in paths.media {
            let length = scanner.textLength(index.text)
            facts.amounts.inputScalars -= length.scalars
            facts.amounts.inputBytes -= length.utf8Bytes
            facts.amounts.mediaParts += scanner.found(index.members)?.elements ?? 0
        }
        guard let items = paths.items, let found = scanner.found(items.list) else { return }
        facts.amounts.inputItems = found.kind == .array ? found.elements : 1
        switch scanner.kind(items.element) {
        case .number:
            // One input, as the numbers of its tokens.
            facts.amounts.inputTokenIDs = found.elements
            facts.amounts.inputItems = 1
        case .array: facts.amounts.inputTokenIDs = scanner.found(items.element)?.elements ?? 0
        default: break
        }
    }

    /// `null` is as good as absent.
    private func boolean(_ index: Int, _ name: String) throws(APIError) -> Bool? {
        switch scanner.kind(index) {
        case nil, .null: return nil
        case .true: return true
        case .false: return false
        default: throw .invalidValue(name, "true or false")
        }
    }

    private func count(
        _ index: Int, _ name: String, from least: Int64, to most: Int64 = .max
    ) throws(APIError) -> Int64? {
        switch scanner.kind(index) {
        case nil, .null: return nil
        default:
            guard let value = scanner.integer(index), value >= least, value <= most else {
                let range = most == .max ? "of at least \(least)" : "from \(least) to \(most)"
                throw .invalidValue(name, "an integer \(range)")
            }
            return value
        }
    }
}

extension APIError {
    /// What is wrong with a JSON body, for its sender.
    init(_ error: JSONError) {
        switch error.kind {
        case .duplicateMember(let name): self = .duplicateMember(name)
        default: self = .invalidJSON(error.message)
        }
    }
}
