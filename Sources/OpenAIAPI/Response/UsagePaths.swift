import Scanners

/// A `UsageLayout` as indices into a set of JSON paths.
struct UsagePaths: Sendable {
    private let prompt: [Int]
    private let completion: [Int]
    private let total: [Int]
    private let reasoning: [Int]
    private let cached: [Int]
    private let searchUnits: [Int]
    private let seconds: [Int]

    /// Adds the paths of `layout` to `paths`. `prefix` is the path of the response in the document.
    init(_ layout: UsageLayout, below prefix: String = "", to paths: inout [JSONPath]) {
        func add(_ names: [String]) -> [Int] {
            names.map { name in
                paths.append(JSONPath(prefix + name))
                return paths.count - 1
            }
        }
        prompt = add(layout.prompt)
        completion = add(layout.completion)
        total = add(layout.total)
        reasoning = add(layout.reasoning)
        cached = add(layout.cached)
        searchUnits = add(layout.searchUnits)
        seconds = add(layout.seconds)
    }

    /// The usage that the document in `scanner` states; nil if it states none.
    func usage(in scanner: borrowing JSONScanner) -> UpstreamUsage? {
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
        usage.reasoningTokens = first(of: reasoning, in: scanner) ?? 0
        usage.cachedTokens = first(of: cached, in: scanner) ?? 0
        if !searchUnits.isEmpty {
            usage.isStated = usage.searchUnits != nil
        } else if !seconds.isEmpty {
            usage.isStated = usage.audioMilliseconds != nil
        } else {
            usage.isStated = prompt != nil && (completion != nil || self.completion.isEmpty)
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
