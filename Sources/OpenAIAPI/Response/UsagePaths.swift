import Scanners

/// Where an answer states what was used, in all the shapes that are known, as indices into a list of watches.
struct UsagePaths: Sendable {
    private let prompt: [Int]
    private let completion: [Int]
    private let total: [Int]
    private let reasoning: [Int]
    private let cached: [Int]
    private let searchUnits: [Int]
    private let seconds: [Int]

    /// Adds the watches for an answer of `endpoint` to `paths`. `prefix` is the path to the answer in the document.
    init(_ endpoint: Endpoint, below prefix: String = "", to paths: inout [JSONPath]) {
        func add(_ names: [String]) -> [Int] {
            names.map { path in
                paths.append(JSONPath(prefix + path))
                return paths.count - 1
            }
        }
        // The newer names stand in the answers of paths that the gateway only forwards; streams of those nest them.
        let objects = endpoint == .other ? ["usage", "response.usage"] : ["usage"]
        func inUsage(_ names: [String], newer: [String]) -> [String] {
            objects.flatMap { object in (endpoint == .other ? names + newer : names).map { "\(object).\($0)" } }
        }
        prompt = add(inUsage(["prompt_tokens"], newer: ["input_tokens"]))
        total = add(inUsage(["total_tokens"], newer: []))
        switch endpoint {
        case .chatCompletions, .completions, .other:
            completion = add(inUsage(["completion_tokens"], newer: ["output_tokens"]))
            reasoning = add(
                inUsage(
                    ["reasoning_tokens", "completion_tokens_details.reasoning_tokens"],
                    newer: ["output_tokens_details.reasoning_tokens"]))
            cached = add(
                inUsage(["prompt_tokens_details.cached_tokens"], newer: ["input_tokens_details.cached_tokens"]))
        default:
            completion = []
            reasoning = []
            cached = []
        }
        searchUnits =
            endpoint == .rerank ? add(["usage.billed_units.search_units", "meta.billed_units.search_units"]) : []
        seconds =
            endpoint == .transcriptions || endpoint == .translations
            ? add(["duration", "usage.seconds", "segments[].end"]) : []
    }

    /// What the document in `scanner` states; nil where it states nothing.
    func usage(_ endpoint: Endpoint, in scanner: borrowing JSONScanner) -> UpstreamUsage? {
        var prompt = first(of: prompt, in: scanner)
        var completion = first(of: completion, in: scanner)
        let total = first(of: total, in: scanner)
        var usage = UpstreamUsage()
        usage.searchUnits = first(of: searchUnits, in: scanner)
        usage.audioMilliseconds = duration(in: scanner)
        guard (prompt ?? completion ?? total ?? usage.searchUnits ?? usage.audioMilliseconds) != nil else { return nil }
        if self.completion.isEmpty {
            prompt = prompt ?? total
        } else if let total {
            // One of the three follows from the other two.
            if prompt == nil, let completion { prompt = max(0, total - completion) }
            if completion == nil, let prompt { completion = max(0, total - prompt) }
        }
        usage.promptTokens = prompt ?? 0
        usage.completionTokens = completion ?? 0
        usage.totalTokens = total ?? usage.promptTokens + usage.completionTokens
        usage.reasoningTokens = first(of: reasoning, in: scanner) ?? 0
        usage.cachedTokens = first(of: cached, in: scanner) ?? 0
        usage.isStated =
            switch endpoint {
            case .rerank: usage.searchUnits != nil
            case .transcriptions, .translations: usage.audioMilliseconds != nil
            default: prompt != nil && (completion != nil || self.completion.isEmpty)
            }
        return usage
    }

    private func first(of indices: [Int], in scanner: borrowing JSONScanner) -> Int64? {
        for index in indices {
            if let value = scanner.integer(index), (0...UpstreamUsage.limit).contains(value) { return value }
        }
        return nil
    }

    private func duration(in scanner: borrowing JSONScanner) -> Int64? {
        for index in seconds {
            guard let found = scanner.found(index), found.kind == .number || found.kind == .string else { continue }
            if let milliseconds = found.text.flatMap(AudioDuration.milliseconds) { return milliseconds }
        }
        return nil
    }
}
